import type { TableSpec } from "../../schema/types.ts";
import type { Reading } from "../core/collector.ts";
import { Failure } from "../proc/files.ts";
import { type Memory, openMemory } from "./pages.ts";
import { missing } from "./rest.ts";
import { gapOf, type Target } from "./targets.ts";

/**
 * The rows that the memory of a process has for a table: those that `rows` reads of it while it is open; the one of those
 * that are missing where it cannot be opened, or not all of it was read; none where the process is gone.
 */
export function* rowsOfMemory(
  spec: TableSpec,
  target: Target,
  rows: (memory: Memory) => Iterable<Reading>,
): Iterable<Reading> {
  const opened = openMemory(target);
  if (opened === Failure.GONE) return;
  if (opened instanceof Failure) {
    yield missing(spec, target.identity, gapOf(opened));
    return;
  }
  using memory = opened;
  yield* rows(memory);
  const [gap] = memory.gaps;
  if (gap) yield missing(spec, target.identity, gap);
}
