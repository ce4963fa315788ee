import { fieldsOf } from "../binmond/formats/fields.ts";
import { decode } from "../proc/files.ts";
import type { DigestName } from "./records.ts";

/** What an rpm header says of one of its package's files. */
export interface RpmFile {
  /** Name of the package. */
  readonly package: string;
  /** The file's path as the package has it. */
  readonly path: string;
  /** Digest of its content; absent for configuration, and where none is recorded. */
  readonly digest?: { readonly algorithm: DigestName; readonly value: string };
}

/** `RPMTAG_*` that are read (rpm's tag reference). */
const TAG = {
  NAME: 1000,
  FILESTATES: 1029,
  FILEDIGESTS: 1035,
  FILEFLAGS: 1037,
  DIRINDEXES: 1116,
  BASENAMES: 1117,
  DIRNAMES: 1118,
  FILEDIGESTALGO: 5011,
} as const;

/** Hash functions by the numbers of OpenPGP (RFC 4880); rpm's own are MD5. */
const ALGORITHMS: Readonly<Record<number, DigestName>> = {
  1: "md5",
  2: "sha1",
  8: "sha256",
  9: "sha384",
  10: "sha512",
  11: "sha224",
};

/** Tags of a header, more than there are, and bytes of it. */
const MAX_TAGS = 65_536;
const MAX_HEADER = 64 * 2 ** 20;
/** `RPMFILE_CONFIG` and `RPMFILE_GHOST`: the administrator's, and what the package does not bring. */
const UNRECORDED = 1 << 0 | 1 << 6;

/**
 * Reads a file of a package out of its header, as the database has it: the number of tags, of bytes, a tag with type,
 * offset and count each, and the bytes. `undefined` where the header has no such file, or its file was not installed.
 *
 * @throws {Error} where it is no header
 */
export function readRpmFile(header: Uint8Array, index: number): RpmFile | undefined {
  if (header.length < 8 || header.length > MAX_HEADER) throw new SyntaxError("no header");
  const fields = fieldsOf(header, false);
  const count = fields.u32(0);
  const start = 8 + 16 * count;
  if (count > MAX_TAGS || start > header.length) throw new SyntaxError("no header");
  const data = header.subarray(start);
  const numbers = fieldsOf(data, false);
  const tags = new Map<number, { readonly offset: number; readonly count: number }>();
  for (let at = 8; at < start; at += 16) {
    tags.set(fields.u32(at), { offset: fields.u32(at + 8), count: fields.u32(at + 12) });
  }
  /** The text at a place of an array. */
  const text = (tag: number, place: number) => {
    const found = tags.get(tag);
    if (!found || place >= found.count) return undefined;
    let from = found.offset;
    for (let number = 0;; number++) {
      const end = data.indexOf(0, from);
      if (end < 0) return undefined;
      if (number === place) return decode(data.subarray(from, end));
      from = end + 1;
    }
  };
  const has = (tag: number, place: number) => place < (tags.get(tag)?.count ?? 0);
  const number = (tag: number, place: number) =>
    has(tag, place) ? numbers.u32(tags.get(tag)!.offset + 4 * place) : undefined;

  const name = text(TAG.NAME, 0);
  const base = text(TAG.BASENAMES, index);
  const folder = text(TAG.DIRNAMES, number(TAG.DIRINDEXES, index) ?? Infinity);
  if (!name || base === undefined || folder === undefined) return undefined;
  // 0 is a file that stands there; others were replaced or left out.
  if (has(TAG.FILESTATES, index) && numbers.u8(tags.get(TAG.FILESTATES)!.offset + index) !== 0) {
    return undefined;
  }
  const algorithm = ALGORITHMS[number(TAG.FILEDIGESTALGO, 0) ?? 1];
  const value = text(TAG.FILEDIGESTS, index) ?? "";
  const isRecorded = algorithm && /^[0-9a-f]+$/.test(value) &&
    ((number(TAG.FILEFLAGS, index) ?? 0) & UNRECORDED) === 0;
  return {
    package: name,
    path: folder + base,
    ...(isRecorded && { digest: { algorithm, value } }),
  };
}
