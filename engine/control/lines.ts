/** The longest request and the longest answer, in bytes: a line of JSON each. */
export const MAX_REQUEST = 64 * 1024;
export const MAX_ANSWER = 4 * 1024 * 1024;

/**
 * Reads a line of at most `most` bytes.
 *
 * @returns the line without its end, `undefined` where the stream ends before or the line is longer
 */
export async function readLine(
  from: { read(buffer: Uint8Array): Promise<number | null> },
  most: number,
): Promise<string | undefined> {
  const parts: Uint8Array[] = [];
  let length = 0;
  while (length <= most) {
    const buffer = new Uint8Array(16 * 1024);
    const read = await from.read(buffer);
    if (read === null) return undefined;
    const end = buffer.subarray(0, read).indexOf(0x0a);
    const part = buffer.subarray(0, end < 0 ? read : end);
    parts.push(part);
    length += part.length;
    if (end >= 0) break;
  }
  if (length > most) return undefined;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return new TextDecoder().decode(bytes);
}

/** Writes all of a text. */
export async function writeText(
  to: { write(bytes: Uint8Array): Promise<number> },
  text: string,
): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += await to.write(bytes.subarray(at));
}
