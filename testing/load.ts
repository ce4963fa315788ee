import { dirname, isAbsolute, join, relative } from "@std/path";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { SourceText } from "../diagnostics/source.ts";
import type { Detection } from "../model/detection.ts";
import type { Catalogue } from "../profiles/mod.ts";
import { type FixtureCase, parseFixture } from "./fixture.ts";

/** A fixture file after reading: the case, if it is one, and every fault found. */
export interface LoadedFixture {
  /** Where the file really lies. */
  readonly path: string;
  readonly source: SourceText;
  readonly fixture: FixtureCase | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** The `fixtures/` that is for the detections of each folder, so that it is looked for once. */
export type FixtureRoots = Map<string, Promise<string | undefined>>;

/** The folder that holds a detection's cases: `<name>/` in the nearest `fixtures/` at or above the detection's folder. */
export async function fixtureFolder(
  detection: Detection,
  roots: FixtureRoots = new Map(),
): Promise<string | undefined> {
  const folder = dirname(detection.file);
  let root = roots.get(folder);
  if (!root) roots.set(folder, root = fixtureRoot(folder));
  const found = await root;
  const own = found && join(found, detection.name);
  return own && await isFolder(own) ? own : undefined;
}

async function fixtureRoot(of: string): Promise<string | undefined> {
  for (let folder = await Deno.realPath(of);; folder = dirname(folder)) {
    const fixtures = join(folder, "fixtures");
    if (await isFolder(fixtures)) return fixtures;
    if (dirname(folder) === folder) return undefined;
  }
}

/** Reads the cases of a detection, sorted by file name; none where it has no folder of fixtures. */
export async function loadFixtures(
  detection: Detection,
  catalogue: Catalogue,
): Promise<readonly LoadedFixture[]> {
  const folder = await fixtureFolder(detection);
  if (folder === undefined) return [];
  const files: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    if (entry.isFile && /\.ya?ml$/.test(entry.name)) files.push(entry.name);
  }
  return await Promise.all(files.sort().map((name) => loadFixture(join(folder, name), catalogue)));
}

/**
 * Reads a case; recordings that it names lie beside its folder.
 *
 * @throws Deno's errors where the file cannot be read
 */
export async function loadFixture(path: string, catalogue: Catalogue): Promise<LoadedFixture> {
  const text = await Deno.readTextFile(path);
  const source = new SourceText(shownPath(path), text);
  const folder = dirname(dirname(path));
  return { path, source, ...parseFixture(text, source.file, catalogue, folder) };
}

/** A path as people can open it from where they are. */
function shownPath(path: string): string {
  const shown = relative(Deno.cwd(), path);
  return shown.startsWith("..") || isAbsolute(shown) ? path : shown;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch {
    return false;
  }
}
