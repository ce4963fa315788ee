import { parseMachO } from "../formats/macho.ts";
import { parsePe } from "../formats/pe.ts";
import type { OpenFile } from "../targets.ts";
import { readAuthenticode } from "./authenticode.ts";
import { readCodeSignature } from "./macho.ts";
import { readModuleSignature } from "./module.ts";
import type { Signature } from "./types.ts";

/** What is read of a file to try its signature. */
export type SignedFile = Pick<OpenFile, "size" | "readInto" | "checkTime" | "source">;

/**
 * Tries the signature that a file carries, of the kind that its format has. `undefined` where it carries none.
 *
 * @param certificates of those who may have signed a kernel module
 * @throws {Error} where there is one that cannot be read
 */
export function readSignature(
  file: SignedFile,
  certificates: () => readonly Uint8Array[],
): Signature | undefined {
  const source = file.source();
  const magic = String.fromCharCode(...source.read(0, 4));
  if (magic.startsWith("MZ")) {
    const pe = parsePe(source);
    return pe && readAuthenticode(pe, file);
  }
  if (magic === "\x7fELF") return readModuleSignature(source, file, certificates);
  return readCodeSignature(parseMachO(source) ?? [], file);
}
