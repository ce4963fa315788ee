import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { readSync } from "node:fs";
import { HASH_ALGORITHM } from "./tables.ts";

const chunk = Buffer.alloc(2 ** 20);

/** Hashes an open file from its beginning; `undefined` where the deadline (as `performance.now()` counts) comes first. */
export function digest(file: number, deadline: number): string | undefined {
  const hash = createHash(HASH_ALGORITHM);
  for (let at = 0; performance.now() < deadline;) {
    const count = readSync(file, chunk, 0, chunk.length, at);
    if (count === 0) return hash.digest("hex");
    hash.update(chunk.subarray(0, count));
    at += count;
  }
  return undefined;
}
