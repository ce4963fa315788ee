import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { readSync } from "node:fs";
import { HASH_ALGORITHM } from "./tables.ts";

/** Bytes that are read at a time; where memory is scarce, the fewer. */
export const CHUNK = { usual: 2 ** 18, thrifty: 2 ** 14 } as const;

let chunk = Buffer.alloc(CHUNK.usual);

/** Reads an open file from a place on; how many bytes there were. */
export type ReadAt = (file: number, into: Uint8Array, at: number) => number;

const readAt: ReadAt = (file, into, at) => readSync(file, into, 0, into.length, at);

/** Hashes an open file from its beginning; `undefined` where the deadline (as `performance.now()` counts) comes first. */
export function digest(
  file: number,
  deadline: number,
  read: ReadAt = readAt,
  size: number = CHUNK.usual,
): string | undefined {
  if (chunk.length !== size) chunk = Buffer.alloc(size);
  const hash = createHash(HASH_ALGORITHM);
  for (let at = 0; performance.now() < deadline;) {
    const count = read(file, chunk, at);
    if (count === 0) return hash.digest("hex");
    hash.update(chunk.subarray(0, count));
    at += count;
  }
  return undefined;
}
