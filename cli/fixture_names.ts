import { basename } from "@std/path";
import type { FixtureName } from "../compiler/hygiene/mod.ts";
import type { Detection } from "../model/detection.ts";
import { CATALOGUE } from "../profiles/mod.ts";
import { fixtureFolder, type FixtureRoots, loadFixtures } from "../testing/load.ts";
import { FailedError } from "./command.ts";

/**
 * The fixture cases of a detection by name. They are read only where an exception names one that is no file.
 *
 * @throws {FailedError} where their folder cannot be read
 */
export async function fixtureNames(
  detection: Detection,
  roots: FixtureRoots,
): Promise<readonly FixtureName[]> {
  try {
    return await caseNames(detection, roots);
  } catch (error) {
    throw new FailedError(
      `the fixtures of ${detection.name} cannot be read: ${(error as Error).message}`,
    );
  }
}

async function caseNames(
  detection: Detection,
  roots: FixtureRoots,
): Promise<readonly FixtureName[]> {
  const files = await caseFiles(detection, roots);
  const named = detection.meta.exceptions.flatMap(({ fixture }) => fixture ?? []);
  if (named.every((name) => files.includes(name))) return files.map((file) => ({ file }));
  const cases = await loadFixtures(detection, CATALOGUE);
  return cases.map(({ source, fixture }) => ({
    file: stem(source.file),
    ...(fixture && { name: fixture.name }),
  }));
}

async function caseFiles(detection: Detection, roots: FixtureRoots): Promise<string[]> {
  const folder = await fixtureFolder(detection, roots);
  if (folder === undefined) return [];
  const files: string[] = [];
  for await (const { isFile, name } of Deno.readDir(folder)) {
    if (isFile && /\.ya?ml$/.test(name)) files.push(stem(name));
  }
  return files;
}

function stem(path: string): string {
  return basename(path).replace(/\.ya?ml$/, "");
}
