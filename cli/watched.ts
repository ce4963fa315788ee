import { dirname, join, resolve } from "@std/path";
import { detectionPaths } from "./options.ts";
import type { Arguments } from "./command.ts";
import type { Prepared } from "./reload.ts";

/** Where what decides what an agent does lies, or may come to lie. */
export interface Watched {
  /** Folders that exist; what is below them is not meant. */
  readonly folders: ReadonlySet<string>;
  /** Those of them that stand for a folder below them that does not exist. Of what is in them only `awaited` matters. */
  readonly standIns: ReadonlySet<string>;
  /** The configuration, what detections have with them, and what folders that do not exist begin with. */
  readonly awaited: ReadonlySet<string>;
}

/** Finds what has to be watched. */
export function findWatched(args: Arguments, prepared: Prepared): Watched {
  const { configured: { settings, file }, loaded, detections } = prepared;
  const resources = detections.flatMap(({ detection: { file, meta: { resources } } }) =>
    [...resources.yara, ...resources.indicators].map((path) => resolve(dirname(file), path))
  );
  const files = [...file === undefined ? [] : [resolve(file)], ...resources];
  const given = settings ? detectionPaths(args, settings) : [];
  const wanted = [
    ...given.flatMap(detectionFolders),
    ...[...loaded.map(({ source }) => source.file), ...files].map((path) => dirname(path)),
  ].map((path) => resolve(path));
  const folders = new Set(wanted.filter(isFolder));
  const awaited = new Set(files);
  const standIns = new Set<string>();
  for (let path of wanted) {
    if (folders.has(path)) continue;
    while (!isFolder(path) && path !== dirname(path)) {
      awaited.add(path);
      path = dirname(path);
    }
    if (!folders.has(path)) standIns.add(path);
  }
  return { folders: folders.union(standIns), standIns, awaited };
}

/** A path that was given, and the folders below it in which detections are looked for. */
function detectionFolders(path: string): string[] {
  const inner = join(path, "detections");
  return isFolder(inner) ? [path, ...foldersFrom(inner)] : foldersFrom(path);
}

/** A folder and all below it, but for those in which nobody looks for detections. */
function foldersFrom(folder: string): string[] {
  let names: string[];
  try {
    names = [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
      !isDirectory || name.startsWith(".") || name === "node_modules" ? [] : [name]
    );
  } catch {
    // It is none, or has just gone.
    return [folder];
  }
  return [folder, ...names.flatMap((name) => foldersFrom(join(folder, name)))];
}

/** Whether a path is a folder that exists. */
export function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
