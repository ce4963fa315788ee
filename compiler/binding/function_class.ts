import { ALLOWED_FUNCTIONS } from "../../dialect/mod.ts";
import type { Call, Expression } from "../ast.ts";
import { unify, type ValueClass } from "./types.ts";

/** Functions of class number whose value is never an integer. */
const FLOATS: ReadonlySet<string> = new Set([
  "cume_dist",
  "entropy",
  "julianday",
  "percent_rank",
  "round",
  "total",
]);

/** Functions whose value is one of their arguments: which ones, given how many there are. */
const PASSES: ReadonlyMap<string, (count: number) => readonly number[]> = new Map(Object.entries({
  coalesce: range,
  ifnull: range,
  max: range,
  min: range,
  iif: (count) => range(count).filter((index) => index % 2 === 1 || index === count - 1),
  if: (count) => range(count).filter((index) => index % 2 === 1 || index === count - 1),
  nullif: () => [0],
  likely: () => [0],
  unlikely: () => [0],
  likelihood: () => [0],
  lag: () => [0, 2],
  lead: () => [0, 2],
  first_value: () => [0],
  last_value: () => [0],
  nth_value: () => [0],
  abs: () => [0],
  sum: () => [0],
  avg: () => [0],
}));

/** The arguments of a function that its value is one of, or is computed of in their unit. */
export function passedArguments({ name, arguments: all }: Call): readonly Expression[] {
  const lower = name.text.toLowerCase();
  if (lower === "round" || lower === "total") return all.slice(0, 1);
  return PASSES.get(lower)?.(all.length).flatMap((index) => all[index] ?? []) ?? [];
}

/** The class of a function's value, given those of its arguments. */
export function classOfCall(call: Call, args: readonly ValueClass[]): ValueClass {
  const name = call.name.text.toLowerCase();
  const passes = PASSES.get(name);
  if (passes) {
    const passed = passes(args.length).flatMap((index) => args[index] ?? []);
    const value = passed.length > 0 ? passed.reduce(unify) : "any";
    return arithmetic(name, value);
  }
  if (name === "unixepoch") return "seconds";
  const spec = ALLOWED_FUNCTIONS.get(name);
  switch (spec?.result) {
    case "number":
      return FLOATS.has(name) ? roundedTime(name, args) : "integer";
    case "text":
    case "boolean":
      return spec.result;
    default:
      // What the json functions make is JSON text, which may be compared, unlike a json column.
      return "any";
  }
}

function roundedTime(name: string, args: readonly ValueClass[]): ValueClass {
  const of = args[0];
  return name === "round" && (of === "timestamp" || of === "seconds") ? of : "float";
}

/** Aggregates that compute: a mean is no integer, a sum of times is no time. */
function arithmetic(name: string, value: ValueClass): ValueClass {
  if (name === "avg") return value === "timestamp" || value === "seconds" ? value : "float";
  if (name !== "sum" && name !== "abs") return value;
  return value === "float" || value === "any"
    ? (value === "any" ? "number" : value)
    : value === "boolean" || value === "integer"
    ? "integer"
    : "number";
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
