import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { createSource, Exhausted } from "../formats/source.ts";
import type { SignedFile } from "./read.ts";

/** Bytes of a compressed module, and of what becomes of it, at most: the largest of all, graphics drivers, have 30 MB. */
const MAX_PACKED = 32 * 2 ** 20;
const MAX_UNPACKED = 128 * 2 ** 20;

const GZIP = "\x1f\x8b";
const ZSTD = "\x28\xb5\x2f\xfd";
const XZ = "\xfd7zXZ\0";

/** How a file is compressed, by its first bytes. */
export function compressionOf(file: SignedFile): "gzip" | "zstd" | "xz" | undefined {
  const magic = String.fromCharCode(...file.source().read(0, XZ.length));
  if (magic.startsWith(GZIP)) return "gzip";
  if (magic.startsWith(ZSTD)) return "zstd";
  return magic === XZ ? "xz" : undefined;
}

/**
 * What a compressed file holds, as a file.
 *
 * @throws {Exhausted} where that is more than a module has
 * @throws {Error} where it is broken
 */
export function unpack(file: SignedFile, compression: "gzip" | "zstd"): SignedFile {
  if (file.size > MAX_PACKED) throw new Exhausted("budget");
  const packed = file.source().read(0, file.size);
  const bytes = inflate(packed, compression);
  const open = {
    size: bytes.length,
    checkTime: file.checkTime,
    readInto(buffer: Uint8Array, offset: number) {
      const part = bytes.subarray(offset, offset + buffer.length);
      buffer.set(part);
      return part.length;
    },
  };
  return { ...open, source: () => createSource(open) };
}

function inflate(packed: Uint8Array, compression: "gzip" | "zstd"): Uint8Array {
  try {
    const options = { maxOutputLength: MAX_UNPACKED };
    return compression === "gzip"
      ? gunzipSync(packed, options)
      : zstdDecompressSync(packed, options);
  } catch (error) {
    const { code } = error as { readonly code?: string };
    if (code === "ERR_BUFFER_TOO_LARGE") throw new Exhausted("budget");
    throw error;
  }
}
