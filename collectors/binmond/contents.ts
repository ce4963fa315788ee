import { createHash } from "node:crypto";
import { countBytes } from "./entropy.ts";
import { Exhausted } from "./formats/source.ts";
import type { OpenFile } from "./targets.ts";

/** What is found out by reading every byte of a file. */
export interface Contents {
  /** Shannon entropy, bits a byte. */
  readonly entropy?: number;
  /** SHA-256, hexadecimal. */
  readonly sha256_hash?: string;
  /** MD5, hexadecimal. */
  readonly md5_hash?: string;
}

/** Names of what {@linkcode readContents} finds out. */
export const CONTENT_COLUMNS = ["entropy", "sha256_hash", "md5_hash"] as const;

/** Bytes of a file that is read in full at most. */
export const MAX_CONTENT = 2 ** 30;

const chunk = new Uint8Array(2 ** 20);

/**
 * Reads a file once, from its beginning to its end, for what is wanted of it.
 *
 * @throws {Exhausted} where it is larger than {@linkcode MAX_CONTENT}, or takes too long
 */
export function readContents(
  { size, readInto, checkTime }: Pick<OpenFile, "size" | "readInto" | "checkTime">,
  wanted: ReadonlySet<string>,
): Contents {
  if (size > MAX_CONTENT) throw new Exhausted("budget");
  const bytes = wanted.has("entropy") ? countBytes() : undefined;
  const sha256 = wanted.has("sha256_hash") ? createHash("sha256") : undefined;
  const md5 = wanted.has("md5_hash") ? createHash("md5") : undefined;
  for (let at = 0;;) {
    checkTime();
    const count = readInto(chunk, at);
    if (count === 0) break;
    const part = chunk.subarray(0, count);
    bytes?.add(part);
    sha256?.update(part);
    md5?.update(part);
    at += count;
    // It grows while it is read.
    if (at > MAX_CONTENT) throw new Exhausted("budget");
  }
  return {
    ...(bytes && { entropy: bytes.entropy() }),
    ...(sha256 && { sha256_hash: sha256.digest("hex") }),
    ...(md5 && { md5_hash: md5.digest("hex") }),
  };
}
