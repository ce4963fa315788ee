import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync } from "node:fs";
import type { Cell, GapReason } from "../../schema/batch.ts";
import { type CollectorContext, defineCollector, type Reading } from "../core/collector.ts";
import type { TaskMessage } from "../core/messages.ts";
import { runCollector } from "../core/runtime.ts";
import { fromStats, nameColumns, statColumns } from "../files/attributes.ts";
import { type Owners, readOwners } from "../files/owners.ts";
import { digest } from "../hasher/digest.ts";
import { Failure, failure } from "../proc/files.ts";
import { FILE_COLUMNS, UNIX_COLUMNS } from "./columns.ts";
import { basefilemond } from "./mod.ts";
import { UNIX_PATHS, WINDOWS_PATHS } from "./paths.ts";
import { findPaths } from "./walk.ts";

const isWindows = Deno.build.os === "windows";
const MAX_HASHED = 2 ** 31;

/** What rows are made with. */
interface Making {
  readonly root: string;
  readonly wanted: ReadonlySet<string>;
  readonly owners: Owners;
  readonly deadline: number;
}

function* collect(
  { keys, project }: TaskMessage,
  { filesRoot = "/", deadline, partial = () => {} }: CollectorContext,
): Iterable<Reading> {
  if (!keys) throw new Error("it was not told which files");
  const root = filesRoot === "/" ? "" : filesRoot;
  const making = { root, wanted: new Set(project), owners: readOwners(), deadline };
  const style = isWindows ? WINDOWS_PATHS : UNIX_PATHS;
  for (const path of findPaths(keys, { style, root, deadline, missing: partial })) {
    const reading = read(path, making);
    if (reading) yield reading;
  }
}

/** The row of a file; `undefined` where there is none. */
function read(path: string, { root, wanted, owners, deadline }: Making): Reading | undefined {
  const place = `${root}${path}`;
  const stats = attempt(() => lstatSync(place, { bigint: true }));
  if (stats === Failure.GONE) return undefined;
  if (stats instanceof Failure) {
    const row = named(path);
    const missing = FILE_COLUMNS.filter((column) => wanted.has(column) && !(column in row));
    return { row, gaps: Object.fromEntries(missing.map((column) => [column, reasonOf(stats)])) };
  }
  const row: Record<string, Cell> = {
    ...statColumns(path, fromStats(stats), owners),
    ...named(path),
  };
  if (isWindows) { for (const column of UNIX_COLUMNS) delete row[column]; }
  const gaps: Record<string, GapReason> = {};
  const put = (column: string, take: () => string | Failure | null) => {
    if (!wanted.has(column)) return;
    const value = take();
    row[column] = value instanceof Failure ? null : value;
    if (value instanceof Failure) gaps[column] = reasonOf(value);
  };
  put("symlink_target", () => stats.isSymbolicLink() ? attempt(() => readlinkSync(place)) : null);
  put("sha256_hash", () => {
    if (!stats.isFile()) return null;
    return stats.size > MAX_HASHED ? Failure.TOO_BIG : attempt(() => hash(place, deadline));
  });
  return { row, gaps };
}

function hash(place: string, deadline: number): string | Failure {
  const { O_RDONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0 } = constants;
  const file = openSync(place, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
  try {
    if (!fstatSync(file).isFile()) return Failure.OTHER;
    return digest(file, deadline) ?? Failure.OTHER;
  } finally {
    closeSync(file);
  }
}

/** The columns that a path says; a Windows path is cut at its own separator. */
function named(path: string): Record<string, Cell> {
  if (!isWindows) return nameColumns(path);
  const cut = path.lastIndexOf("\\");
  const directory = path.slice(0, cut === 2 ? 3 : cut);
  return { file_path: path, file_name: path.slice(cut + 1), directory };
}

function attempt<T>(what: () => T): T | Failure {
  try {
    return what();
  } catch (error) {
    return (error as { readonly code?: string }).code === "ENOTDIR" ? Failure.GONE : failure(error);
  }
}

function reasonOf({ reason }: Failure): GapReason {
  return reason === "gone" ? "not_collected" : reason;
}

if (import.meta.main) await runCollector(defineCollector({ ...basefilemond, collect }));
