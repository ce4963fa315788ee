import { Buffer } from "node:buffer";
import { createHash, type Hash } from "node:crypto";
import { readSync } from "node:fs";
import { HASH_ALGORITHM } from "./tables.ts";

/** Bytes that are read at a time; where memory is scarce, the fewer. */
export const CHUNK = { usual: 2 ** 18, thrifty: 2 ** 14 } as const;

let chunk = Buffer.alloc(CHUNK.usual);

/** Reads an open file from a place on; how many bytes there were. */
export type ReadAt = (file: number, into: Uint8Array, at: number) => number;

const readAt: ReadAt = (file, into, at) => readSync(file, into, 0, into.length, at);

/** How far a file has been hashed. */
export interface Progress {
  readonly hash: Hash;
  /** Bytes. */
  at: number;
}

/** Nothing of a file hashed yet. */
export function beginDigest(): Progress {
  return { hash: createHash(HASH_ALGORITHM), at: 0 };
}

/**
 * Hashes an open file from where it was left to its end; `undefined` where the deadline (as `performance.now()` counts)
 * comes first, after which it may be gone on with.
 */
export function digest(
  file: number,
  deadline: number,
  read: ReadAt = readAt,
  size: number = CHUNK.usual,
  progress: Progress = beginDigest(),
): string | undefined {
  if (chunk.length !== size) chunk = Buffer.alloc(size);
  const { hash } = progress;
  while (performance.now() < deadline) {
    const count = read(file, chunk, progress.at);
    if (count === 0) return hash.digest("hex");
    hash.update(chunk.subarray(0, count));
    progress.at += count;
  }
  return undefined;
}
