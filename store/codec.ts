import { gunzipSync, gzipSync } from "node:zlib";
import { StoreError } from "./error.ts";

/** The most bytes of one value; Deno KV allows 65,536. */
export const MAX_VALUE_BYTES = 60 * 1024;

/** The most text that a value may unfold to. No honest row comes near it, and a forged one cannot exhaust memory. */
const MAX_TEXT_BYTES = 256 * 1024 * 1024;

/**
 * The bytes of a value: JSON through gzip. gzip's checksum is why: a value that was damaged on disk is recognised. Level
 * 3 takes two thirds of the default level's time for 6 % more bytes.
 *
 * @throws {RangeError} where the text would be too long to be read back
 */
export function encode(value: unknown): Uint8Array {
  return encodeText(JSON.stringify(value));
}

/** {@linkcode encode} for text that is JSON already. */
export function encodeText(text: string): Uint8Array {
  if (text.length > MAX_TEXT_BYTES / 3) throw new RangeError("a value is too long to be stored");
  return gzipSync(text, text.length <= SMALL ? { ...PACKING, ...SMALL_TABLES } : PACKING);
}

const PACKING = { level: 3 };

/** For little text, in characters, the tables of zlib would take longer to set up than the packing. */
const SMALL = 4096;
const SMALL_TABLES = { memLevel: 4, windowBits: 12 };

/**
 * The value of bytes that {@linkcode encode} made.
 *
 * @param what names the value in the error
 * @throws {StoreError} `corrupt` where they are anything else
 */
export function decode(bytes: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(gunzipSync(bytes, { maxOutputLength: MAX_TEXT_BYTES }).toString());
  } catch {
    throw corrupt(what);
  }
}

/** The error for a value that is not what was written. */
export function corrupt(what: string): StoreError {
  return new StoreError("corrupt", `the store is damaged: ${what} cannot be read`);
}

/** Cuts bytes into parts that fit a value each; at least one. */
export function cut(bytes: Uint8Array): Uint8Array[] {
  const parts = [];
  for (let at = 0; at === 0 || at < bytes.length; at += MAX_VALUE_BYTES) {
    parts.push(bytes.subarray(at, at + MAX_VALUE_BYTES));
  }
  return parts;
}

/** Joins what {@linkcode cut} made. */
export function join(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
