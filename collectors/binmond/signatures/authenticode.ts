import { DIRECTORY, type Pe } from "../formats/pe.ts";
import { Exhausted } from "../formats/source.ts";
import { isSame, TAG, within } from "./der.ts";
import { digestOf } from "./digest.ts";
import { HASHES, oidOf, readSignedData } from "./signed_data.ts";
import { readTimestamp } from "./timestamp.ts";
import type { FileBytes, Signature } from "./types.ts";

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
export function readAuthenticode(pe: Pe, file: FileBytes): Signature | undefined {
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
  if (data.chain.length === 0) throw new SyntaxError("the signer's certificate is missing");
  const [, info] = within(data.content, TAG.SEQUENCE);
  const [algorithm, told] = within(info, TAG.SEQUENCE);
  const hash = HASHES[oidOf(algorithm)];
  if (!hash || told?.tag !== TAG.OCTETS) throw new SyntaxError("a digest of no known kind");
  // The checksum, the place of the signature, and the signature are not signed; what somebody has put behind it is.
  const checksum = pe.start + 24 + 64;
  const directory = pe.start + 24 + (pe.is64 ? 112 : 96) + 8 * DIRECTORY.CERTIFICATES;
  const digest = digestOf(file, hash, [
    [0, checksum],
    [checksum + 4, directory],
    [directory + 8, address],
    [address + size, file.size],
  ]);
  // One that lies among the sections would push what was signed to where the loader does not look for it.
  const isBehind = pe.sections.every(({ offset, size }) =>
    offset === 0 || offset + size <= address
  );
  const time = readTimestamp(data);
  return {
    format: "authenticode",
    valid: isBehind && isSame(told.content, digest) && data.valid,
    chain: data.chain,
    ...(typeof time === "number" && { time }),
    timeUnknown: time === "unknown",
    details: [{ hash }],
  };
}
