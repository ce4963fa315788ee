import { type Fields, fieldsOf } from "../formats/fields.ts";
import { decodeText } from "../formats/source.ts";

/** What a signature of a Mach-O image says of its pages (`struct __CodeDirectory` of XNU's cs_blobs.h). */
export interface CodeDirectory {
  /** All its bytes. */
  readonly bytes: Uint8Array;
  /** Hash function, as `node:crypto` names it. */
  readonly hash: string;
  /** Rank of the hash function: the highest of several directories counts. */
  readonly rank: number;
  /** Bytes of a digest that are kept. */
  readonly hashSize: number;
  /** Name of the program. */
  readonly identifier: string;
  /** Team of the developer. */
  readonly team: string | undefined;
  /** `CS_*` flags. */
  readonly flags: number;
  /** Bytes from the beginning of the image that are covered. */
  readonly codeLimit: number;
  /** Bytes of a page; all that is covered is one page where it is 0. */
  readonly pageSize: number;
  /** Digests of pages. */
  readonly pages: number;
  /** Digests of parts of the signature. */
  readonly specials: number;
  /** The digest of a page, or of the part of a negative number. */
  digest(slot: number): Uint8Array;
}

/** Hash functions by `CS_HASHTYPE_*`, the better one later. */
const TYPES: Readonly<Record<number, { readonly hash: string; readonly size: number }>> = {
  1: { hash: "sha1", size: 20 },
  2: { hash: "sha256", size: 32 },
  3: { hash: "sha256", size: 20 },
  4: { hash: "sha384", size: 48 },
  5: { hash: "sha512", size: 64 },
};
const RANKS = [1, 3, 2, 4, 5];

/** Versions from which on there are more fields. */
const WITH_TEAM = 0x2_0200;
const WITH_LIMIT_64 = 0x2_0300;

/**
 * Reads a code directory.
 *
 * @throws {SyntaxError} where it is cut off, or uses a hash function of which nothing is known
 */
export function readCodeDirectory(bytes: Uint8Array): CodeDirectory {
  if (bytes.length < 44) throw new SyntaxError("the code directory is cut off");
  const fields = fieldsOf(bytes, false);
  const version = fields.u32(8);
  const [hashOffset, identOffset] = [fields.u32(16), fields.u32(20)];
  const [specials, pages] = [fields.u32(24), fields.u32(28)];
  const [hashSize, hashType, shift] = [fields.u8(36), fields.u8(37), fields.u8(39)];
  const type = TYPES[hashType];
  if (type?.size !== hashSize) throw new SyntaxError("a hash of no known kind");
  if (shift > 30) throw new SyntaxError("a page that none has");
  const begin = hashOffset - specials * hashSize;
  if (begin < 0 || hashOffset + pages * hashSize > bytes.length) {
    throw new SyntaxError("the code directory is cut off");
  }
  const limit64 = version >= WITH_LIMIT_64 && bytes.length >= 64 ? fields.u64(56) : 0;
  return {
    bytes,
    hash: type.hash,
    rank: RANKS.indexOf(hashType),
    hashSize,
    identifier: textAt(bytes, identOffset) ?? "",
    team: version >= WITH_TEAM ? textAt(bytes, offsetAt(fields, 48)) : undefined,
    flags: fields.u32(12),
    codeLimit: limit64 || fields.u32(32),
    pageSize: shift === 0 ? 0 : 2 ** shift,
    pages,
    specials,
    digest: (slot) => {
      const at = hashOffset + slot * hashSize;
      return bytes.subarray(at, at + hashSize);
    },
  };
}

function offsetAt(fields: Fields, at: number): number {
  return fields.length >= at + 4 ? fields.u32(at) : 0;
}

/** A text that ends with NUL; `undefined` for offset 0. */
function textAt(bytes: Uint8Array, at: number): string | undefined {
  if (at === 0 || at >= bytes.length) return undefined;
  const end = bytes.indexOf(0, at);
  return decodeText(bytes.subarray(at, Math.min(end < 0 ? bytes.length : end, at + 1024)));
}

/** Flags that are told (cs_blobs.h). */
const FLAGS: Readonly<Record<number, string>> = {
  0x2: "adhoc",
  0x100: "hard",
  0x200: "kill",
  0x800: "restrict",
  0x1000: "enforcement",
  0x2000: "library_validation",
  0x1_0000: "runtime",
  0x2_0000: "linker_signed",
};

/** The names of flags. */
export function flagNames(flags: number): string[] {
  return Object.entries(FLAGS).filter(([bit]) => flags & Number(bit)).map(([, name]) => name);
}
