/** Places whose files are watched: each one itself, and all below it. */
export interface WatchedPlaces {
  /** Whether a path is one of them, or below one. */
  covers(path: string): boolean;
}

/** Makes {@linkcode WatchedPlaces} of absolute paths. */
export function watchedPlaces(paths: readonly string[]): WatchedPlaces {
  const exact = new Set(paths.map((path) => path.replace(/\/+$/, "")));
  const all = exact.has("");
  const below = [...exact].map((path) => path + "/");
  return {
    covers: (path) => all || exact.has(path) || below.some((prefix) => path.startsWith(prefix)),
  };
}
