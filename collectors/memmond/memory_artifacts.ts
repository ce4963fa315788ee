import { memory_artifacts } from "../../profiles/memory_artifacts.ts";
import type { Reading } from "../core/collector.ts";
import { type Artifact, ARTIFACTS } from "./artifacts.ts";
import { MAX_TEXTS } from "./limits.ts";
import { rowsOfMemory } from "./opened.ts";
import type { Memory } from "./pages.ts";
import { builtInFinder } from "./patterns.ts";
import { type Allowance, searchMemory } from "./search.ts";
import { disclose } from "./secrecy.ts";
import type { Target } from "./targets.ts";

/** Places of one text that are told. */
const MAX_PLACES = 3;

/** The name that is given to what follows. */
const LABEL = /[A-Za-z][A-Za-z_-]{1,31}["']?[:=] ?["']?$/;

const FINDERS = ARTIFACTS.map((artifact) => ({ artifact, ...builtInFinder(artifact) }));

/**
 * The rows of a process, one for each thing and place. Where not all of its memory could be searched, or more was found
 * than is told, the last row is of those that are missing: nothing is known of it but the process.
 */
export function listArtifacts(target: Target, allowance: Allowance): Iterable<Reading> {
  return rowsOfMemory(
    memory_artifacts,
    target,
    (memory) => artifactRows(memory, target, allowance),
  );
}

function* artifactRows(
  memory: Memory,
  { identity }: Target,
  allowance: Allowance,
): Iterable<Reading> {
  const extraction_time = Date.now();
  const places = new Map<Artifact, Map<string, number>>();
  for (const { finder, text, address, before } of searchMemory(memory, FINDERS, allowance)) {
    const { artifact } = finder;
    const region = memory.regionAt(address);
    // It was mapped after the regions had been read.
    if (!region) continue;
    const region_type = memory.typeOf(region);
    const { permissions } = region;
    const confidence = artifact.confidence(text, { address, region_type, permissions });
    if (confidence === undefined) continue;
    const value = artifact.value?.(text) ?? disclose(text, artifact.disclosure);
    const known = places.get(artifact) ?? new Map<string, number>();
    places.set(artifact, known);
    const count = known.get(value) ?? 0;
    if (count >= MAX_PLACES) continue;
    if (count === 0 && known.size >= MAX_TEXTS) {
      memory.lack("budget");
      continue;
    }
    known.set(value, count + 1);
    yield {
      row: {
        ...identity,
        artifact_type: artifact.type,
        artifact_value: value,
        artifact_category: artifact.category,
        memory_address: `0x${address.toString(16)}`,
        confidence,
        context: JSON.stringify({
          region_type,
          permissions: permissions.slice(0, 3),
          length: text.length,
          before: LABEL.exec(before)?.[0] ?? "",
        }),
        extraction_time,
      },
    };
  }
}
