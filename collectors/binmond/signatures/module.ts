import { Exhausted, type Source } from "../formats/source.ts";
import { feed } from "./digest.ts";
import { onOneLine, shortName } from "./names.ts";
import { readSignedData } from "./signed_data.ts";
import { type FileBytes, MAX_HASHED, type Signature } from "./types.ts";

/** What ends a file that is signed as kernel modules are (`scripts/sign-file.c`). */
const MARK = "~Module signature appended~\n";
/** Bytes of `struct module_signature` (`include/linux/module_signature.h`). */
const TRAILER = 12;
/** `PKEY_ID_PKCS7`, the only kind since Linux 4.3. */
const PKCS7 = 2;
const MAX_SIGNATURE = 2 ** 20;

/**
 * Tries the signature at the end of a kernel module, over all bytes before it. The kernel's own messages carry no
 * certificate, so one has to be known. `undefined` where there is no signature.
 *
 * @throws {SyntaxError} where the signature cannot be read
 */
export function readModuleSignature(
  source: Source,
  file: FileBytes,
  certificates: () => readonly Uint8Array[],
): Signature | undefined {
  const end = file.size - MARK.length;
  if (String.fromCharCode(...source.read(end, MARK.length)) !== MARK) return undefined;
  const trailer = source.read(end - TRAILER, TRAILER);
  if (trailer.length < TRAILER) throw new SyntaxError("the signature is cut off");
  const length = new DataView(trailer.buffer, trailer.byteOffset).getUint32(8);
  const start = end - TRAILER - length;
  // The kernel wants zeros in all fields that only older kinds had.
  const isKnown = trailer[2] === PKCS7 && [0, 1, 3, 4, 5, 6, 7].every((at) => trailer[at] === 0);
  if (!isKnown) throw new SyntaxError("no signature of a known kind");
  if (length > MAX_SIGNATURE || start < 0) throw new SyntaxError("a length that none has");
  if (start > MAX_HASHED) throw new Exhausted("budget");
  const { valid, chain, signer, hash } = readSignedData(source.read(start, length), {
    content: (sink) => feed(sink, file, 0, start),
    certificates: certificates(),
  });
  return {
    format: "kernel_module",
    valid,
    chain,
    ...(signer.issuer !== undefined && { issuer: shortName(signer.issuer) }),
    details: [{
      hash: hash ?? null,
      ...signer,
      ...(signer.issuer !== undefined && { issuer: onOneLine(signer.issuer) }),
    }],
  };
}
