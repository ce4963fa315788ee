import type { Node } from "yaml";
import { isMap, type YamlReader } from "./yaml.ts";

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

const EXPECT_KEYS = ["alerts", "rows", "verdict", "partial"];

/** The names that speak of an alert itself and not of its row. */
export const ALERT_FACTS = ["$title", "$severity", "$change", "$count", "$pids"] as const;

/** Reads what a step is to lead to. */
export function readExpectation(reader: YamlReader, node: Node | null | undefined): Expectation {
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
    for (const [name, , node] of isMap(item) ? reader.pairs(item, what) : []) {
      if (!name.startsWith("$") || (ALERT_FACTS as readonly string[]).includes(name)) continue;
      reader.fault(node, `an alert has no ${name}`, reader.nearest(name, ALERT_FACTS));
    }
    return { line, values: isMap(item) ? item.toJSON() as Record<string, unknown> : {} };
  });
}
