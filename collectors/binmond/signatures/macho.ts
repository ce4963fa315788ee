import { createHash } from "node:crypto";
import { LC, type MachO } from "../formats/macho.ts";
import { fieldsOf } from "../formats/fields.ts";
import { Exhausted } from "../formats/source.ts";
import { isSame, toHex } from "./der.ts";
import { digestOf } from "./digest.ts";
import { type CodeDirectory, flagNames, readCodeDirectory } from "./code_directory.ts";
import { readSignedData, type SignedData } from "./signed_data.ts";
import { readTimestamp } from "./timestamp.ts";
import { type FileBytes, MAX_HASHED, type Signature } from "./types.ts";

/** Bytes of the signature of one image at most: a digest of 32 bytes for each page of 4 kB of 1 GB takes 8 MB. */
const MAX_SIGNATURE = 32 * 2 ** 20;
/** Parts of a signature that are looked at. */
const MAX_BLOBS = 64;
/** `CSMAGIC_*`. */
const MAGIC = { SIGNATURE: 0xfade_0cc0, DIRECTORY: 0xfade_0c02, WRAPPER: 0xfade_0b01 } as const;
/** `CSSLOT_*`. */
const SLOT = {
  DIRECTORY: 0,
  ENTITLEMENTS: 5,
  ENTITLEMENTS_DER: 7,
  FIRST_ALTERNATE: 0x1000,
  CMS: 0x1_0000,
};
/** Attributes in which the signer says which directories there are: a property list of their hashes, and one by one. */
const CDHASHES = ["2a864886f763640901", "2a864886f763640902"];
const CS_ADHOC = 2;

/** What is found of one image. */
interface Tried {
  readonly valid: boolean | undefined;
  readonly cms: SignedData | undefined;
  readonly details: Readonly<Record<string, unknown>>;
}

/**
 * Tries the code signatures of all images of a Mach-O file: the digest of every page, those of the parts of the signature,
 * and whether it was signed (XNU, osfmk/kern/cs_blobs.h). `undefined` where none is signed. What lies beside the images of
 * a fat file belongs to no signature.
 *
 * @throws {SyntaxError} where a signature cannot be read
 */
export function readCodeSignature(
  images: readonly MachO[],
  file: FileBytes,
): Signature | undefined {
  const budget = { left: MAX_HASHED };
  const all = images.map((image) => tryImage(image, file, budget));
  const signed = all.filter((one) => one !== undefined);
  const first = signed[0];
  if (!first) return undefined;
  const chain = first.cms?.chain ?? [];
  const isOneSigner = signed.length === images.length &&
    signed.every(({ cms }) => cms?.chain[0]?.fingerprint256 === chain[0]?.fingerprint256);
  const time = first.cms && readTimestamp(first.cms);
  return {
    format: "mach_o",
    valid: !isOneSigner || signed.some(({ valid }) => valid === false)
      ? false
      : signed.some(({ valid }) => valid === undefined)
      ? undefined
      : true,
    chain,
    anonymous: !first.cms,
    ...(typeof time === "number" && { time }),
    timeUnknown: time === "unknown",
    details: signed.map(({ details }) => details),
  };
}

function tryImage(image: MachO, file: FileBytes, budget: { left: number }): Tried | undefined {
  const command = image.commands.find(({ type }) => type === LC.CODE_SIGNATURE);
  if (!command) return undefined;
  const [offset, size] = [command.fields.u32(8), command.fields.u32(12)];
  if (size > MAX_SIGNATURE) throw new Exhausted("budget");
  const blobs = readBlobs(image.source.read(offset, size));
  const directories = [...blobs].filter(([slot]) =>
    slot === SLOT.DIRECTORY || slot >= SLOT.FIRST_ALTERNATE && slot < SLOT.FIRST_ALTERNATE + 5
  ).map(([, blob]) => readCodeDirectory(expectMagic(blob, MAGIC.DIRECTORY)));
  const [primary] = directories;
  if (!primary || !blobs.has(SLOT.DIRECTORY)) throw new SyntaxError("there is no code directory");
  const best = directories.reduce((one, other) => other.rank > one.rank ? other : one);
  const wrapped = blobs.get(SLOT.CMS)?.subarray(8) ?? new Uint8Array();
  const cms = wrapped.length === 0 ? undefined : readSignedData(wrapped, {
    content: (sink) => sink.update(primary.bytes),
  });
  const covers = directories.every((one) =>
    one.codeLimit >= offset && fitsParts(one, blobs) && fitsPages(one, image, file, budget)
  );
  const isNamed = cms
    ? directories.slice(1).every((one) => isListed(one, cms))
    : (primary.flags & CS_ADHOC) !== 0;
  return {
    valid: covers && isNamed && (cms ? cms.valid : true),
    cms,
    details: {
      identifier: primary.identifier,
      team: primary.team ?? null,
      flags: flagNames(primary.flags),
      hash: best.hash,
      cdhash: toHex(digestOfDirectory(best).subarray(0, 20)),
      entitlements: blobs.has(SLOT.ENTITLEMENTS) || blobs.has(SLOT.ENTITLEMENTS_DER),
    },
  };
}

/** The parts of a signature by their slots; the first of each counts. */
function readBlobs(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> {
  if (bytes.length < 12) throw new SyntaxError("the signature is cut off");
  const fields = fieldsOf(expectMagic(bytes, MAGIC.SIGNATURE), false);
  const count = fields.u32(8);
  if (count > MAX_BLOBS) throw new SyntaxError("more parts than a signature has");
  const blobs = new Map<number, Uint8Array>();
  for (let at = 12; at < 12 + 8 * count; at += 8) {
    if (at + 8 > bytes.length) throw new SyntaxError("the signature is cut off");
    const [slot, start] = [fields.u32(at), fields.u32(at + 4)];
    if (start + 8 > bytes.length) throw new SyntaxError("a part is cut off");
    const end = start + fields.u32(start + 4);
    if (end < start + 8 || end > bytes.length) throw new SyntaxError("a part is cut off");
    if (!blobs.has(slot)) blobs.set(slot, bytes.subarray(start, end));
  }
  return blobs;
}

function expectMagic(blob: Uint8Array, magic: number): Uint8Array {
  if (fieldsOf(blob, false).u32(0) !== magic) throw new SyntaxError("a part of another kind");
  return blob;
}

function digestOfDirectory({ hash, bytes }: CodeDirectory): Uint8Array {
  return createHash(hash).update(bytes).digest();
}

/** Whether the parts that stand in the signature are those of which the directory has digests. */
function fitsParts(directory: CodeDirectory, blobs: ReadonlyMap<number, Uint8Array>): boolean {
  for (const [slot, blob] of blobs) {
    if (slot === SLOT.DIRECTORY || slot >= SLOT.FIRST_ALTERNATE) continue;
    if (slot > directory.specials) return false;
    const digest = createHash(directory.hash).update(blob).digest();
    if (!isSame(digest.subarray(0, directory.hashSize), directory.digest(-slot))) return false;
  }
  return true;
}

function fitsPages(
  directory: CodeDirectory,
  { start, source }: MachO,
  file: FileBytes,
  budget: { left: number },
): boolean {
  const { codeLimit, pageSize, pages, hash, hashSize } = directory;
  if (codeLimit > source.size) return false;
  const page = pageSize || codeLimit;
  if (pages !== Math.ceil(codeLimit / page)) return false;
  budget.left -= codeLimit;
  if (budget.left < 0) throw new Exhausted("budget");
  for (let number = 0; number < pages; number++) {
    const end = Math.min(codeLimit, (number + 1) * page);
    const digest = digestOf(file, hash, [[start + number * page, start + end]]);
    if (!isSame(digest.subarray(0, hashSize), directory.digest(number))) return false;
  }
  return true;
}

/** Whether the signer has also signed a directory other than the first one. */
function isListed(directory: CodeDirectory, { signedAttributes }: SignedData): boolean {
  const digest = digestOfDirectory(directory);
  const texts = [asText(digest), btoa(asText(digest.subarray(0, 20)))];
  return CDHASHES.some((type) =>
    signedAttributes.get(type)?.some(({ whole }) =>
      texts.some((text) => asText(whole).includes(text))
    )
  );
}

/** A character for each byte. */
function asText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}
