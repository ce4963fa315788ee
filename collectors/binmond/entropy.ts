/** Counts bytes. */
export interface ByteCounts {
  /** Counts some more. */
  add(bytes: Uint8Array): void;
  /** Shannon entropy of what was counted, in bits a byte: 0 where all are the same or there are none, at most 8. */
  entropy(): number;
}

/** Makes a {@linkcode ByteCounts}. */
export function countBytes(): ByteCounts {
  const counts = new Float64Array(256);
  // Several tables, because counting the same byte twice in a row has to wait until the first is written.
  const [one, two, three, four] = Array.from({ length: 4 }, () => new Uint32Array(256)) as [
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ];
  let total = 0;
  return {
    add(bytes) {
      const { length } = bytes;
      let at = 0;
      for (; at + 3 < length; at += 4) {
        one[bytes[at]!]!++;
        two[bytes[at + 1]!]!++;
        three[bytes[at + 2]!]!++;
        four[bytes[at + 3]!]!++;
      }
      for (; at < length; at++) one[bytes[at]!]!++;
      for (const table of [one, two, three, four]) {
        for (let byte = 0; byte < 256; byte++) counts[byte]! += table[byte]!;
        table.fill(0);
      }
      total += length;
    },
    entropy() {
      let sum = 0;
      for (const count of counts) if (count > 0) sum -= count / total * Math.log2(count / total);
      // Not minus zero, which adding nothing would leave.
      return Math.min(8, Math.max(0, sum));
    },
  };
}
