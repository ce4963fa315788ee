import { pooledMap } from "@std/async/pool";
import type { Collectors } from "../../collectors/mod.ts";
import { compilePredicate } from "../../dialect/predicate.ts";
import type { AskedKey, CollectedBatch, TableOutcome } from "../../model/collection.ts";
import type { CompiledQuery } from "../../model/compiled.ts";
import { type Detection, SEVERITIES } from "../../model/detection.ts";
import type { Trigger } from "../../model/plan.ts";
import type { Predicate } from "../../model/predicate.ts";
import type { Catalogue } from "../../profiles/mod.ts";
import { columnsOf } from "../../schema/columns.ts";
import type { Platform, TableSpec } from "../../schema/types.ts";
import { testsOn } from "../interests.ts";
import { bindValues } from "../judgeable.ts";
import type { Sandbox, SandboxImage } from "../sandbox/sandbox.ts";
import { type Asking, askKeys, TRIGGER_BOUNDS, type TriggerBounds } from "./ask.ts";
import {
  constantKeys,
  distinctKeys,
  keysOfRows,
  keySql,
  keySqlOverEvents,
  type WantedKey,
} from "./keys.ts";
import { createUnseen } from "./overlap.ts";
import { resourcesOf, type WithResources } from "./resources.ts";

/** A query whose keys are asked for. */
export interface TriggeredQuery extends Pick<CompiledQuery, "plan" | "tables">, WithResources {
  /** Where it is a detection: its severity says whose keys come first. */
  readonly detection?: Detection;
}

/** Options of {@linkcode collectTriggers}. */
export interface TriggerOptions {
  /** What rows are collected for. */
  readonly queries: readonly TriggeredQuery[];
  /** The tables that there are. */
  readonly catalogue: Catalogue;
  /** Decides which columns they have. */
  readonly platform: Platform;
  /** Who reads the host. */
  readonly collectors: Collectors;
  /** Where the queries for keys run. */
  readonly sandbox: Sandbox;
  /** The value of `:now`, ms since the epoch. */
  readonly now: number;
  /** The value of `:scan_id`. */
  readonly scan_id: number;
  /**
   * The rows that are there by now, those among them that `write` was given: what the queries for keys read. Only asked
   * for where one of them runs.
   */
  readonly image: () => Promise<SandboxImage>;
  /** Takes rows of a key. */
  readonly write: (batch: CollectedBatch) => Promise<void>;
  /** Whether the first table of a query is the events in the image instead of the rows of that name. */
  readonly onEvents?: boolean;
  /** Nobody but the queries sees the rows: those that none of them wants are left out. */
  readonly narrow?: boolean;
  /** What a stage may cost. */
  readonly bounds?: Partial<TriggerBounds>;
  /** Called with a sentence for a progress line. */
  readonly onProgress?: (text: string) => void;
}

/** A table that was collected key by key. */
export interface TriggeredTable {
  /** Its name. */
  readonly table: string;
  /** When it was first asked for, ms since the epoch. */
  readonly time: number;
  /** Whether every key was answered. What a query misses depends on its own keys. */
  readonly outcome: TableOutcome;
  /** The keys that were asked for. */
  readonly keys: readonly AskedKey[];
}

/** How long a query for keys may run where no detection says so, ms. */
const TIMEOUT = 30_000;

interface Run {
  readonly query: TriggeredQuery;
  readonly trigger: Trigger;
}

/**
 * Asks for the rows that queries need by key, stage by stage: the rows of one stage have the keys of the next. Each key of
 * a table is asked for once, however many queries need it, with the columns of all of them; tables of a stage are asked
 * for at the same time. Nothing is asked that no query needs, and no more than the bounds allow, keys of graver detections
 * first: what then is lacking is noted with its key.
 *
 * @returns every table that any of the queries is to be asked for, also where there was no key to ask for
 */
export async function collectTriggers(options: TriggerOptions): Promise<TriggeredTable[]> {
  const { queries, catalogue, platform, collectors, write, onProgress } = options;
  const bounds = { ...TRIGGER_BOUNDS, ...options.bounds };
  const runs = bySeverity(queries).flatMap((query) =>
    query.plan.triggers.map((trigger): Run => ({ query, trigger }))
  );
  const tables = new Map<string, { readonly time: number; readonly keys: AskedKey[] }>();
  for (const { trigger: { table } } of runs) tables.set(table, { time: Date.now(), keys: [] });
  const overlaps = new Set(
    runs.flatMap(({ trigger }) => trigger.keys.kind === "glob" ? [trigger.table] : []),
  );
  const identityOf = (table: string) =>
    columnsOf(catalogue.get(table)!, platform).filter(({ key }) => key).map(({ name }) => name);
  const unseen = createUnseen(identityOf);
  const projects = projectsOf(runs, (table) => overlaps.has(table) ? identityOf(table) : []);
  const known = new Set<string>();

  const stages = [...Map.groupBy(runs, ({ trigger }) => trigger.stage)].sort(([a], [b]) => a - b);
  for (const [, stage] of stages) {
    const asked = stage.filter(({ trigger: { table } }) => collectors.supports(table));
    const image = asked.some(({ trigger }) => trigger.keys.kind === "rows")
      ? await options.image()
      : undefined;
    const wanted = await Promise.all(asked.map(async ({ query, trigger }) => {
      const spec = catalogue.get(trigger.table)!;
      const column = columnsOf(spec, platform).find(({ name }) => name === trigger.key)!;
      const resources = spec.resources && resourcesOf(query, spec.resources, catalogue);
      if (spec.resources && !resources) return [];
      const keys = image && trigger.keys.kind === "rows"
        ? keysOfRows(trigger, await rowsOfKeys(query, trigger, image, bounds, options), column.type)
        : constantKeys(trigger, column.type);
      return [{ table: trigger.table, resources, keys }];
    }));
    const askings = [...Map.groupBy(
      wanted.flat(),
      ({ table, resources }) => `${table} ${resources?.digest ?? ""}`,
    )].map(([group, list]): Asking => {
      const { table, resources } = list[0]!;
      const fresh: WantedKey[] = [];
      for (const [id, key] of distinctKeys(list.flatMap(({ keys }) => keys))) {
        if (known.has(`${group} ${id}`)) continue;
        known.add(`${group} ${id}`);
        fresh.push(key);
      }
      const where = options.narrow ? wantedRows(runs, table) : undefined;
      const interests = resources
        ? resources.interests
        : interestsIn(runs, table, catalogue.get(table)?.watchedBy ?? []);
      const project = projects.get(table)!;
      const slow = isSlow(catalogue.get(table)?.slow, interests);
      return { table, project, where, interests, keys: fresh, resources, slow };
    });
    const answers = pooledMap(bounds.tables, askings, async (asking) => {
      onProgress?.(`collecting ${asking.table}: ${asking.keys.length} keys`);
      const put = (batch: CollectedBatch, task: unknown) =>
        write(overlaps.has(asking.table) ? unseen(batch, task) : batch);
      return { table: asking.table, keys: await askKeys(collectors, asking, bounds, put) };
    });
    for await (const { table, keys } of answers) {
      for (const key of keys) tables.get(table)!.keys.push(key);
    }
  }
  return [...tables].map(([table, { time, keys }]) => ({
    table,
    time,
    keys,
    outcome: collectors.supports(table) ? outcomeOf(keys) : {
      status: "unavailable",
      reason: "no collector of this version supplies it here",
    },
  }));
}

function bySeverity(queries: readonly TriggeredQuery[]): readonly TriggeredQuery[] {
  const grade = ({ detection }: TriggeredQuery) =>
    detection ? SEVERITIES.indexOf(detection.meta.severity) : 0;
  return queries.toSorted((one, other) => grade(other) - grade(one));
}

/** The columns that any query wants of a table, and those that tell which key a row is of. */
function projectsOf(
  runs: readonly Run[],
  more: (table: string) => readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const projects = new Map<string, Set<string>>();
  for (const { trigger: { table, project, key } } of runs) {
    const columns = projects.get(table) ?? new Set();
    for (const column of [...project, key, ...more(table)]) columns.add(column);
    projects.set(table, columns);
  }
  return new Map([...projects].map(([table, columns]) => [table, [...columns].sort()]));
}

/** Whether each key takes long to answer: what is asked for are the rows that take seconds to collect. */
function isSlow(slow: TableSpec["slow"], interests: readonly Predicate[] = []): boolean {
  if (slow === undefined || slow === true) return slow === true;
  return interests.some((test) =>
    "column" in test && test.column === slow.column && compilePredicate(test)(() => slow.value)
  );
}

/** What every row of a table meets that any trigger wants; `undefined` where one of them wants all. */
function wantedRows(runs: readonly Run[], table: string): Predicate | undefined {
  const wanted = runs.filter(({ trigger }) => trigger.table === table)
    .map(({ trigger }) => trigger.where);
  const known = wanted.flatMap((predicate) => predicate ?? []);
  if (known.length < wanted.length) return undefined;
  return known.length === 1 ? known[0] : { op: "or", of: known };
}

/** What any trigger asks of columns that tell the collector what to find; `undefined` where none does. */
function interestsIn(
  runs: readonly Run[],
  table: string,
  columns: readonly string[],
): readonly Predicate[] | undefined {
  const wanted = runs.flatMap(({ trigger }) =>
    trigger.table === table && trigger.where ? [trigger.where] : []
  );
  const tests = testsOn(columns, wanted);
  return tests.length > 0 ? tests : undefined;
}

/**
 * The rows of a query for keys. One that fails has none: evaluating then finds that keys were not asked for, or fails in
 * the same way.
 */
async function rowsOfKeys(
  query: TriggeredQuery,
  { keys }: Trigger,
  image: SandboxImage,
  bounds: TriggerBounds,
  { sandbox, now, scan_id, onEvents }: TriggerOptions,
) {
  if (keys.kind !== "rows") return [];
  const meta = query.detection?.meta;
  const since = meta?.lookback === undefined ? undefined : now - meta.lookback;
  const { events } = query.plan;
  const outcome = await sandbox.run({
    image,
    sql: onEvents && events.possible ? keySqlOverEvents(keySql(keys), events.stream) : keySql(keys),
    parameters: bindValues(keys.parameters, { now, scan_id, since }),
    timeout: meta?.schedule.timeout ?? TIMEOUT,
    // What lies beyond is found to be lacking by its own count, and one more key tells of the bound.
    maxRows: bounds.keys + 1,
  });
  return outcome.status === "done" ? outcome.rows : [];
}

function outcomeOf(keys: readonly AskedKey[]): TableOutcome {
  const lacking = keys.filter((key) => key.lacking !== undefined);
  if (lacking.length === 0) return { status: "complete" };
  const reason = `${lacking.length} of ${keys.length} keys were not answered: ${
    lacking[0]!.lacking
  }`;
  return { status: "partial", reason };
}
