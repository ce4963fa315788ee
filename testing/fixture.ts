import type { Node } from "yaml";
import { type Diagnostic, hasErrors } from "../diagnostics/diagnostic.ts";
import { SourceText } from "../diagnostics/source.ts";
import type { TableOutcome } from "../model/collection.ts";
import type { Catalogue } from "../profiles/mod.ts";
import type { RecordBatch } from "../schema/batch.ts";
import { type Platform, PLATFORMS, type TableSpec } from "../schema/types.ts";
import { closestString } from "@std/text/closest-string";
import { parseDuration, parseTime } from "./time.ts";
import { readRows, withGaps } from "./rows.ts";
import { isMap, isScalar, YamlReader } from "./yaml.ts";

/** What a table holds in a step. */
export interface FixtureTable {
  readonly batch: RecordBatch;
  readonly outcome: TableOutcome;
}

/** Verdicts that a fixture can ask for. */
export const VERDICTS = ["match", "no_match", "not_evaluated"] as const;
/** One of {@linkcode VERDICTS}. */
export type Verdict = (typeof VERDICTS)[number];

/** A row that is asked for: values by column or `$` name, with the line that asks. */
export interface ExpectedRow {
  readonly line: number;
  readonly values: Readonly<Record<string, unknown>>;
}

/** What a step is to lead to. Absent means not asserted. */
export interface Expectation {
  readonly alerts?: readonly ExpectedRow[];
  readonly rows?: readonly ExpectedRow[];
  readonly verdict?: Verdict;
  readonly partial?: { readonly evaluated: number; readonly of: number };
}

/** A moment of a case: what the host then has, and what is to follow. */
export interface FixtureStep {
  /** ms since the epoch; the value of `:now`. */
  readonly at: number;
  readonly line: number;
  /** Tables by name; those not named keep what an earlier step gave them. */
  readonly tables: ReadonlyMap<string, FixtureTable>;
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
const MAX_REPEAT = 10_000;
const STEP_KEYS = ["at", "tables", "denied", "repeat", "expect"];
const CASE_KEYS = ["case", "platform", "steps"];
const EXPECT_KEYS = ["alerts", "rows", "verdict", "partial"];

/**
 * Reads a fixture (format: `docs/detections.md`). Every fault of the file is reported at its place.
 *
 * @param text YAML
 * @param file name for messages
 */
export function parseFixture(
  text: string,
  file: string,
  catalogue: Catalogue,
): { fixture: FixtureCase | null; diagnostics: readonly Diagnostic[] } {
  const source = new SourceText(file, text);
  const reader = new YamlReader(source);
  if (hasErrors(reader.diagnostics)) return { fixture: null, diagnostics: reader.diagnostics };
  const fixture = readCase(reader, catalogue);
  return {
    fixture: hasErrors(reader.diagnostics) ? null : fixture,
    diagnostics: reader.diagnostics,
  };
}

function readCase(reader: YamlReader, catalogue: Catalogue): FixtureCase {
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
  const steps = stepNodes.flatMap((node) =>
    readStep(reader, node, { catalogue, platform, alone: node === root })
  );
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
  const tables = keys.has("tables")
    ? readTables(reader, keys.get("tables"), at, context)
    : new Map();
  if (keys.has("denied")) applyDenials(reader, keys.get("denied"), tables, context);
  const expect = keys.has("expect") ? readExpectation(reader, keys.get("expect")) : {};
  if (!keys.has("expect") && !keys.has("repeat")) {
    reader.fault(
      node,
      "the step expects nothing",
      "add `expect: { alerts: [] }` or what should alert",
    );
  }
  const step: FixtureStep = { at, line, tables, expect };
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
  if (!Number.isInteger(count) || count < 1 || count > MAX_REPEAT || every === undefined) {
    reader.fault(
      node,
      "repeat needs a count and a duration",
      `such as { count: 120, every: 10m }; at most ${MAX_REPEAT}`,
    );
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
  { catalogue, platform }: StepContext,
): Map<string, FixtureTable> {
  const tables = new Map<string, FixtureTable>();
  for (const [name, value, keyNode] of reader.pairs(node, "tables")) {
    const spec = catalogue.get(name);
    if (!spec) {
      reader.fault(
        keyNode,
        `there is no table ${name}`,
        `did you mean ${closestString(name, [...catalogue.keys()])}?`,
      );
      continue;
    }
    tables.set(name, readTable(reader, value, spec, platform, at));
  }
  return tables;
}

function readTable(
  reader: YamlReader,
  node: Node | null,
  spec: TableSpec,
  platform: Platform,
  at: number,
): FixtureTable {
  if (!isMap(node)) {
    return { batch: readRows(reader, node, spec, platform, at), outcome: { status: "complete" } };
  }
  const keys = reader.entries(node, ["unavailable"], `${spec.name} as a mapping`);
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
  tables: Map<string, FixtureTable>,
  { catalogue, platform }: StepContext,
): void {
  for (const item of reader.items(node, "denied")) {
    const [table = "", column] = (reader.text(item, "a denied name") ?? "").split(".");
    const spec = catalogue.get(table);
    if (!spec) {
      reader.fault(
        item,
        `there is no table ${table}`,
        `did you mean ${closestString(table, [...catalogue.keys()])}?`,
      );
    } else if (column === undefined) {
      tables.set(table, {
        batch: emptyBatch(table),
        outcome: { status: "unavailable", reason: "denied" },
      });
    } else {
      const given = tables.get(table);
      if (!given) {
        reader.fault(item, `${table} has no rows in this step`, "give its rows under `tables`");
      } else {
        const batch = withGaps(given.batch, spec, platform, column);
        if (batch) tables.set(table, { ...given, batch });
        else reader.fault(item, `${table} has no column ${column} on ${platform}`);
      }
    }
  }
}

function readExpectation(reader: YamlReader, node: Node | null | undefined): Expectation {
  const keys = reader.entries(node, EXPECT_KEYS, "expect");
  const verdict = keys.has("verdict") ? reader.text(keys.get("verdict"), "verdict") : undefined;
  if (verdict !== undefined && !(VERDICTS as readonly string[]).includes(verdict)) {
    reader.fault(
      keys.get("verdict"),
      `there is no verdict ${verdict}`,
      `one of ${VERDICTS.join(", ")}`,
    );
  }
  return {
    ...(keys.has("alerts") && { alerts: readExpectedRows(reader, keys.get("alerts"), "alerts") }),
    ...(keys.has("rows") && { rows: readExpectedRows(reader, keys.get("rows"), "rows") }),
    ...(verdict !== undefined && { verdict: verdict as Verdict }),
    ...(keys.has("partial") && { partial: readPartial(reader, keys.get("partial")) }),
  };
}

function readPartial(
  reader: YamlReader,
  node: Node | null | undefined,
): { evaluated: number; of: number } {
  const keys = reader.entries(node, ["evaluated", "of"], "partial");
  const number = (name: string) => Number(keys.has(name) ? reader.text(keys.get(name), name) : NaN);
  const partial = { evaluated: number("evaluated"), of: number("of") };
  if (!Number.isInteger(partial.evaluated) || !Number.isInteger(partial.of)) {
    reader.fault(node, "partial needs two numbers", "such as { evaluated: 1, of: 2 }");
  }
  return partial;
}

function readExpectedRows(
  reader: YamlReader,
  node: Node | null | undefined,
  what: string,
): ExpectedRow[] {
  return reader.items(node, what).map((item) => {
    if (!isMap(item)) {
      reader.fault(item, `an entry of ${what} must be a mapping`, "such as { pid: 4100 }");
    }
    const line = reader.source.position(item.range?.[0] ?? 0).line;
    return { line, values: isMap(item) ? item.toJSON() as Record<string, unknown> : {} };
  });
}
