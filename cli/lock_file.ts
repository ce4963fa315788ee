import { dirname, join, relative } from "@std/path";
import { permissionTerms } from "../collectors/permissions.ts";
import { findDetections, type LoadedFile } from "../compiler/files.ts";
import { lockDiagnostics } from "../compiler/permissions/check.ts";
import type { GrantOptions } from "../compiler/permissions/grants.ts";
import {
  LOCK_NAME,
  type LockFile,
  parseLock,
  unreadableLock,
} from "../compiler/permissions/lock.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { SourceText } from "../diagnostics/source.ts";
import { CATALOGUE } from "../profiles/mod.ts";

/** What the grants of detections are made from. */
export const GRANT_OPTIONS: GrantOptions = { catalogue: CATALOGUE, permissionsOf: permissionTerms };

/** A larger file is no lock. */
const MAX_BYTES = 1024 * 1024;

/** Whether paths exist, so that those that many detections have in common are looked for once. */
type Known = Map<string, Promise<boolean>>;

/**
 * The folder whose lock is for a detection or a folder of them: the nearest one at or above it that has a lock.
 *
 * @param known what is known of paths already
 */
export async function lockedRoot(
  path: string,
  known: Known = new Map(),
): Promise<string | undefined> {
  const real = await Deno.realPath(path);
  for (const folder of await upward(real)) {
    const lock = join(folder, LOCK_NAME);
    let found = known.get(lock);
    if (!found) known.set(lock, found = exists(lock));
    if (await found) return await isCovered(folder, real) ? folder : undefined;
  }
  return undefined;
}

/**
 * The folder that a lock for a path stands in, whether there is one yet or not: the repository with `detections/` that the
 * path is or lies in, else the path's own folder.
 */
export async function lockRoot(path: string): Promise<string> {
  const locked = await lockedRoot(path);
  if (locked !== undefined) return locked;
  const real = await Deno.realPath(path);
  const folders = await upward(real);
  for (const folder of folders) {
    if (await exists(join(folder, "detections")) && await isCovered(folder, real)) return folder;
  }
  return folders[0]!;
}

/** A repository with `detections/` answers for what lies below that, any other folder for all below it. */
async function isCovered(root: string, path: string): Promise<boolean> {
  if (path === root || !await exists(join(root, "detections"))) return true;
  return relative(root, path).split(/[/\\]/)[0] === "detections";
}

/** The detections that the lock of a folder is for: those below it, without those that have a lock of their own. */
export async function coveredFiles(root: string): Promise<readonly string[]> {
  const files = await findDetections([root]);
  const known: Known = new Map();
  const roots = await Promise.all(files.map((file) => lockedRoot(file, known)));
  return files.filter((_, index) => (roots[index] ?? root) === root);
}

/** Reads the lock of a folder. */
export async function readLock(root: string): Promise<LockFile> {
  const path = join(root, LOCK_NAME);
  const file = shown(path);
  try {
    const { size } = await Deno.stat(path);
    if (size > MAX_BYTES) return unreadableLock(file, `the lock has ${size} bytes`);
    return parseLock(await Deno.readTextFile(path), file);
  } catch (error) {
    return unreadableLock(file, `the lock cannot be read: ${(error as Error).message}`);
  }
}

/** What is to be said of detections and their locks. */
export interface LockFindings {
  /** Of detections and of locks. */
  readonly diagnostics: readonly Diagnostic[];
  /** The texts of the locks. */
  readonly sources: readonly SourceText[];
}

/** Holds detections against the locks that are for them. Where there is no lock nothing is said. */
export async function lockFindings(loaded: readonly LoadedFile[]): Promise<LockFindings> {
  const known: Known = new Map();
  const read = await Promise.all(loaded.map(async (one) => {
    const path = await realPath(one.source.file);
    return { one, path, root: path && await lockedRoot(path, known) };
  }));
  const diagnostics: Diagnostic[] = [];
  const sources: SourceText[] = [];
  for (const [root, group] of Map.groupBy(read, ({ root }) => root)) {
    if (root === undefined) continue;
    const lock = await readLock(root);
    const paths = new Set(group.map(({ path }) => path));
    const covered = await Promise.all((await coveredFiles(root)).map((file) => realPath(file)));
    const detections = group.flatMap(({ one }) => one.compiled ?? []);
    const complete = detections.length === group.length &&
      covered.every((path) => path !== undefined && paths.has(path));
    sources.push(lock.source);
    const hint = acceptHint(root);
    diagnostics.push(...lockDiagnostics({ lock, detections, complete, hint }, GRANT_OPTIONS));
  }
  return { diagnostics, sources };
}

/** How to make a lock fit. */
export function acceptHint(root: string): string {
  return `daemoneye explain --permissions --write-lock ${shown(root)} makes the lock fit; ` +
    "let those who answer for the hosts review it";
}

/** A path as people know it: from the working directory, where it lies below that. */
export function shown(path: string): string {
  const short = relative(Deno.cwd(), path);
  return short === "" ? "." : short.startsWith("..") ? path : short;
}

/** The folder that a path is or lies in, and all folders above it. */
async function upward(path: string): Promise<readonly string[]> {
  const folders = [(await Deno.stat(path)).isDirectory ? path : dirname(path)];
  for (let last = folders[0]!; dirname(last) !== last; last = dirname(last)) {
    folders.push(dirname(last));
  }
  return folders;
}

async function realPath(path: string): Promise<string | undefined> {
  try {
    return await Deno.realPath(path);
  } catch {
    return undefined;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch {
    return false;
  }
}
