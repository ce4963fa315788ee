/** Numbers in some bytes, in the file's byte order. Every place has to lie within the bytes. */
export interface Fields {
  /** How many bytes there are. */
  readonly length: number;
  /** One byte. */
  u8(at: number): number;
  /** Two bytes. */
  u16(at: number): number;
  /** Four bytes. */
  u32(at: number): number;
  /** Eight bytes; those from 2^53 on are not exact, which lies beyond the end of every file. */
  u64(at: number): number;
  /** Eight bytes as hexadecimal digits with `0x`. */
  hex64(at: number): string;
}

/** Reads numbers from bytes. */
export function fieldsOf(bytes: Uint8Array, littleEndian: boolean): Fields {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    length: bytes.length,
    u8: (at) => view.getUint8(at),
    u16: (at) => view.getUint16(at, littleEndian),
    u32: (at) => view.getUint32(at, littleEndian),
    u64: (at) => {
      const [low, high] = littleEndian ? [at, at + 4] : [at + 4, at];
      return view.getUint32(high, littleEndian) * 2 ** 32 + view.getUint32(low, littleEndian);
    },
    hex64: (at) => `0x${view.getBigUint64(at, littleEndian).toString(16)}`,
  };
}

/** A number as hexadecimal digits with `0x`. */
export function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
