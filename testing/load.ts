import { basename, dirname, join } from "@std/path";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { SourceText } from "../diagnostics/source.ts";
import type { Detection } from "../model/detection.ts";
import type { Catalogue } from "../profiles/mod.ts";
import { type FixtureCase, parseFixture } from "./fixture.ts";

/** A fixture file after reading: the case, if it is one, and every fault found. */
export interface LoadedFixture {
  readonly source: SourceText;
  readonly fixture: FixtureCase | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** The folder that holds a detection's cases: `<name>/` in the nearest `fixtures/` at or above the detection's folder. */
export async function fixtureFolder(detection: Detection): Promise<string | undefined> {
  let folder = dirname(await Deno.realPath(detection.file));
  while (true) {
    const fixtures = join(folder, "fixtures");
    if (await isFolder(fixtures)) {
      const own = join(fixtures, detection.name);
      return await isFolder(own) ? own : undefined;
    }
    const parent = dirname(folder);
    if (parent === folder) return undefined;
    folder = parent;
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
  return await Promise.all(
    files.sort().map(async (name) => {
      const text = await Deno.readTextFile(join(folder, name));
      const source = new SourceText(join("fixtures", basename(folder), name), text);
      return { source, ...parseFixture(text, source.file, catalogue, dirname(folder)) };
    }),
  );
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch {
    return false;
  }
}
