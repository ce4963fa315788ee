import { type SqlValue, textOf } from "./text.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Shannon entropy in bits per byte of UTF-8, from 0 (empty, or one byte repeated) to 8; NULL of NULL. */
export function entropy(value: SqlValue): number | null {
  const bytes = value instanceof Uint8Array ? value : encode(textOf(value));
  if (!bytes) return null;
  const counts = new Uint32Array(256);
  for (const byte of bytes) counts[byte]!++;
  let sum = 0;
  for (const count of counts) {
    if (count > 0) sum -= count / bytes.length * Math.log2(count / bytes.length);
  }
  return sum + 0;
}

function encode(text: string | null): Uint8Array | null {
  return text === null ? null : encoder.encode(text);
}

/**
 * The text behind base64, in the standard or the URL-safe alphabet, padded or not, white space ignored. What is not
 * UTF-8 becomes U+FFFD, as does NUL, which would end the text in SQL. NULL of NULL and of what is not base64.
 */
export function fromBase64(value: SqlValue): string | null {
  const text = textOf(value);
  if (text === null) return null;
  try {
    const standard = text.replaceAll("-", "+").replaceAll("_", "/");
    return decoder.decode(Uint8Array.fromBase64(standard)).replaceAll("\0", "\uFFFD");
  } catch {
    return null;
  }
}
