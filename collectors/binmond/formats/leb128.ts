/** A number of seven bits a byte, the lowest first, and where what follows it begins. */
export interface Leb128 {
  /** The number; those from 2^53 on are not exact. */
  readonly value: number;
  /** The place behind it. */
  readonly next: number;
}

/** Reads an unsigned number; `undefined` where the bytes end within it, or where it is longer than any of 64 bits. */
export function readLeb128(bytes: Uint8Array, at: number): Leb128 | undefined {
  let value = 0;
  for (let index = 0; index < 10; index++) {
    const byte = bytes[at + index];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, next: at + index + 1 };
  }
  return undefined;
}
