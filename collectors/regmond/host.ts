import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
} from "node:fs";
import { decode, Failure, failure, openProcFiles, type ProcFiles } from "../proc/files.ts";

/** What is known of a file or folder. */
export interface Info {
  /** Whether it is a regular file. */
  readonly isFile: boolean;
  /** Whether it is a folder. */
  readonly isFolder: boolean;
  /** Mode with the bits for its kind. */
  readonly mode: number;
  /** Id of its owner. */
  readonly uid: number;
  /** When its content last changed, ms since the epoch. */
  readonly modified: number;
}

/** The host's files, by the paths that they have on the host. Links are followed, and none leads out of the host's root. */
export interface Host {
  /** The folder in which the host's files stand. */
  readonly root: string;
  /** The process tree. */
  readonly proc: ProcFiles;
  /** Where /sys stands; absent where it cannot be read. */
  readonly sys: string | undefined;
  /** What a regular file holds, at most {@linkcode MAX_FILE} bytes. */
  bytes(path: string): Uint8Array | Failure;
  /** The same as text; nothing where there is no such file. What cannot be read is noted. */
  text(path: string): string;
  /** The names in a folder, sorted; none where there is no such folder. What cannot be read is noted. */
  list(path: string): readonly string[];
  /** What is known of a path, of what a link leads to. */
  info(path: string): Info | undefined;
  /** Where the files of the folder are, as the operating system of this process sees it; `undefined` for nothing. */
  locate(path: string): string | undefined;
  /** What could not be read, in words; each path once. */
  readonly unread: readonly string[];
}

/** The largest file that is read: the record of packages of a large host has some ten megabytes. */
const MAX_FILE = 64 * 2 ** 20;
/** Names in one folder that are looked at. */
const MAX_NAMES = 65_536;
/** Links that a path may lead through (path_resolution(7)). */
const MAX_LINKS = 40;

/** Opens the files of a host that stand in a folder. */
export function openHost(
  filesRoot: string,
  procRoot: string,
  sys: string | undefined,
): Host {
  const root = filesRoot === "/" ? "" : filesRoot;
  const unread = new Map<string, string>();
  const note = (path: string, { reason }: Failure) => {
    if (reason !== "gone" && unread.size < MAX_NAMES) {
      unread.set(path, `${path} (${WORDS[reason] ?? reason})`);
    }
  };

  // Most paths have their folders in common, which are looked at once, those that are not there, too.
  const links = new Map<string, string | null>();
  const gone = new Map<string, unknown>();
  /** What a link says; `null` where there is something else. Throws what the operating system throws. */
  const linkAt = (path: string): string | null => {
    const known = links.get(path);
    if (known !== undefined) return known;
    if (gone.has(path)) throw gone.get(path);
    try {
      const target = lstatSync(path).isSymbolicLink() ? readlinkSync(path) : null;
      links.set(path, target);
      return target;
    } catch (error) {
      gone.set(path, error);
      throw error;
    }
  };

  /** The path without links, below the root. Throws what the operating system throws. */
  const resolve = (path: string): string => {
    const ahead = path.split("/").reverse();
    const done: string[] = [];
    for (let followed = 0; ahead.length > 0;) {
      const name = ahead.pop()!;
      if (name === "" || name === ".") continue;
      if (name === "..") {
        done.pop();
        continue;
      }
      const here = `${root}/${[...done, name].join("/")}`;
      const target = linkAt(here);
      if (target === null) {
        done.push(name);
        continue;
      }
      if (++followed > MAX_LINKS) {
        throw Object.assign(new Error("too many links"), { code: "ELOOP" });
      }
      if (target.startsWith("/")) done.length = 0;
      ahead.push(...target.split("/").reverse());
    }
    // Devices are no part of what is shown; links to /dev/null are common.
    if (done[0] === "dev") throw Object.assign(new Error("a device"), { code: "ENOENT" });
    return `${root}/${done.join("/")}`;
  };
  const attempt = <T>(what: () => T): T | Failure => {
    try {
      return what();
    } catch (error) {
      return (error as { readonly code?: string }).code === "ENOTDIR"
        ? Failure.GONE
        : failure(error);
    }
  };

  const host: Host = {
    root: filesRoot,
    proc: openProcFiles(procRoot),
    sys,
    bytes: (path) => attempt(() => readRegular(resolve(path))),
    text(path) {
      const bytes = host.bytes(path);
      if (!(bytes instanceof Failure)) return decode(bytes);
      note(path, bytes);
      return "";
    },
    list(path) {
      const names = attempt(() => readdirSync(resolve(path)));
      if (names instanceof Failure) {
        note(path, names);
        return [];
      }
      if (names.length > MAX_NAMES) note(path, Failure.TOO_BIG);
      return names.sort().slice(0, MAX_NAMES);
    },
    info(path) {
      const found = attempt(() => lstatSync(resolve(path)));
      if (found instanceof Failure) {
        note(path, found);
        return undefined;
      }
      return {
        isFile: found.isFile(),
        isFolder: found.isDirectory(),
        mode: found.mode,
        uid: found.uid,
        modified: Math.trunc(found.mtimeMs),
      };
    },
    locate(path) {
      const found = attempt(() => resolve(path));
      return found instanceof Failure ? undefined : found;
    },
    get unread() {
      return [...unread.values()];
    },
  };
  return host;
}

const WORDS: Readonly<Record<string, string>> = {
  denied: "denied",
  budget: "too large",
  not_collected: "not readable",
};

/** What could not be read, for an operator; `undefined` where all was. */
export function unreadInWords({ unread }: Pick<Host, "unread">): string | undefined {
  if (unread.length === 0) return undefined;
  const more = unread.length > 3 ? ` and ${unread.length - 3} more` : "";
  return `not read: ${unread.slice(0, 3).join(", ")}${more}`;
}

/**
 * Reads a regular file and nothing else: a pipe would wait, a device would answer. The last part of the path may not be a
 * link. Throws what the operating system throws.
 */
export function readRegular(path: string): Uint8Array | Failure {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  try {
    const info = fstatSync(file);
    if (!info.isFile()) return Failure.OTHER;
    if (info.size > MAX_FILE) return Failure.TOO_BIG;
    let buffer = new Uint8Array(info.size + 1);
    for (let length = 0;;) {
      const count = readSync(file, buffer, length, buffer.length - length, null);
      if (count === 0) return buffer.subarray(0, length);
      length += count;
      if (length < buffer.length) continue;
      if (length > MAX_FILE) return Failure.TOO_BIG;
      const larger = new Uint8Array(2 * length);
      larger.set(buffer);
      buffer = larger;
    }
  } finally {
    closeSync(file);
  }
}
