import { bytesToText, textToBytes } from "../core/fanotify/records.ts";

const STRICT = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });
const LENIENT = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * A path, which has a character for each of its bytes, as text: U+FFFD for bytes that are not UTF-8, and then the bytes
 * besides, in hexadecimal.
 */
export function pathText(path: string): { readonly text: string; readonly bytes?: string } {
  if (/^[\0-\x7f]*$/.test(path)) return { text: path };
  const bytes = textToBytes(path);
  try {
    return { text: STRICT.decode(bytes) };
  } catch {
    return { text: LENIENT.decode(bytes), bytes: bytes.toHex() };
  }
}

/** Text as a path with a character for each of its bytes. */
export function bytesOf(path: string): string {
  return bytesToText(new TextEncoder().encode(path));
}
