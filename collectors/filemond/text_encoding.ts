const BYTE_ORDER_MARKS: readonly (readonly [string, readonly number[]])[] = [
  ["utf-8", [0xef, 0xbb, 0xbf]],
  ["utf-32le", [0xff, 0xfe, 0, 0]],
  ["utf-32be", [0, 0, 0xfe, 0xff]],
  ["utf-16le", [0xff, 0xfe]],
  ["utf-16be", [0xfe, 0xff]],
];

/** Control characters that texts have: from backspace to carriage return, and escape. */
const isText = (byte: number) =>
  byte >= 0x20 ? byte !== 0x7f : byte >= 8 && byte <= 13 || byte === 27;

/**
 * The encoding of a text, by its first bytes; `null` for what is no text, or empty. Without a byte order mark, text with
 * zero bytes is not told from other contents.
 */
export function encodingOf(head: Uint8Array): string | null {
  if (head.length === 0) return null;
  const marked = BYTE_ORDER_MARKS.find(([, mark]) => mark.every((byte, at) => head[at] === byte));
  if (marked) return marked[0];
  if (!head.every(isText)) return null;
  if (head.every((byte) => byte < 0x80)) return "us-ascii";
  try {
    // What was cut off within a character is no fault.
    new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: true });
    return "utf-8";
  } catch {
    return head.every((byte) => byte < 0x80 || byte >= 0xa0) ? "iso-8859-1" : null;
  }
}

/** Whether a content is no text. */
export function isBinary(head: Uint8Array): boolean {
  return head.length > 0 && encodingOf(head) === null;
}
