import { escapeJson } from "../../diagnostics/escape.ts";
import { isExactNumber } from "./exact_json.ts";

/** What does not fit on a line of this length goes onto several. */
const MAX_LINE = 100;

/** Text that YAML takes for nothing but text, between brackets as well; times among it. */
const PLAIN = /^[A-Za-z_/$][\w./@+-]*(?::[\w./@+-]+)*$|^\d{4}-\d\d-\d\dT[\d:.]+Z$/;
const WORDS_WITH_MEANING = /^(?:null|true|false|yes|no|on|off|y|n)$/i;

/** A value as YAML on one line: text plain where it can be, everything else as JSON, which is YAML as well. */
export function flowYaml(value: unknown): string {
  if (typeof value === "string") {
    return PLAIN.test(value) && !WORDS_WITH_MEANING.test(value) ? value : escapeJson(value);
  }
  if (typeof value === "bigint") return value.toString();
  if (value === null || typeof value !== "object" || isExactNumber(value)) {
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(flowYaml).join(", ")}]`;
  const pairs = Object.entries(value).map(([key, inner]) => `${flowYaml(key)}: ${flowYaml(inner)}`);
  return pairs.length === 0 ? "{}" : `{ ${pairs.join(", ")} }`;
}

/** The lines of `key: value`: one where it fits, else a line for each entry of the value. */
export function pairLines(key: string, value: unknown, indent = ""): string[] {
  const line = `${indent}${flowYaml(key)}: ${flowYaml(value)}`;
  const isNested = typeof value === "object" && value !== null && !isExactNumber(value);
  if (line.length <= MAX_LINE || !isNested || Object.keys(value).length === 0) return [line];
  const entries = Array.isArray(value)
    ? value.map((one) => `${indent}  - ${flowYaml(one)}`)
    : Object.entries(value).flatMap(([name, inner]) => pairLines(name, inner, `${indent}  `));
  return [`${indent}${flowYaml(key)}:`, ...entries];
}

/** The lines of an item of a list: one where it fits, else a line for each of its entries. */
export function itemLines(item: Readonly<Record<string, unknown>>, indent: string): string[] {
  const line = `${indent}- ${flowYaml(item)}`;
  if (line.length <= MAX_LINE) return [line];
  const lines = Object.entries(item).flatMap(([key, value]) =>
    pairLines(key, value, `${indent}  `)
  );
  return [`${indent}- ${lines[0]!.trimStart()}`, ...lines.slice(1)];
}
