import type { Cell, GapReason } from "../../schema/batch.ts";
import { createContentCache } from "../files/content_cache.ts";
import { dirname } from "../../dialect/path.ts";
import type { DigestName, Ownership, PackageRecord } from "../packages/records.ts";
import { Failure } from "../proc/files.ts";
import { MAX_CONTENT } from "./contents.ts";
import { Exhausted } from "./formats/source.ts";
import { CACHE } from "./limits.ts";
import type { HostPaths } from "./paths.ts";
import { toHex } from "./signatures/der.ts";
import { digestOf } from "./signatures/digest.ts";
import type { OpenFile, Target } from "./targets.ts";

/** What has to be known of a file to ask for its owner. */
export type StandingFile = Pick<
  OpenFile,
  | "size"
  | "device"
  | "inode"
  | "deleted"
  | "identity"
  | "readInto"
  | "checkTime"
  | "isUnchanged"
>;

/** What the host's package managers say of a file. */
export interface Owned {
  /** The package that owns its path; `undefined` for none, a reason where that is not known. */
  readonly owner: Ownership | undefined | GapReason;
  /** Whether it has the digest that is on record; `undefined` where none is, a reason where that was not found out. */
  readonly intact: boolean | undefined | GapReason;
}

const known = createContentCache<Readonly<Partial<Record<DigestName, string>>>>(CACHE);

/** Columns of the host's packages. */
export const OWNER_COLUMNS: readonly string[] = [
  "package_owned",
  "package_name",
  "package_manager",
];

/**
 * Asks the records of packages about a file. They speak of paths, so the file has to be the one that stands at its path on
 * the host: one in a container, though its path may be the same, is none of them.
 */
export function findOwner(
  { path, file }: Pick<Target, "path"> & { readonly file: StandingFile | GapReason },
  paths: HostPaths,
  records: PackageRecord,
  wantsDigest: boolean,
): Owned {
  const unknown: Owned = { owner: "not_collected", intact: "not_collected" };
  if (typeof file === "string") return { owner: file, intact: file };
  const place = path === undefined ? undefined : placeOf(path, file, paths);
  if (place === undefined) return unknown;
  const owner = records.ownerOf(place);
  if (typeof owner === "string") return { owner, intact: owner };
  if (!owner?.digest) return { owner, intact: undefined };
  // Another file may stand at the path now, and the record is of that one.
  if (!wantsDigest || file.deleted) return { owner, intact: "not_collected" };
  try {
    return { owner, intact: hashOf(file, owner.digest.algorithm) === owner.digest.value };
  } catch (error) {
    return { owner, intact: error instanceof Exhausted ? error.reason : "not_collected" };
  }
}

/** The path of a file without links in it; `undefined` where the file is not what stands there, or stood. */
function placeOf(path: string, file: StandingFile, paths: HostPaths): string | undefined {
  const resolved = paths.resolve(path);
  const stats = resolved instanceof Failure ? resolved : paths.stats(resolved);
  const isThere = !(stats instanceof Failure) && stats.dev === file.device &&
    stats.ino === file.inode;
  if (isThere && typeof resolved === "string") return paths.onHost(resolved);
  if (!file.deleted) return undefined;
  const folder = paths.resolve(dirname(path) ?? "/");
  const parent = folder instanceof Failure ? folder : paths.stats(folder);
  return typeof folder === "string" && !(parent instanceof Failure) && parent.dev === file.device
    ? `${paths.onHost(folder)}/${path.slice(path.lastIndexOf("/") + 1)}`
    : undefined;
}

function hashOf(file: StandingFile, algorithm: DigestName): string {
  const before = file.identity && known.get(file.identity);
  if (before?.[algorithm] !== undefined) return before[algorithm];
  if (file.size > MAX_CONTENT) throw new Exhausted("budget");
  const digest = toHex(digestOf(file, algorithm, [[0, file.size]]));
  if (!file.isUnchanged()) throw new Error("it has changed meanwhile");
  if (file.identity) known.set(file.identity, { ...before, [algorithm]: digest });
  return digest;
}

/** The columns of an owner. */
export function ownerColumns(
  owner: Ownership | undefined,
): Readonly<Record<string, Cell>> {
  return {
    package_owned: owner !== undefined,
    package_name: owner?.package ?? null,
    package_manager: owner?.manager ?? null,
  };
}
