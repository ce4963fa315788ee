import { dirname } from "../../dialect/path.ts";
import type { TaskKeys } from "../../model/collection.ts";
import { Failure } from "../proc/files.ts";
import type { HostFiles } from "./host_files.ts";
import { isCanonical, parsePathGlob, type PathGlob } from "../files/path_glob.ts";

/** A file that was found. */
export interface Found {
  /** Its path, as it was asked for. */
  readonly path: string;
  /** The open folder in which it stands; absent for a file that is open itself. */
  readonly folder?: number;
  /** Its name there. */
  readonly name?: Uint8Array<ArrayBuffer>;
  /** The file, open to be looked at. */
  readonly file?: number;
}

/** What keeps looking for files from having no end. */
export interface WalkLimits {
  /** Entries of folders that are looked at. */
  readonly entries: number;
  /** Folders below the one that a pattern begins with. */
  readonly depth: number;
}

/** Limits in force: a whole host of ordinary size, and no path that the kernel would not take at once. */
export const WALK_LIMITS: WalkLimits = { entries: 1_000_000, depth: 128 };

/** Why rows are missing, in words. */
export type Missing = (reason: string) => void;

/** U+FFFD in a path may stand for bytes that are not UTF-8. */
const LOSSY = "\ufffd";

/**
 * Finds the files that are asked for. What is found is open only until the next is asked for. Links to folders are
 * followed on the way to the place that a path or the constant beginning of a pattern names, and nowhere below it.
 */
export function* findFiles(
  files: HostFiles,
  { column, values = [], globs = [] }: TaskKeys,
  deadline: number,
  missing: Missing,
  limits: WalkLimits = WALK_LIMITS,
): Generator<Found> {
  const seen = new Set<string>();
  const walk = createWalk(files, deadline, missing, limits);
  const paths = [...new Set(values)].filter((value): value is string =>
    typeof value === "string" && isCanonical(value)
  );
  const once = function* (found: Iterable<Found>) {
    // A file that several keys ask for is one row.
    for (const one of found) {
      if (seen.has(one.path)) continue;
      if (paths.length + globs.length > 1) seen.add(one.path);
      yield one;
    }
  };
  for (const path of paths) {
    if (column === "directory") yield* once(walk.list(path));
    else yield* once(one(files, path, missing));
  }
  for (const pattern of globs) {
    const glob = parsePathGlob(pattern);
    if (glob.base === undefined) {
      if (!pattern.startsWith("/")) missing(`the pattern ${pattern} does not begin with a folder`);
      continue;
    }
    yield* once(column === "directory" ? walk.folders(glob) : walk.paths(glob));
  }
}

function* one(files: HostFiles, path: string, missing: Missing): Generator<Found> {
  const file = files.find(path);
  if (typeof file === "number") {
    try {
      yield { path, file };
    } finally {
      files.close(file);
    }
  } else if (file !== Failure.GONE) yield { path };
  else if (path.includes(LOSSY)) missing(`${path} may be a name that is not UTF-8`);
}

function createWalk(files: HostFiles, deadline: number, missing: Missing, limits: WalkLimits) {
  let left = limits.entries;

  /** Whether looking may go on. */
  const goesOn = () => {
    if (left-- <= 0) missing(`more than ${limits.entries} files were to be looked at`);
    else if (performance.now() > deadline) missing("there was no time to look at all files");
    else return true;
    left = 0;
    return false;
  };
  const unreadable = (path: string, why: Failure | undefined) => {
    if (why && why !== Failure.GONE) missing(`${path} could not be read (${why.reason})`);
  };
  /** Opens the folder that a path leads to; links on the way to it, and it itself if it is one, are followed. */
  const reach = (path: string) => files.find(path === "/" ? path : `${path}/.`);

  /** Goes through a folder and those below that are wanted. */
  function* descend(
    folder: number,
    path: string,
    depth: number,
    wanted: (path: string) => boolean,
    below: (path: string) => boolean,
  ): Generator<Found> {
    const entries = files.entries(folder);
    while (goesOn()) {
      const next = entries.next();
      if (next.done) {
        unreadable(path, next.value);
        return;
      }
      const { name, text, folder: isFolder } = next.value;
      const inside = `${path === "/" ? "" : path}/${text}`;
      if (wanted(inside)) yield { path: inside, folder, name };
      if (isFolder === false || !below(inside)) continue;
      if (depth >= limits.depth) {
        missing(`folders more than ${limits.depth} deep were left out`);
        continue;
      }
      const child = files.enter(folder, name);
      if (child instanceof Failure) {
        unreadable(inside, child);
        continue;
      }
      try {
        const stat = files.stat(child);
        if (!(stat instanceof Failure) && (stat.mode & 0o170000) === 0o040000) {
          yield* descend(child, inside, depth + 1, wanted, below);
        }
      } finally {
        files.close(child);
      }
    }
    entries.return(undefined);
  }

  /** Starts in the folder that a path leads to. */
  function* from(
    path: string,
    wanted: (path: string) => boolean,
    below: (path: string) => boolean,
  ): Generator<Found> {
    const folder = reach(path);
    if (folder instanceof Failure) {
      unreadable(path, folder);
      return;
    }
    try {
      yield* descend(folder, path, 0, wanted, below);
    } finally {
      files.close(folder);
    }
  }

  /** The root stands in no folder; its path is its own. */
  function* root(wanted: boolean): Generator<Found> {
    if (wanted) yield* one(files, "/", missing);
  }

  return {
    /** What stands in a folder. */
    *list(path: string) {
      yield* root(path === "/");
      yield* from(path, () => true, () => false);
    },
    /** The files whose paths match. */
    *paths({ base, matches, leadsOn }: PathGlob) {
      yield* root(matches("/"));
      yield* from(base!, matches, (path) => leadsOn(`${path}/`));
    },
    /** The files that stand in folders whose paths match; the folder that the constant beginning names is one of those. */
    *folders({ base, matches, leadsOn }: PathGlob) {
      yield* root(matches("/"));
      const fits = (path: string) => matches(dirname(path)!);
      yield* from(base!, fits, (path) => matches(path) || leadsOn(`${path}/`));
    },
  };
}
