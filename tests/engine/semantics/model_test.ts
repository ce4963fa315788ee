/**
 * Evaluation from run to run, against an evaluation of the whole history at once. The number of histories is that of
 * `HISTORIES`, 200 by default.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import fc from "fast-check";
import { concludeRun, finish } from "../../../engine/finish.ts";
import type { CompiledDetection } from "../../../model/compiled.ts";
import type { FrontMatter } from "../../../model/detection.ts";
import type { ScanManifest } from "../../../model/scan.ts";
import { CATALOGUE } from "../../../profiles/mod.ts";
import { openStore, type Store } from "../../../store/mod.ts";
import { SEED } from "../../seed.ts";
import { compiledOf } from "../../alerts/fixtures.ts";
import { type ModelRow, type ModelRun, tell, type Told } from "./naive.ts";

const HISTORIES = Number(Deno.env.get("HISTORIES") ?? 200);

/** Histories that share a store, which is opened anew once. */
const AT_ONCE = 20;
const MINUTE = 60_000;
const COLUMNS = ["user", "name", "value"];

interface Model {
  readonly meta: Partial<FrontMatter>;
  readonly runs: readonly ModelRun[];
}

const minutes = (max: number) => fc.integer({ min: 1, max }).map((count) => count * MINUTE);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const some = <T>(...values: T[]) => fc.subarray(values, { minLength: 1 });

const meta: fc.Arbitrary<Partial<FrontMatter>> = fc.record({
  mode: fc.constantFrom("snapshot", "differential", "differential", "events" as const),
  identity: maybe(some("user", "name", "value")),
  emit: some("added", "removed" as const),
  baseline: fc.constantFrom("silent", "alert" as const),
  remember: maybe(minutes(8)),
  threshold: maybe(
    fc.record({
      by: some("user", "name"),
      count: fc.integer({ min: 2, max: 4 }),
      within: minutes(8),
      count_distinct: maybe(fc.constantFrom("user", "value")),
    }).map(defined),
  ),
  suppression: fc.record({ by: maybe(some("user", "name")), for: minutes(6) }).map(defined),
}).map(defined);

const row: fc.Arbitrary<ModelRow> = fc.record({
  user: fc.constantFrom(null, "u", "v"),
  name: fc.constantFrom("a", "b"),
  value: fc.integer({ min: 1, max: 3 }),
  excepted: fc.integer({ min: 0, max: 7 }).map((number) => number === 0),
});

const run = fc.record({
  pause: fc.integer({ min: 1, max: 5 }),
  verdict: fc.constantFrom(
    ...["evaluated", "evaluated", "evaluated", "partial", "not_evaluated"] as const,
  ),
  events: fc.array(fc.array(row, { maxLength: 3 }), { maxLength: 4 }),
});

const model: fc.Arbitrary<Model> = fc.record({
  meta,
  runs: fc.array(run, { minLength: 1, maxLength: 12 }).map((runs) => {
    let now = Date.UTC(2026, 0, 1);
    return runs.map(({ pause, ...rest }) => ({ ...rest, now: now += pause * MINUTE }));
  }),
});

// deno-lint-ignore no-explicit-any -- drops the keys that are undefined, which front-matter never has
function defined(value: any): any {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined));
}

function detectionOf({ meta }: Model, index: number): CompiledDetection {
  const id = `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
  const columns = COLUMNS.map((name) => ({ name }));
  return { ...compiledOf(columns, { ...meta, id }), sql: "SELECT 1", digest: "d" };
}

/** What evaluation tells of a run, with the state of the runs before in the store. */
async function evaluate(
  compiled: CompiledDetection,
  { now, verdict, events }: ModelRun,
  store: Store,
): Promise<Told[]> {
  const { id } = compiled.detection.meta;
  const rows = events.flatMap((rows, event) => rows.map((one) => ({ ...one, event })));
  const state = { rule_id: id, enabled: true, failures: 0, digest: "d" };
  const manifest: ScanManifest = {
    scan_id: 1,
    host: "host-a",
    platform: "linux",
    started: now,
    finished: now,
    tables: [],
    collectors: [],
  };
  const context = { store, manifest, catalogue: CATALOGUE, now };
  const candidate = { compiled, before: state, state, rest: undefined };
  const concluded = await concludeRun(candidate, {
    evaluation: verdict === "not_evaluated"
      ? { status: "not_evaluated", why: { kind: "unavailable", reason: "denied" } }
      : {
        status: "evaluated",
        result: {
          columns: compiled.columns,
          rows: rows.map(({ user, name, value }) => [user, name, value]),
          truncated: false,
          duration_ms: 0,
        },
        ...(verdict === "partial" && { partial: { evaluated: 1, of: 2, reason: "denied" } }),
      },
    excepted: new Map(rows.flatMap(({ excepted }, at) => excepted ? [[at, "known"]] : [])),
    ...(compiled.detection.meta.mode === "events" && { eventOf: rows.map(({ event }) => event) }),
  }, context);
  const { alerts, problem } = await finish(concluded, context);
  if (problem) throw problem;
  return alerts.map(({ alert_data }) => {
    const { change, count, first_time } = alert_data;
    const values = COLUMNS.map((name) => alert_data[name]);
    return defined({ row: values, change, count, first_time }) as Told;
  });
}

async function play(models: readonly Model[], reopenAt: number, seed: number): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "daemoneye-model-" });
  const path = join(folder, "state.kv");
  const open = () => openStore({ path, mode: "write", holder: "a test", catalogue: CATALOGUE });
  let store = await open();
  try {
    const detections = models.map(detectionOf);
    for (let at = 0; models.some(({ runs }) => at < runs.length); at++) {
      if (at === reopenAt) {
        store.close();
        store = await open();
      }
      for (const [index, model] of models.entries()) {
        const compiled = detections[index]!;
        const run = model.runs[at];
        if (!run) continue;
        const told = await evaluate(compiled, run, store);
        const asked = tell(compiled.detection.meta, model.runs.slice(0, at + 1));
        assertEquals(sorted(told), sorted(asked), shown(model, at, seed));
      }
    }
  } finally {
    store.close();
    await Deno.remove(folder, { recursive: true });
  }
}

/** A model up to a run, for people: who, what and value of each row, \\ between events, ! where an exception excludes it. */
function shown({ meta, runs }: Model, at: number, seed: number): string {
  const lines = runs.slice(0, at + 1).map(({ now, verdict, events }) => {
    const rows = events.map((rows) =>
      rows.map(({ user, name, value, excepted }) =>
        `${user ?? "-"}.${name}${value}${excepted ? "!" : ""}`
      )
        .join(" ")
    );
    return `${now / MINUTE - runs[0]!.now / MINUTE}: ${verdict}: ${rows.join(" \\ ")}`;
  });
  return [`SEED=${seed}`, JSON.stringify(meta), ...lines].join("\n");
}

/** Of what is told together the order means nothing. */
function sorted(told: readonly Told[]): string[] {
  return told.map((one) => JSON.stringify(Object.entries(one).sort())).sort();
}

Deno.test(`evaluation from run to run tells what the whole history tells, in ${HISTORIES} histories`, async () => {
  const models = fc.sample(model, { numRuns: HISTORIES, seed: SEED });
  for (let from = 0; from < models.length; from += AT_ONCE) {
    await play(models.slice(from, from + AT_ONCE), 1 + from / AT_ONCE % 8, SEED);
  }
});
