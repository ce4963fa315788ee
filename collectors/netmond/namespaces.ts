import { statSync } from "node:fs";
import { Failure, type ProcFiles } from "../proc/files.ts";
import { livingFolder, parseStat } from "../proc/stat.ts";
import { createRhythm, type Rhythm } from "./rhythm.ts";

/** A network namespace. */
export interface Namespace {
  /** Tells it from others: `net:[<inode>]`, or `net/dev:<inode>` where the kernel keeps back which one it is. */
  readonly name: string;
  /** Its inode number; NULL where that is kept back. */
  readonly id: number | null;
  /** Processes that live there, or did a moment ago. */
  readonly residents: readonly number[];
}

/** Finds network namespaces. */
export interface Namespaces {
  /** Those in which any of these processes lives, in the order of the processes. */
  find(pids: readonly number[]): Namespace[];
}

/**
 * Makes a {@linkcode Namespaces}. Where a process lives is remembered for up to a minute.
 *
 * `/proc/<pid>/ns/net` says it to root, and to others of their own processes. Where it is kept back, namespaces are told
 * apart by the inode number of `/proc/<pid>/net/dev`, which is another one in each namespace, and which everybody sees.
 */
export function createNamespaces(
  files: ProcFiles,
  rhythm: Rhythm = createRhythm(),
): Namespaces {
  let known = new Map<number, string>();

  return {
    find(pids) {
      const all = rhythm.isDue();
      const homes = new Map<string, number[]>();
      const now = new Map<number, string>();
      for (const pid of pids) {
        const home = (all ? undefined : known.get(pid)) ?? homeOf(files, pid);
        if (home === undefined) continue;
        now.set(pid, home);
        const residents = homes.get(home);
        if (residents) residents.push(pid);
        else homes.set(home, [pid]);
      }
      known = now;
      if (all) rhythm.done();
      const namespaces = [...homes].map(([name, residents]) => ({
        name,
        id: idOf(name),
        residents,
      }));
      return withoutTwins(files, namespaces);
    },
  };
}

/**
 * Reads something of a namespace through a process that lives there before and afterwards; `undefined` where there is none
 * any more. What is read through one that has left meanwhile is thrown away.
 */
export function visit<T>(
  files: ProcFiles,
  { name, residents }: Namespace,
  read: (pid: number) => T,
): T | undefined {
  for (const pid of residents) {
    if (homeOf(files, pid) !== name) continue;
    const result = read(pid);
    if (homeOf(files, pid) === name) return result;
  }
  return undefined;
}

/** The name of the namespace in which this process lives. */
export function ownNamespace(files: ProcFiles): string | undefined {
  const self = files.link("self");
  return typeof self === "string" ? homeOf(files, Number(self)) : undefined;
}

function homeOf(files: ProcFiles, pid: number): string | undefined {
  let link = files.link(`${pid}/ns/net`);
  if (link === Failure.GONE) {
    // Nothing is left of a process whose first thread has ended, while others may still run.
    const bytes = files.read(`${pid}/stat`);
    const stat = bytes instanceof Failure ? undefined : parseStat(bytes);
    if (stat?.state === "Z") link = files.link(`${livingFolder(files, pid, stat)}/ns/net`);
  }
  if (typeof link === "string") return link;
  return link === Failure.DENIED ? fileNumber(files, pid) : undefined;
}

function fileNumber({ root }: ProcFiles, pid: number): string | undefined {
  try {
    return `net/dev:${statSync(`${root}/${pid}/net/dev`).ino}`;
  } catch {
    return undefined;
  }
}

function idOf(name: string): number | null {
  const inode = /^net:\[(\d+)\]$/.exec(name)?.[1];
  return inode === undefined ? null : Number(inode);
}

/** Leaves out namespaces without an id that are, by the number of the file, among those with one. */
function withoutTwins(files: ProcFiles, namespaces: readonly Namespace[]): Namespace[] {
  const [named, others] = [true, false].map((has) =>
    namespaces.filter(({ id }) => (id !== null) === has)
  ) as [Namespace[], Namespace[]];
  if (others.length === 0) return named;
  const twins = new Set(named.map((one) => visit(files, one, (pid) => fileNumber(files, pid))));
  return [...named, ...others.filter(({ name }) => !twins.has(name))];
}
