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

/** What an rpm header says of its package. */
export interface RpmPackage {
  /** Name of the package. */
  readonly name: string;
  /** Version as rpm writes it: `epoch:version-release`, the epoch where there is one. */
  readonly version: string;
  /** Architecture, such as `x86_64` or `noarch`; keys that rpm has on record as packages have none. */
  readonly architecture: string | null;
  /** Name of the source package. */
  readonly source: string | null;
  /** Who packaged it, else who sells it. */
  readonly maintainer: string | null;
  /** When it was installed, ms since the epoch. */
  readonly installedTime: number | null;
  /** Space that its files take, in bytes. */
  readonly installedSize: number | null;
}

/** `RPMTAG_*` that are read (rpm's tag reference). */
const TAG = {
  NAME: 1000,
  VERSION: 1001,
  RELEASE: 1002,
  EPOCH: 1003,
  INSTALLTIME: 1008,
  SIZE: 1009,
  VENDOR: 1011,
  PACKAGER: 1015,
  ARCH: 1022,
  SOURCERPM: 1044,
  LONGSIZE: 5009,
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
 * Reads a file of a package out of its header. `undefined` where the header has no such file, or its file was not
 * installed.
 *
 * @throws {Error} where it is no header
 */
export function readRpmFile(header: Uint8Array, index: number): RpmFile | undefined {
  const { text, number, byte } = readTags(header);
  const name = text(TAG.NAME, 0);
  const base = text(TAG.BASENAMES, index);
  const folder = text(TAG.DIRNAMES, number(TAG.DIRINDEXES, index) ?? Infinity);
  if (!name || base === undefined || folder === undefined) return undefined;
  // 0 is a file that stands there; others were replaced or left out.
  if ((byte(TAG.FILESTATES, index) ?? 0) !== 0) return undefined;
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

/**
 * Reads what a header says of its package. `undefined` where it names none.
 *
 * @throws {Error} where it is no header
 */
export function readRpmPackage(header: Uint8Array): RpmPackage | undefined {
  const { text, number, long } = readTags(header);
  const [name, version, release] = [TAG.NAME, TAG.VERSION, TAG.RELEASE].map((tag) => text(tag, 0));
  if (!name || !version) return undefined;
  const epoch = number(TAG.EPOCH, 0);
  const source = text(TAG.SOURCERPM, 0);
  const installed = number(TAG.INSTALLTIME, 0);
  return {
    name,
    version: `${epoch === undefined ? "" : `${epoch}:`}${version}${release ? `-${release}` : ""}`,
    architecture: text(TAG.ARCH, 0) || null,
    source: source?.replace(/-[^-]*-[^-]*[.](no)?src[.]rpm$/, "") || null,
    maintainer: text(TAG.PACKAGER, 0) || text(TAG.VENDOR, 0) || null,
    installedTime: installed === undefined ? null : installed * 1000,
    installedSize: number(TAG.SIZE, 0) ?? long(TAG.LONGSIZE) ?? null,
  };
}

/** What stands under the tags of a header. */
interface Tags {
  /** The text at a place of an array. */
  text(tag: number, place: number): string | undefined;
  /** The number of 32 bits at a place of an array. */
  number(tag: number, place: number): number | undefined;
  /** The number of 8 bits at a place of an array. */
  byte(tag: number, place: number): number | undefined;
  /** A number of 64 bits; `undefined` where JavaScript cannot hold it. */
  long(tag: number): number | undefined;
}

/**
 * Reads a header as the database has it: the number of tags, of bytes, a tag with type, offset and count each, and the
 * bytes.
 */
function readTags(header: Uint8Array): Tags {
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
  const offsetOf = (tag: number, place: number) => {
    const found = tags.get(tag);
    return found && place < found.count ? found.offset : undefined;
  };
  return {
    text(tag, place) {
      let from = offsetOf(tag, place);
      for (let number = 0; from !== undefined; number++) {
        const end = data.indexOf(0, from);
        if (end < 0) return undefined;
        if (number === place) return decode(data.subarray(from, end));
        from = end + 1;
      }
      return undefined;
    },
    number(tag, place) {
      const offset = offsetOf(tag, place);
      return offset === undefined ? undefined : numbers.u32(offset + 4 * place);
    },
    byte(tag, place) {
      const offset = offsetOf(tag, place);
      return offset === undefined ? undefined : numbers.u8(offset + place);
    },
    long(tag) {
      const offset = offsetOf(tag, 0);
      if (offset === undefined) return undefined;
      const value = numbers.u64(offset);
      return Number.isSafeInteger(value) ? value : undefined;
    },
  };
}
