import type { LoadedFile } from "../compiler/files.ts";
import type { CompiledDetection } from "../model/compiled.ts";
import { CATALOGUE } from "../profiles/mod.ts";
import type { FixtureCase } from "../testing/fixture.ts";
import { loadFixtures } from "../testing/load.ts";

/** A detection with the cases that it is to be measured by. */
export interface TestedDetection {
  /** The detection. */
  readonly compiled: CompiledDetection;
  /** Its cases, perhaps none. */
  readonly fixtures: readonly FixtureCase[];
}

/**
 * The detections that compile, each with those of its cases that are wanted. One of whose cases none is wanted is left out.
 *
 * @param wanted given the name of the detection and of the case
 */
export async function testedDetections(
  loaded: readonly LoadedFile[],
  wanted: (detection: string, name: string) => boolean,
): Promise<readonly TestedDetection[]> {
  const tested = loaded.flatMap(({ compiled }) => compiled ?? []).map(async (compiled) => {
    const { detection } = compiled;
    const all = (await loadFixtures(detection, CATALOGUE)).flatMap(({ fixture }) => fixture ?? []);
    const fixtures = all.filter(({ name }) => wanted(detection.name, name));
    const meant = fixtures.length > 0 || all.length === 0 && wanted(detection.name, "");
    return meant ? [{ compiled, fixtures }] : [];
  });
  return (await Promise.all(tested)).flat();
}
