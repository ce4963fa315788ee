import type { Entry, FileHandle } from "./records.ts";

/** Knows the paths of folders by their handles. */
export interface Folders {
  /** The path of a folder; `undefined` where it is gone, and nothing was heard of it before. */
  pathOf(folder: FileHandle): string | undefined;
  /** Remembers where a folder was made, for when it is gone before it is looked at. */
  learn(folder: FileHandle, entry: Entry): void;
  /** Forgets all paths: a folder has been moved, or another filesystem mounted. */
  forget(): void;
}

/** Folders that are remembered, of those with a path and of those that were made. */
const MAX_KNOWN = 65_536;
/** Folders within each other. */
const MAX_DEPTH = 256;

/** Makes {@linkcode Folders}; `find` asks the filesystem. */
export function createFolders(find: (folder: FileHandle) => string | undefined): Folders {
  const paths = new Map<string, string>();
  const made = new Map<string, Entry>();

  const remember = <T>(map: Map<string, T>, key: string, value: T) => {
    if (map.size >= MAX_KNOWN) map.clear();
    map.set(key, value);
  };
  const pathOf = (folder: FileHandle, depth = 0): string | undefined => {
    const known = paths.get(folder.key);
    if (known !== undefined) return known;
    const path = find(folder) ?? learned(folder, depth);
    if (path !== undefined) remember(paths, folder.key, path);
    return path;
  };
  const learned = ({ key }: FileHandle, depth: number): string | undefined => {
    const entry = made.get(key);
    if (!entry || depth === MAX_DEPTH) return undefined;
    const parent = pathOf(entry.folder, depth + 1);
    return parent === undefined ? undefined : joinPath(parent, entry.name);
  };

  return {
    pathOf,
    learn: ({ key }, entry) => remember(made, key, entry),
    forget: () => paths.clear(),
  };
}

/** The path of a name in a folder. */
export function joinPath(folder: string, name: string): string {
  return name === "." ? folder : folder === "/" ? `/${name}` : `${folder}/${name}`;
}
