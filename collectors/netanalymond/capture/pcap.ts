import { type FrameFormat, MAX_FRAME } from "./frame.ts";

/** The first four bytes, read as little-endian: which order the numbers have, and how many fractions a second. */
const MAGIC: ReadonlyMap<number, { readonly little: boolean; readonly fractions: number }> =
  new Map([
    [0xa1b2c3d4, { little: true, fractions: 1e6 }],
    [0xd4c3b2a1, { little: false, fractions: 1e6 }],
    [0xa1b23c4d, { little: true, fractions: 1e9 }],
    [0x4d3cb2a1, { little: false, fractions: 1e9 }],
  ]);

const FILE_HEADER = 24;
const RECORD_HEADER = 16;

/** Whether four bytes, read as little-endian, begin such a file. */
export function isPcap(magic: number): boolean {
  return MAGIC.has(magic);
}

/** Reads a pcap file (draft-ietf-opsawg-pcap). */
export function createPcap(): FrameFormat {
  let little = true;
  let fractions = 1e6;
  let link = -1;
  return {
    step(bytes, at, take) {
      const view = new DataView(bytes.buffer, bytes.byteOffset + at, bytes.length - at);
      if (link < 0) {
        if (view.byteLength < FILE_HEADER) return at;
        ({ little, fractions } = MAGIC.get(view.getUint32(0, true))!);
        // The upper bits tell of a checksum at the end of each frame.
        link = view.getUint32(20, little) & 0xffff;
        return at + FILE_HEADER;
      }
      if (view.byteLength < RECORD_HEADER) return at;
      const length = view.getUint32(8, little);
      if (length > MAX_FRAME) throw new SyntaxError(`a packet of ${length} bytes is none`);
      const start = at + RECORD_HEADER;
      if (bytes.length - start < length) return at;
      const time = view.getUint32(0, little) * 1000 + view.getUint32(4, little) * 1000 / fractions;
      take({ time, link, bytes: bytes.subarray(start, start + length) });
      return start + length;
    },
  };
}
