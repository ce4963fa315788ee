import { createHash } from "node:crypto";
import type { FileBytes } from "./types.ts";

const chunk = new Uint8Array(2 ** 20);

/** What takes bytes one part after the other, as hashes do. */
export interface Sink {
  /** Takes a part, which is valid only now. */
  update(part: Uint8Array): unknown;
}

/** Gives a range of a file to a hash, up to the file's end. What the time's check throws passes through. */
export function feed(
  sink: Sink,
  { size, readInto, checkTime }: FileBytes,
  from: number,
  to: number,
): void {
  const end = Math.min(to, size);
  for (let at = from; at < end;) {
    checkTime();
    const count = readInto(chunk.subarray(0, Math.min(chunk.length, end - at)), at);
    if (count === 0) break;
    sink.update(chunk.subarray(0, count));
    at += count;
  }
}

/** The digest of ranges of a file, one after the other. */
export function digestOf(
  file: FileBytes,
  algorithm: string,
  ranges: readonly (readonly [from: number, to: number])[],
): Uint8Array {
  const hash = createHash(algorithm);
  for (const [from, to] of ranges) feed(hash, file, from, to);
  return hash.digest();
}
