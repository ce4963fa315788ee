import { crc32 } from "node:zlib";

/*
 * A line of a collector is a JSON object whose last member is the CRC-32 of all bytes before it, as eight hexadecimal
 * digits: `{"type":"batch",…,"checksum":"0123abcd"}`. It tells the line of a message from one into which something else
 * was written, such as the output of a library, and from one that was cut.
 */
const MEMBER = ',"checksum":"';
/** Bytes of the member and of what ends the object. */
const TAIL = MEMBER.length + 8 + 2;
const CLOSE = 0x7d;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The line of a message, an object with at least one member, with its checksum and the newline. */
export function frame(message: Readonly<Record<string, unknown>> | object): Uint8Array {
  const body = encoder.encode(JSON.stringify(message).slice(0, -1));
  const line = new Uint8Array(body.length + TAIL + 1);
  line.set(body);
  line.set(encoder.encode(`${MEMBER}${checksum(body)}"}\n`), body.length);
  return line;
}

/**
 * The text of the message in a line, without its checksum; `undefined` where the checksum is missing or is another. The
 * bytes of the line are no longer the same afterwards.
 */
export function unframe(line: Uint8Array): string | undefined {
  const end = line.length - TAIL;
  if (end < 1) return undefined;
  const body = line.subarray(0, end);
  if (decoder.decode(line.subarray(end)) !== `${MEMBER}${checksum(body)}"}`) return undefined;
  line[end] = CLOSE;
  return decoder.decode(line.subarray(0, end + 1));
}

function checksum(bytes: Uint8Array): string {
  return crc32(bytes).toString(16).padStart(8, "0");
}
