import type { FrontMatter } from "../../../model/detection.ts";

/** A row of a result: who, what, a value, and whether an exception excludes it. */
export interface ModelRow {
  readonly user: string | null;
  readonly name: string;
  readonly value: number;
  readonly excepted: boolean;
}

/** A run as it was: its time (ms), whether it could be evaluated, and the rows of each event, or all of them. */
export interface ModelRun {
  readonly now: number;
  readonly verdict: "evaluated" | "partial" | "not_evaluated";
  readonly events: readonly (readonly ModelRow[])[];
}

/** What a detection told: the row, and what evaluation added to it. */
export interface Told {
  readonly row: readonly [user: string | null, name: string, value: number];
  readonly change?: "added" | "removed";
  readonly count?: number;
  readonly first_time?: number;
}

type Meta = Pick<
  FrontMatter,
  "mode" | "identity" | "emit" | "baseline" | "remember" | "threshold" | "suppression"
>;

type Hit = Told & { readonly by: Readonly<Record<string, unknown>>; readonly event: number };

/**
 * What a detection tells in its last run, worked out from everything that ever was, without any state: slow, and close to
 * the words of `docs/detections.md`.
 */
export function tell(meta: Meta, runs: readonly ModelRun[]): readonly Told[] {
  const alerts = emitted(meta, runs);
  return alerts.filter(({ run }) => run === runs.length - 1).map(({ hit }) => {
    const { by: _, event: _event, ...told } = hit;
    return told;
  });
}

interface Emitted {
  readonly run: number;
  readonly key: string;
  readonly hit: Hit;
}

/** Every alert of the history: a hit is one unless an alert of its key is younger than the window is long. */
function emitted(meta: Meta, runs: readonly ModelRun[]): Emitted[] {
  const { by, for: length } = meta.suppression;
  const columns = by ?? meta.identity ?? ["user", "name", "value"];
  const told: Emitted[] = [];
  for (const [run, { now }] of runs.entries()) {
    for (const hit of counted(meta, runs.slice(0, run + 1))) {
      const change = by === undefined ? hit.change : undefined;
      const key = JSON.stringify([columns.map((name) => hit.by[name]), change]);
      const earlier = told.some((one) => one.key === key && now - runs[one.run]!.now < length);
      if (!earlier) told.push({ run, key, hit });
    }
  }
  return told;
}

/** The hits of the last run after the threshold. */
function counted(meta: Meta, runs: readonly ModelRun[]): Hit[] {
  const { threshold } = meta;
  if (!threshold) return changed(meta, runs);
  const { now } = runs.at(-1)!;
  const groups = new Set(changed(meta, runs).map((hit) => group(threshold.by, hit)));
  return [...groups].flatMap((key) =>
    firings(meta, runs, key).filter(({ run }) => run === runs.length - 1)
  ).sort((a, b) => a.place - b.place).map(({ seen, hit }): Hit => ({
    ...hit,
    count: new Set(seen.map(({ what }) => what)).size,
    first_time: Math.min(now, ...seen.map(({ time }) => time)),
  }));
}

function group(by: readonly string[], hit: Hit): string {
  return JSON.stringify(by.map((name) => hit.by[name]));
}

interface Sighting {
  readonly time: number;
  readonly what: string;
}

interface Firing {
  readonly run: number;
  readonly time: number;
  readonly hit: Hit;
  readonly seen: readonly Sighting[];
  /** Where the first hit of the batch stands in its run. */
  readonly place: number;
}

/** When a group reached its count, ever. */
function firings(meta: Meta, runs: readonly ModelRun[], key: string): Firing[] {
  const { by, count, within, count_distinct } = meta.threshold!;
  const fired: Firing[] = [];
  const sightings: Sighting[] = [];
  for (const [run, { now }] of runs.entries()) {
    const all = changed(meta, runs.slice(0, run + 1));
    const mine = all.filter((hit) => group(by, hit) === key)
      .filter((hit) => count_distinct === undefined || hit.by[count_distinct] !== null);
    const batches = Map.groupBy(mine, ({ event }) => event);
    for (const [event, hits] of batches) {
      for (const hit of hits) {
        const what = count_distinct !== undefined
          ? hit.by[count_distinct]
          : meta.mode === "events"
          ? `${run}/${event}`
          : (meta.identity ?? ["user", "name", "value"]).map((name) => hit.by[name]);
        sightings.push({ time: now, what: JSON.stringify(what) });
      }
      if (fired.some(({ time }) => now - time < within)) continue;
      // What was seen at or before a firing is out of the window by the time the group may fire again.
      const seen = sightings.filter(({ time }) => now - time < within);
      if (new Set(seen.map(({ what }) => what)).size < count) continue;
      fired.push({ run, time: now, hit: hits.at(-1)!, seen, place: all.indexOf(hits[0]!) });
    }
  }
  return fired;
}

/** The hits of the last run before the threshold. */
function changed(meta: Meta, runs: readonly ModelRun[]): Hit[] {
  const run = runs.at(-1)!;
  if (run.verdict === "not_evaluated") return [];
  const rows = counting(run);
  if (meta.mode !== "differential") {
    return rows.map(({ row, event }) => hitOf(row, meta.mode === "events" ? event : 0));
  }
  const keyOf = (row: ModelRow) =>
    JSON.stringify((meta.identity ?? ["user", "name", "value"]).map((name) => valuesOf(row)[name]));
  const earlier = runs.slice(0, -1).filter(({ verdict }) => verdict !== "not_evaluated");
  if (earlier.length === 0 && meta.baseline === "silent") return [];

  /** When a key was last there, whether it still is as far as anybody knows, and its row then. */
  const lastSeen = (key: string) => {
    for (let index = earlier.length - 1; index >= 0; index--) {
      const then = earlier[index]!;
      const place = counting(then).findIndex((one) => keyOf(one.row) === key);
      const row = counting(then)[place]?.row;
      if (!row && then.events.flat().some((one) => keyOf(one) === key)) return undefined;
      if (!row) continue;
      const since = earlier.slice(index + 1);
      return {
        row,
        order: index * 1000 + place,
        time: then.now,
        present: since.every(({ verdict }) => verdict === "partial"),
        last: since.length === 0,
      };
    }
    return undefined;
  };
  const first = new Map<string, ModelRow>();
  for (const { row } of rows) if (!first.has(keyOf(row))) first.set(keyOf(row), row);
  const hits: Hit[] = [];
  for (const [key, row] of first) {
    const seen = lastSeen(key);
    const age = seen ? run.now - seen.time : Infinity;
    const known = seen?.present
      ? seen.last || age < (meta.remember ?? meta.suppression.for)
      : age < (meta.remember ?? 0);
    if (!known && meta.emit.includes("added")) hits.push({ ...hitOf(row, 0), change: "added" });
  }
  if (run.verdict === "partial" || !meta.emit.includes("removed")) return hits;
  const everyone = earlier.flatMap((one) => counting(one).map(({ row }) => keyOf(row)));
  const gone = [...new Set(everyone)]
    .filter((key) => !run.events.flat().some((row) => keyOf(row) === key))
    .flatMap((key) => lastSeen(key) ?? []).filter(({ present }) => present)
    .sort((a, b) => a.order - b.order);
  return [...hits, ...gone.map(({ row }): Hit => ({ ...hitOf(row, 0), change: "removed" }))];
}

function counting({ events }: ModelRun): { row: ModelRow; event: number }[] {
  return events.flatMap((rows, event) =>
    rows.filter(({ excepted }) => !excepted).map((row) => ({ row, event }))
  );
}

function valuesOf({ user, name, value }: ModelRow): Record<string, unknown> {
  return { user, name, value };
}

function hitOf(row: ModelRow, event: number): Hit {
  return { row: [row.user, row.name, row.value], by: valuesOf(row), event };
}
