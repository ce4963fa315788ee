import type { ColumnType } from "../../schema/types.ts";

/**
 * The class of an expression's values. `number` is an integer or a float, whichever the data make it. `timestamp` is
 * milliseconds since the epoch, `seconds` the same clock in seconds. `json` is a json column's value as it stands; what
 * the json functions make of it is `any` or `text`. `any` is a value that only the data decide.
 */
export type ValueClass =
  | "integer"
  | "float"
  | "number"
  | "text"
  | "boolean"
  | "timestamp"
  | "seconds"
  | "json"
  | "blob"
  | "null"
  | "any";

/** The class of a column of each type. */
export const CLASS_OF: Readonly<Record<ColumnType, ValueClass>> = {
  integer: "integer",
  float: "float",
  string: "text",
  boolean: "boolean",
  timestamp: "timestamp",
  json: "json",
};

/** The column type of each class, where it has one. */
export const TYPE_OF: Readonly<Record<ValueClass, ColumnType | undefined>> = {
  integer: "integer",
  float: "float",
  number: undefined,
  text: "string",
  boolean: "boolean",
  timestamp: "timestamp",
  seconds: "integer",
  json: "json",
  blob: undefined,
  null: undefined,
  any: undefined,
};

const NUMERIC: ReadonlySet<ValueClass> = new Set(["integer", "float", "number"]);

/** Whether values of a class are plain numbers. */
export function isNumeric(value: ValueClass): boolean {
  return NUMERIC.has(value);
}

/** Whether values of a class are numbers in SQLite, whatever they mean. */
export function isNumberLike(value: ValueClass): boolean {
  return NUMERIC.has(value) || value === "boolean" || value === "timestamp" || value === "seconds";
}

/** The class of a value that is of one class or of the other. */
export function unify(left: ValueClass, right: ValueClass): ValueClass {
  if (left === right || right === "null") return left;
  if (left === "null") return right;
  if (isNumberLike(left) && isNumberLike(right)) return "number";
  return "any";
}

/** A class as a message names it. */
export function classPhrase(value: ValueClass): string {
  return PHRASES[value];
}

const PHRASES: Readonly<Record<ValueClass, string>> = {
  integer: "a number",
  float: "a number",
  number: "a number",
  text: "text",
  boolean: "a boolean",
  timestamp: "a timestamp",
  seconds: "a time in seconds",
  json: "JSON",
  blob: "a blob",
  null: "NULL",
  any: "a value",
};
