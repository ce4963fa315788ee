import { parsePathGlob } from "../files/path_glob.ts";
import { Failure } from "../proc/files.ts";
import type { HostPaths } from "./paths.ts";

/** Entries of folders that are looked at for one pattern at most. */
const MAX_ENTRIES = 500_000;

/**
 * The paths that a pattern of SQLite's GLOB matches and that are no folders; `*` matches slashes, too. Links to folders
 * are not followed below the place that the constant beginning of the pattern names: a folder may hold itself.
 *
 * @param missing is told, in words, why paths are missing
 */
export function* expandGlob(
  paths: HostPaths,
  pattern: string,
  deadline: number,
  missing: (reason: string) => void,
): Iterable<string> {
  const { base, matches, leadsOn } = parsePathGlob(pattern);
  if (base === undefined) {
    if (!pattern.startsWith("/")) missing(`the pattern ${pattern} does not begin with a folder`);
    return;
  }
  const open = [base];
  let entries = 0;
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    if (performance.now() > deadline) return missing(`there was no time to look at all of ${base}`);
    const resolved = paths.resolve(folder);
    const listed = resolved instanceof Failure ? resolved : paths.list(resolved);
    if (listed === Failure.GONE) continue;
    if (listed instanceof Failure) {
      missing(`${folder} could not be read (${listed.reason})`);
      continue;
    }
    const below: string[] = [];
    for (const entry of listed.toSorted((one, other) => one.name < other.name ? -1 : 1)) {
      if (++entries > MAX_ENTRIES) {
        return missing(`more than ${MAX_ENTRIES} files were to be looked at in ${base}`);
      }
      const path = `${folder === "/" ? "" : folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (leadsOn(`${path}/`)) below.push(path);
      } else if (matches(path)) yield path;
    }
    open.push(...below.reverse());
  }
}
