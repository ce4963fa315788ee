import { type BigIntStats, type Dirent, lstatSync, readdirSync, readlinkSync } from "node:fs";
import { Failure, failure } from "../proc/files.ts";

/** Finds the host's files by the paths that they have there. */
export interface HostPaths {
  /** Where a path leads, links followed: a path that can be opened here, and that has no link in it. */
  resolve(path: string): string | Failure;
  /** What stands at a path that {@linkcode HostPaths.resolve} gave. */
  stats(resolved: string): BigIntStats | Failure;
  /** The path on the host of one that {@linkcode HostPaths.resolve} gave. */
  onHost(resolved: string): string;
  /** What is in a folder, by name. */
  list(resolved: string): readonly Dirent[] | Failure;
}

/** Links that a path may lead through, as the kernel allows. */
const MAX_LINKS = 40;
/** Parts of a path, with those of the links in it. */
const MAX_PARTS = 4096;

/**
 * Makes a {@linkcode HostPaths} from where the host's files stand. Links are followed here, because the kernel would take
 * the paths in them from the root of this process, which is another one where it is confined.
 */
export function openHostPaths(filesRoot: string): HostPaths {
  const root = filesRoot.replace(/\/$/, "");
  return {
    resolve(path) {
      const found: string[] = [];
      const ahead = path.split("/").reverse();
      let links = 0;
      for (let parts = 0; ahead.length; parts++) {
        if (parts > MAX_PARTS) return Failure.GONE;
        const part = ahead.pop()!;
        if (part === "" || part === ".") continue;
        if (part === "..") {
          found.pop();
          continue;
        }
        const here = `${root}/${[...found, part].join("/")}`;
        const stats = attempt(() => lstatSync(here));
        if (stats instanceof Failure) return stats;
        if (!stats.isSymbolicLink()) {
          found.push(part);
          continue;
        }
        if (++links > MAX_LINKS) return Failure.GONE;
        const target = attempt(() => readlinkSync(here));
        if (target instanceof Failure) return target;
        if (target.startsWith("/")) found.length = 0;
        ahead.push(...target.split("/").reverse());
      }
      return `${root}/${found.join("/")}`;
    },
    stats: (resolved) => attempt(() => lstatSync(resolved, { bigint: true })),
    onHost: (resolved) => resolved.slice(root.length),
    list: (resolved) => attempt(() => readdirSync(resolved, { withFileTypes: true })),
  };
}

/** What something gives; the failure where it throws. */
export function attempt<T>(read: () => T): T | Failure {
  try {
    return read();
  } catch (error) {
    // A folder that has become a file leads to nothing as well, and so does a circle of links.
    const { code } = error as { readonly code?: string };
    return code === "ENOTDIR" || code === "ELOOP" || code === "ENAMETOOLONG"
      ? Failure.GONE
      : failure(error);
  }
}
