import { createHash } from "node:crypto";
import type { OpenFile } from "../targets.ts";
import { DIRECTORY, type Directory, type Pe } from "../formats/pe.ts";
import { Exhausted } from "../formats/source.ts";
import { isSame, TAG, within } from "./der.ts";
import { HASHES, oidOf, readSignedData, type SignedData } from "./signed_data.ts";

/** Bytes of a signature at most. */
const MAX_SIGNATURE = 4 * 2 ** 20;
/** `WIN_CERT_TYPE_PKCS_SIGNED_DATA`. */
const PKCS7 = 2;

/**
 * Tries the Authenticode signature of a PE file: whether the file has the digest that was signed, and whether it was
 * signed (Microsoft, Windows Authenticode Portable Executable Signature Format). `undefined` where it has no signature.
 *
 * @throws {SyntaxError} where the signature cannot be read
 */
export function readAuthenticode(
  pe: Pe,
  file: Pick<OpenFile, "size" | "readInto" | "checkTime">,
): SignedData | undefined {
  const { address, size } = pe.directories[DIRECTORY.CERTIFICATES] ?? { address: 0, size: 0 };
  if (size === 0) return undefined;
  if (size > MAX_SIGNATURE) throw new Exhausted("budget");
  const bytes = pe.source.read(address, size);
  if (bytes.length < 8) throw new SyntaxError("the signature is cut off");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(0, true);
  if (length < 8 || length > bytes.length || view.getUint16(6, true) !== PKCS7) {
    throw new SyntaxError("no signature of a known kind");
  }
  const data = readSignedData(bytes.subarray(8, length));
  const [, info] = within(data.content, TAG.SEQUENCE);
  const [algorithm, told] = within(info, TAG.SEQUENCE);
  const hash = HASHES[oidOf(algorithm)];
  if (!hash || told?.tag !== TAG.OCTETS) throw new SyntaxError("a digest of no known kind");
  return {
    ...data,
    valid: data.valid && isSame(told.content, digestOf(pe, file, hash, { address, size })),
  };
}

/** The digest of a file without its checksum, the place of its signature, and the signature. */
function digestOf(
  { start, is64 }: Pe,
  { readInto, checkTime, size }: Pick<OpenFile, "size" | "readInto" | "checkTime">,
  algorithm: string,
  { address, size: length }: Directory,
): Uint8Array {
  const checksum = start + 24 + 64;
  const directory = start + 24 + (is64 ? 112 : 96) + 8 * DIRECTORY.CERTIFICATES;
  const hash = createHash(algorithm);
  const chunk = new Uint8Array(2 ** 20);
  const end = Math.min(size, address);
  for (
    const [from, to] of [
      [0, checksum],
      [checksum + 4, directory],
      [directory + 8, end], // What somebody has put behind the signature was not signed.
      [address + length, size],
    ] as const
  ) {
    for (let at = from; at < to;) {
      checkTime();
      const count = readInto(chunk.subarray(0, Math.min(chunk.length, to - at)), at);
      if (count === 0) break;
      hash.update(chunk.subarray(0, count));
      at += count;
    }
  }
  return hash.digest();
}
