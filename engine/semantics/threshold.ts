import type { CompiledDetection } from "../../model/compiled.ts";
import type { Threshold } from "../../model/detection.ts";
import type { CountedGroup, ThresholdState } from "../../model/evaluation_state.ts";
import type { Hit } from "../../model/hits.ts";
import { shortKey, stateDigest } from "./identity.ts";
import type { Step } from "./differential.ts";

/** Values and times that are remembered for all groups of a detection together. */
const MAX_REMEMBERED = 100_000;

/** What of a window two times of a group are apart that have another one between them: `first_time` is late by no more. */
const TIME_RESOLUTION = 1 / 1000;

/** Hits to be counted. */
export interface Counting {
  readonly compiled: CompiledDetection;
  readonly threshold: Threshold;
  /** What makes a row the same row. */
  readonly identity: readonly string[];
  /** Hits that were found together: those of a run, or in events mode those of each event. */
  readonly batches: readonly (readonly Hit[])[];
  /** The value of `:now`, ms since the epoch. */
  readonly now: number;
}

interface Group {
  fired: number | undefined;
  readonly times: number[];
  readonly values: Map<string, number>;
}

/**
 * Counts hits in a window that slides: for each value of `by` the distinct values that were seen in the last `within`,
 * be it once or in every run. When they are `count` or more, the last row of the batch is a hit; after that none is until
 * `within` has passed, and what was counted before counts no more. Where `count_distinct` is NULL there is nothing to
 * count.
 */
export function countHits(
  { compiled, threshold, identity, batches, now }: Counting,
  stored: ThresholdState | undefined,
): Step<ThresholdState> {
  const { by, count, within, count_distinct } = threshold;
  const events = compiled.detection.meta.mode === "events" && count_distinct === undefined;
  const counted = count_distinct === undefined ? identity : [count_distinct];
  const digest = stateDigest(compiled, ["threshold", by, events ? "event" : counted]);
  const before = stored?.digest === digest ? stored : undefined;
  const groups = restoreGroups(before?.groups ?? [], within, now);
  const distinct = compiled.columns.findIndex(({ name }) => name === count_distinct);
  let event = before?.events ?? 0;

  const hits: Hit[] = [];
  for (const batch of batches) {
    if (events) event++;
    const countable = batch.filter(({ row }) => distinct < 0 || (row[distinct] ?? null) !== null);
    const byGroup = Map.groupBy(countable, ({ row }) => shortKey(compiled, by, row));
    for (const [key, mine] of byGroup) {
      const group: Group = groups.get(key) ?? { fired: undefined, times: [], values: new Map() };
      groups.set(key, group);
      for (const { row } of mine) {
        group.values.set(events ? String(event) : shortKey(compiled, counted, row), now);
      }
      noteTime(group.times, now, within * TIME_RESOLUTION);
      const resting = group.fired !== undefined && now - group.fired < within;
      if (resting || group.values.size < count) continue;
      const first_time = group.times[0]!;
      const summary = { count: group.values.size, first_time, last_time: now };
      hits.push({ ...mine.at(-1)!, counted: summary });
      group.fired = now;
      group.values.clear();
      group.times.length = 0;
    }
  }
  const forgotten = forget(groups, count);
  return {
    hits,
    state: { digest, events: event, groups: [...groups].map(storeGroup) },
    ...(forgotten && { note: forgotten }),
  };
}

/**
 * Adds a time. The one before it gives way where that leaves no gap of `resolution` or more: whichever time the window
 * comes to begin at, what was seen then or a moment later is still known.
 */
function noteTime(times: number[], now: number, resolution: number): void {
  const [before, last] = [times.at(-2), times.at(-1)];
  if (last === now) return;
  if (before !== undefined && now - before < resolution) times.pop();
  times.push(now);
}

/** What is still in the window. A time in the future was written before the clock was set back, and counts as now. */
function restoreGroups(
  stored: readonly CountedGroup[],
  within: number,
  now: number,
): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const { by, fired, times, values } of stored) {
    const group: Group = {
      fired: fired !== null && fired <= now && now - fired < within ? fired : undefined,
      times: times.map((time) => Math.min(time, now)).filter((time) => now - time < within),
      values: new Map(
        values.map(([key, last]) => [key, Math.min(last, now)] as const)
          .filter(([, last]) => now - last < within),
      ),
    };
    if (group.fired !== undefined || group.values.size > 0) groups.set(by, group);
  }
  return groups;
}

function storeGroup([by, { fired, times, values }]: [string, Group]): CountedGroup {
  return { by, fired: fired ?? null, times, values: [...values] };
}

/**
 * Keeps what is remembered within bounds. Of each group the `count` values seen last decide whether it fires: the others
 * go first and cost nothing but the exact number in an alert. Only where that does not suffice go whole groups, those
 * that were not seen for longest.
 */
function forget(groups: Map<string, Group>, count: number): string | undefined {
  if (sizeOf(groups) <= MAX_REMEMBERED) return undefined;
  for (const { values } of groups.values()) {
    const last = [...values].sort(([, a], [, b]) => a - b);
    for (const [key] of last.slice(0, Math.max(0, last.length - count))) values.delete(key);
  }
  const oldestFirst = [...groups].sort(([, a], [, b]) => lastSeen(a) - lastSeen(b));
  let dropped = 0;
  let size = sizeOf(groups);
  for (const [key, group] of oldestFirst) {
    if (size <= MAX_REMEMBERED) break;
    size -= 1 + group.times.length + group.values.size;
    groups.delete(key);
    dropped++;
  }
  return "the threshold would have to remember too much: " +
    (dropped > 0
      ? `what it counted for ${dropped} of ${oldestFirst.length} values of \`by\` is forgotten`
      : "more may have been seen than it counts");
}

function lastSeen({ fired, times }: Group): number {
  return Math.max(fired ?? 0, times.at(-1) ?? 0);
}

function sizeOf(groups: ReadonlyMap<string, Group>): number {
  let size = 0;
  for (const { times, values } of groups.values()) size += 1 + times.length + values.size;
  return size;
}
