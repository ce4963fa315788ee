import { type Dirent, readdirSync } from "node:fs";
import type { TaskKeys } from "../../model/collection.ts";
import { parsePathGlob } from "../files/path_glob.ts";
import { Failure, failure } from "../proc/files.ts";
import type { PathStyle } from "./paths.ts";

/** What keeps looking for files from having no end. */
export interface Search {
  /** How paths are written. */
  readonly style: PathStyle;
  /** Where the host's files stand; empty where they stand where their paths say. */
  readonly root: string;
  /** As `performance.now()` counts. */
  readonly deadline: number;
  /** Told why rows are missing, in words. */
  readonly missing: (reason: string) => void;
  /** Entries of folders that are looked at. */
  readonly entries?: number;
}

const MAX_ENTRIES = 1_000_000;
const MAX_DEPTH = 128;

/**
 * The paths that are asked for, each once; whether there is such a file is not known of those that were named. Links below
 * the place that a pattern begins with are not followed.
 */
export function* findPaths(
  { column, values = [], globs = [] }: TaskKeys,
  search: Search,
): Generator<string> {
  const { style, root, deadline, missing } = search;
  const seen = new Set<string>();
  let left = search.entries ?? MAX_ENTRIES;

  const goesOn = () => {
    if (left-- <= 0) missing("more files were to be looked at than is allowed");
    else if (performance.now() > deadline) missing("there was no time to look at all files");
    else return true;
    left = 0;
    return false;
  };
  const list = (folder: string): readonly Dirent[] => {
    try {
      return readdirSync(`${root}${folder}`, { withFileTypes: true });
    } catch (error) {
      const why = failure(error);
      if (why !== Failure.GONE) missing(`${folder} could not be read (${why.reason})`);
      return [];
    }
  };
  const inside = (folder: string, name: string) =>
    folder.endsWith(style.separator) ? folder + name : folder + style.separator + name;
  function* descend(
    folder: string,
    depth: number,
    wanted: (path: string) => boolean,
    below: (path: string) => boolean,
  ): Generator<string> {
    for (const entry of list(folder)) {
      if (!goesOn()) return;
      const path = inside(folder, entry.name);
      if (wanted(path)) yield path;
      if (!entry.isDirectory() || !below(path)) continue;
      if (depth >= MAX_DEPTH) missing(`folders more than ${MAX_DEPTH} deep were left out`);
      else yield* descend(path, depth + 1, wanted, below);
    }
  }
  function* find(): Generator<string> {
    for (const value of values) {
      if (typeof value !== "string" || !style.isCanonical(value)) continue;
      if (column !== "directory") yield value;
      else yield* descend(value, 0, () => true, () => false);
    }
    for (const pattern of globs) {
      const glob = style.separator === "/" ? parsePathGlob(pattern) : undefined;
      if (glob?.base === undefined) {
        missing(`files are not looked for by the pattern ${pattern} here`);
        continue;
      }
      const { base, matches, leadsOn } = glob;
      const fits = column === "directory"
        ? (path: string) => matches(path.slice(0, path.lastIndexOf("/")) || "/")
        : matches;
      const below = column === "directory"
        ? (path: string) => matches(path) || leadsOn(`${path}/`)
        : (path: string) => leadsOn(`${path}/`);
      yield* descend(base, 0, fits, below);
    }
  }
  for (const path of find()) {
    if (seen.has(path)) continue;
    seen.add(path);
    yield path;
  }
}
