import { DatabaseSync } from "node:sqlite";
import type { GapReason } from "../../schema/batch.ts";
import { attempt, type HostPaths } from "../binmond/paths.ts";
import { Failure } from "../proc/files.ts";
import { readRegular } from "../regmond/host.ts";
import { isSamePath, lastName } from "./paths.ts";
import type { Ownership, PackageRecord } from "./records.ts";
import { readRpmFile, readRpmPackage, type RpmPackage } from "./rpm_header.ts";

/** Where rpm has its database, the place of today first. */
const RPM_FOLDERS: readonly string[] = [
  "/usr/lib/sysimage/rpm",
  "/usr/share/rpm",
  "/var/lib/rpm",
];

/** Where rpm has its database in formats of before 4.16, which are not read. */
export const OLD_DATABASES: readonly string[] = RPM_FOLDERS.flatMap((folder) => [
  `${folder}/Packages`,
  `${folder}/Packages.db`,
]);

const DATABASES = RPM_FOLDERS.map((folder) => `${folder}/rpmdb.sqlite`);

/** Packages that have a file of one name at most: those that have `README` are some hundred. */
const MAX_CANDIDATES = 20_000;

/**
 * Opens rpm's own record, the database `rpmdb.sqlite` (rpm 4.16 and later). `undefined` where there is none, or no
 * file of a package is in it.
 */
export function openRpm(paths: HostPaths): PackageRecord & Disposable | GapReason | undefined {
  for (const file of filesOf(paths, DATABASES)) {
    const opened = openDatabase(paths, file);
    if (typeof opened === "string") return opened;
    try {
      if (opened.prepare("SELECT 1 FROM Basenames LIMIT 1").get()) return recordOf(opened, paths);
      opened.close();
    } catch {
      opened.close();
      return "not_collected";
    }
  }
  return undefined;
}

/**
 * The packages that rpm has on record, as far as they can be read; what could not is told to `note`, in words.
 * Formats of the database older than SQLite (rpm before 4.16) are not read.
 */
export function* readRpmPackages(
  paths: HostPaths,
  note: (reason: string) => void,
): Generator<RpmPackage> {
  if (filesOf(paths, OLD_DATABASES).length > 0) {
    note("the database of rpm is in a format of before 4.16, which is not read");
  }
  for (const file of filesOf(paths, DATABASES)) {
    const database = openDatabase(paths, file);
    if (typeof database === "string") note(`the database of rpm is not read: ${database}`);
    else yield* packagesIn(database, note);
  }
}

function* packagesIn(
  database: DatabaseSync,
  note: (reason: string) => void,
): Generator<RpmPackage> {
  let broken = 0;
  try {
    for (const { blob } of database.prepare("SELECT blob FROM Packages ORDER BY hnum").iterate()) {
      const known = blob instanceof Uint8Array ? attempt(() => readRpmPackage(blob)) : undefined;
      if (known === undefined || known instanceof Failure) broken++;
      else yield known;
    }
  } catch {
    note("the database of rpm is damaged");
  } finally {
    database.close();
  }
  if (broken > 0) note(`packages of rpm that cannot be read: ${broken}`);
}

/** Those of some files that are there, each once, or why one cannot be reached. */
function filesOf(paths: HostPaths, files: readonly string[]): (string | Failure)[] {
  return [...new Set(files.map(paths.resolve))].filter((file) =>
    file !== Failure.GONE && (file instanceof Failure || paths.stats(file) !== Failure.GONE)
  );
}

function reasonOf({ reason }: Failure): GapReason {
  return reason === "gone" ? "not_collected" : reason;
}

/**
 * The database is written ahead (WAL): where the files that this takes are there it can be opened in place, else it is
 * complete by itself and is read into memory, for SQLite would have to make them.
 */
function openDatabase(paths: HostPaths, file: string | Failure): DatabaseSync | GapReason {
  if (file instanceof Failure) return reasonOf(file);
  try {
    // SQLite would wait for a pipe.
    const [own, ...beside] = ["", "-wal", "-shm"].map((end) => paths.stats(file + end));
    const [log] = beside;
    if ([own, ...beside].every((one) => !(one instanceof Failure) && one!.isFile())) {
      return new DatabaseSync(file, { readOnly: true, allowExtension: false });
    }
    if (!(log instanceof Failure) && log!.size > 0n) return "not_collected";
    const bytes = attempt(() => readRegular(file));
    if (bytes instanceof Failure) return reasonOf(bytes);
    // The version of the file's format: 1 instead of 2 is without such a log (fileformat2, 1.3.3).
    bytes.fill(1, 18, 20);
    const database = new DatabaseSync(":memory:");
    database.deserialize(bytes);
    return database;
  } catch {
    return "not_collected";
  }
}

function recordOf(database: DatabaseSync, paths: HostPaths): PackageRecord & Disposable {
  const named = database.prepare("SELECT hnum, idx FROM Basenames WHERE key = ? LIMIT ?");
  const headers = database.prepare("SELECT blob FROM Packages WHERE hnum = ?");
  const find = (path: string): Ownership | undefined => {
    let found: Ownership | undefined;
    for (const { hnum, idx } of named.all(lastName(path), MAX_CANDIDATES)) {
      const blob = headers.get(hnum!)?.blob;
      const file = blob instanceof Uint8Array ? readRpmFile(blob, Number(idx)) : undefined;
      if (!file || !isSamePath(file.path, path, paths)) continue;
      const { digest } = file;
      if (digest || !found) {
        found = { manager: "rpm", package: file.package, ...(digest && { digest }) };
      }
      if (digest) break;
    }
    return found;
  };
  return {
    ownerOf(path) {
      try {
        return find(path);
      } catch {
        return "not_collected";
      }
    },
    [Symbol.dispose]: () => database.close(),
  };
}
