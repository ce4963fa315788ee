import type { ColumnType } from "../schema/types.ts";
import { flowYaml } from "./record/yaml_text.ts";
import { isDerivedKey } from "./rows.ts";
import { timeText } from "./time.ts";

/** Of longer text nobody reads more. */
const MAX_TEXT = 80;
const MAX_ROW = 400;

/** Classes of columns by name. */
export type Types = ReadonlyMap<string, ColumnType>;

/** A row for people, as a fixture would give it: without NULL and derived keys, times as ISO 8601, long text cut. */
export function showRow(row: Readonly<Record<string, unknown>>, types: Types): string {
  const told = Object.entries(row)
    .filter(([, value]) => (value ?? null) !== null && !isDerivedKey(value));
  const text = flowYaml(
    Object.fromEntries(told.map(([name, value]) => [name, plain(value, types.get(name))])),
  );
  return text.length > MAX_ROW ? `${text.slice(0, MAX_ROW)}… }` : text;
}

/** A single value for people. */
export function showValue(value: unknown, type: ColumnType | undefined): string {
  return (value ?? null) === null ? "NULL" : flowYaml(plain(value, type));
}

function plain(value: unknown, type: ColumnType | undefined): unknown {
  if (type === "timestamp" && typeof value === "number") return timeText(value);
  if (typeof value !== "string" || value.length <= MAX_TEXT) return value;
  return `${value.slice(0, MAX_TEXT)}…`;
}
