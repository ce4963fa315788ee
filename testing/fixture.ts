import type { Node } from "yaml";
import { type Diagnostic, hasErrors } from "../diagnostics/diagnostic.ts";
import { SourceText } from "../diagnostics/source.ts";
import type { TableOutcome } from "../model/collection.ts";
import { type Catalogue, VIEWS } from "../profiles/mod.ts";
import type { RecordBatch } from "../schema/batch.ts";
import { collectedColumns } from "../schema/columns.ts";
import { type Platform, PLATFORMS, type TableSpec } from "../schema/types.ts";
import { isTime, parseDuration, parseTime } from "./time.ts";
import { readEvents } from "./events.ts";
import { type Expectation, readExpectation } from "./expectation.ts";
import { recordedBatch } from "./recorded.ts";
import { readRows, withGaps } from "./rows.ts";
import { isMap, isScalar, YamlReader } from "./yaml.ts";

export { type Expectation, type ExpectedRow, type Verdict, VERDICTS } from "./expectation.ts";

/** What a table holds in a step. */
export interface FixtureTable {
  readonly batch: RecordBatch;
  readonly outcome: TableOutcome;
}

/** A moment of a case: what the host then has, and what is to follow. */
export interface FixtureStep {
  /** ms since the epoch; the value of `:now`. */
  readonly at: number;
  readonly line: number;
  /** Tables by name; those not named keep what an earlier step gave them. */
  readonly tables: ReadonlyMap<string, FixtureTable>;
  /** For detections in events mode: what happens then, a batch for each table. */
  readonly events?: readonly RecordBatch[];
  readonly expect: Expectation;
}

/** A case of a detection: what is played, and what is to follow. */
export interface FixtureCase {
  readonly name: string;
  readonly file: string;
  readonly platform: Platform;
  readonly steps: readonly FixtureStep[];
}

/** Where a step stands in time unless it says so. */
const DEFAULT_AT = Date.UTC(2026, 0, 1);
/** The most steps of a case, those that `repeat` adds among them. */
const MAX_STEPS = 10_000;
const STEP_KEYS = ["at", "tables", "events", "denied", "repeat", "expect"];
const CASE_KEYS = ["case", "platform", "steps"];

/**
 * Reads a fixture (format: `docs/detections.md`). Every fault of the file is reported at its place.
 *
 * @param text YAML
 * @param file name for messages
 * @param folder the folder of fixtures that recordings lie in; without it none can be named
 */
export function parseFixture(
  text: string,
  file: string,
  catalogue: Catalogue,
  folder?: string,
): { fixture: FixtureCase | null; diagnostics: readonly Diagnostic[] } {
  const source = new SourceText(file, text);
  const reader = new YamlReader(source);
  if (hasErrors(reader.diagnostics)) return { fixture: null, diagnostics: reader.diagnostics };
  const fixture = readCase(reader, catalogue, folder);
  return {
    fixture: hasErrors(reader.diagnostics) ? null : fixture,
    // Processes are read before other tables, wherever they stand.
    diagnostics: reader.diagnostics.toSorted((one, other) => one.line - other.line),
  };
}

function readCase(
  reader: YamlReader,
  catalogue: Catalogue,
  folder: string | undefined,
): FixtureCase {
  const { root, source } = reader;
  const keys = reader.entries(root, [...CASE_KEYS, ...STEP_KEYS], "a fixture");
  const name = keys.has("case") ? reader.text(keys.get("case"), "case") : undefined;
  if (!keys.has("case") && isMap(root)) {
    reader.fault(root, "the fixture has no `case`", "say what it plays, in a few words");
  }
  const platform = readPlatform(reader, keys.get("platform"));
  const stepNodes = keys.has("steps") ? reader.items(keys.get("steps"), "steps") : [root];
  if (keys.has("steps")) {
    for (const key of STEP_KEYS) {
      if (keys.has(key)) {
        reader.fault(keys.get(key), `\`${key}\` stands beside \`steps\``, "move it into a step");
      }
    }
  }
  const steps: FixtureStep[] = [];
  for (const node of stepNodes) {
    const before = steps.at(-1);
    const played = readStep(reader, node, { catalogue, platform, folder, alone: node === root });
    if (before && played[0]!.at < before.at) {
      reader.fault(node, "the step lies before the one above it", "give it a later `at`");
    }
    steps.push(...played);
    if (steps.length <= MAX_STEPS) continue;
    reader.fault(node, `the case has more than ${MAX_STEPS} steps with those repeated`);
    break;
  }
  return { name: name ?? "", file: source.file, platform, steps };
}

function readPlatform(reader: YamlReader, node: Node | null | undefined): Platform {
  if (!node) return "linux";
  const name = reader.text(node, "platform");
  if ((PLATFORMS as readonly (string | undefined)[]).includes(name)) return name as Platform;
  if (name !== undefined) {
    reader.fault(node, `there is no platform ${name}`, `one of ${PLATFORMS.join(", ")}`);
  }
  return "linux";
}

interface StepContext {
  readonly catalogue: Catalogue;
  readonly platform: Platform;
  /** Where recordings lie. */
  readonly folder: string | undefined;
  readonly alone: boolean;
}

function readStep(reader: YamlReader, node: Node | null, context: StepContext): FixtureStep[] {
  const keys = reader.entries(
    node,
    context.alone ? [...CASE_KEYS, ...STEP_KEYS] : STEP_KEYS,
    "a step",
  );
  const at = keys.has("at") ? readAt(reader, keys.get("at")) : DEFAULT_AT;
  const line = reader.source.position(node?.range?.[0] ?? 0).line;
  const tables: Map<string, FixtureTable> = keys.has("tables")
    ? readTables(reader, keys.get("tables"), at, context)
    : new Map();
  const processes = tables.get("processes")?.batch;
  const events = keys.has("events")
    ? readEvents(reader, keys.get("events"), { ...context, at, processes })
    : [];
  if (keys.has("denied")) applyDenials(reader, keys.get("denied"), { tables, events }, context);
  const expect = keys.has("expect") ? readExpectation(reader, keys.get("expect")) : {};
  if (!keys.has("expect") && !keys.has("repeat")) {
    reader.fault(
      node,
      "the step expects nothing",
      "add `expect: { alerts: [] }` or what should alert",
    );
  }
  const step: FixtureStep = { at, line, tables, ...(keys.has("events") && { events }), expect };
  return keys.has("repeat") ? repeat(reader, keys.get("repeat"), step) : [step];
}

/** Plays a step again and again: the first time at its own time, then every so often, with the same expectation. */
function repeat(
  reader: YamlReader,
  node: Node | null | undefined,
  step: FixtureStep,
): FixtureStep[] {
  const keys = reader.entries(node, ["count", "every"], "repeat");
  const count = Number(keys.has("count") ? reader.text(keys.get("count"), "count") : NaN);
  const every = parseDuration(
    keys.has("every") ? reader.text(keys.get("every"), "every") ?? "" : "",
  );
  if (!Number.isInteger(count) || count < 1 || count > MAX_STEPS || every === undefined) {
    reader.fault(
      node,
      "repeat needs a count and a duration",
      `such as { count: 120, every: 10m }; at most ${MAX_STEPS}`,
    );
    return [step];
  }
  if (!isTime(step.at + count * every)) {
    reader.fault(node, "repeat goes on beyond the end of time");
    return [step];
  }
  return Array.from({ length: count }, (_, index) => ({ ...step, at: step.at + index * every }));
}

function readAt(reader: YamlReader, node: Node | null | undefined): number {
  const time = isScalar(node) ? parseTime(String(node.value), undefined) : undefined;
  if (time !== undefined) return time;
  reader.fault(
    node,
    "`at` is not a time",
    "ISO 8601 with a zone (2026-11-22T10:00:00Z) or milliseconds",
  );
  return DEFAULT_AT;
}

function readTables(
  reader: YamlReader,
  node: Node | null | undefined,
  at: number,
  context: StepContext,
): Map<string, FixtureTable> {
  const { catalogue } = context;
  const tables = new Map<string, FixtureTable>();
  // Processes first: rows of other tables name them.
  const pairs = [...reader.pairs(node, "tables")]
    .sort(([one], [other]) => Number(other === "processes") - Number(one === "processes"));
  for (const [name, value, keyNode] of pairs) {
    const spec = catalogue.get(name);
    const view = VIEWS.find((one) => one.name === name);
    if (view) {
      reader.fault(
        keyNode,
        `${name} is made of ${view.base}`,
        `give the rows of ${view.base}; those of ${name} follow from them`,
      );
      continue;
    }
    if (!spec) {
      reader.fault(
        keyNode,
        `there is no table ${name}`,
        reader.nearest(name, [...catalogue.keys()]),
      );
      continue;
    }
    const processes = tables.get("processes")?.batch;
    tables.set(name, readTable(reader, value, spec, at, context, processes));
  }
  return tables;
}

function readTable(
  reader: YamlReader,
  node: Node | null,
  spec: TableSpec,
  at: number,
  { catalogue, platform, folder }: StepContext,
  processes: RecordBatch | undefined,
): FixtureTable {
  if (!isMap(node)) {
    const batch = readRows(reader, node, spec, platform, at, processes);
    return { batch, outcome: { status: "complete" } };
  }
  const keys = reader.entries(node, ["unavailable", "recorded"], `${spec.name} as a mapping`);
  const recorded = keys.get("recorded");
  if (recorded) {
    const name = reader.text(recorded, "recorded") ?? "";
    try {
      const batch = recordedBatch(name, folder, { spec, catalogue, platform, at });
      return { batch, outcome: { status: "complete" } };
    } catch (error) {
      reader.fault(recorded, `${name}: ${(error as Error).message}`);
    }
  }
  const reason = keys.has("unavailable") ? reader.text(keys.get("unavailable"), "unavailable") : "";
  return { batch: emptyBatch(spec.name), outcome: { status: "unavailable", reason: reason ?? "" } };
}

function emptyBatch(table: string): RecordBatch {
  return { table, columns: [], values: [], rows: 0, gaps: [] };
}

/** Plays refusal: a table that is denied has no rows, a column that is denied has no values but those given. */
function applyDenials(
  reader: YamlReader,
  node: Node | null | undefined,
  { tables, events }: { tables: Map<string, FixtureTable>; events: RecordBatch[] },
  { catalogue, platform }: StepContext,
): void {
  for (const item of reader.items(node, "denied")) {
    const [table = "", column] = (reader.text(item, "a denied name") ?? "").split(".");
    const spec = catalogue.get(table);
    if (!spec) {
      reader.fault(
        item,
        `there is no table ${table}`,
        reader.nearest(table, [...catalogue.keys()]),
      );
    } else if (column === undefined) {
      tables.set(table, {
        batch: emptyBatch(table),
        outcome: { status: "unavailable", reason: "denied" },
      });
    } else {
      const given = tables.get(table);
      const streamed = events.findIndex((batch) => batch.table === table);
      if (!given && streamed < 0) {
        reader.fault(item, `${table} has no rows in this step`, "give its rows under `tables`");
      } else if (!collectedColumns(spec, platform).some(({ name }) => name === column)) {
        reader.fault(item, `${table} has no column ${column} on ${platform}`);
      } else {
        if (given) tables.set(table, { ...given, batch: withGaps(given.batch, column) });
        if (streamed >= 0) events[streamed] = withGaps(events[streamed]!, column);
      }
    }
  }
}
