import type { GapReason } from "../../schema/batch.ts";
import type { HostPaths } from "../binmond/paths.ts";
import { Failure } from "../proc/files.ts";
import { openApk } from "./apk.ts";
import { openDpkg } from "./dpkg.ts";
import { OLD_DATABASES, openRpm } from "./rpm.ts";

/** Hash functions of which packages record digests, as `node:crypto` names them. */
export type DigestName = "md5" | "sha1" | "sha224" | "sha256" | "sha384" | "sha512";

/** What is on record of a file that a package has brought. */
export interface Ownership {
  /** Whose record it is. */
  readonly manager: "dpkg" | "rpm" | "apk";
  /** Name of the package. */
  readonly package: string;
  /** Digest of the content that the package brought, hexadecimal; absent where none is recorded. */
  readonly digest?: { readonly algorithm: DigestName; readonly value: string };
}

/** What package managers have on record. */
export interface PackageRecord {
  /**
   * The owner of a path without links in it, as the host has it. `undefined` where no package owns it, a reason where that
   * is not known.
   */
  ownerOf(path: string): Ownership | undefined | GapReason;
}

/** Records that are not read. Where a host has one, a file that the others do not know may be in it. */
const UNREAD: readonly string[] = [
  "/var/lib/pacman/local",
  ...OLD_DATABASES,
];

/**
 * Opens what the package managers of a host have on record. Which package owns a file is known only where a record is
 * there and complete: a host without one has no file that "no package owns", but files of which that is not known.
 */
export function openPackageRecords(paths: HostPaths): PackageRecord & Disposable {
  let records: readonly (PackageRecord & Partial<Disposable> | GapReason)[] | undefined;
  const open = () => [
    ...[openDpkg(paths), openRpm(paths), openApk(paths)].filter((one) => one !== undefined),
    ...(UNREAD.some((path) => isThere(paths, path)) ? ["not_collected" as const] : []),
  ];
  return {
    ownerOf(path) {
      records ??= open();
      const answers = records.map((one) => typeof one === "string" ? one : one.ownerOf(path));
      return answers.find((one) => typeof one === "object") ??
        answers.find((one) => typeof one === "string") ??
        (answers.length ? undefined : "not_collected");
    },
    [Symbol.dispose]() {
      for (const one of records ?? []) if (typeof one !== "string") one[Symbol.dispose]?.();
    },
  };
}

function isThere(paths: HostPaths, path: string): boolean {
  const resolved = paths.resolve(path);
  return resolved !== Failure.GONE &&
    (resolved instanceof Failure || paths.stats(resolved) !== Failure.GONE);
}
