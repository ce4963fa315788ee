import type { Comparison, Predicate, PredicateValue } from "../model/predicate.ts";
import { type Cell, cleanText } from "../schema/batch.ts";
import { compilePattern } from "./regexp.ts";
import { compileGlob, compileLike, type TextMatcher } from "./wildcard.ts";

/** What a row has in a column; `undefined` where nobody knows, because it was refused or not read. */
export type CellOf = (column: string) => Cell | undefined;

/**
 * Compiles a predicate to a function that tells whether a row may satisfy it, in the meaning that SQLite gives to it
 * in a WHERE of a table with the column types of `SQLITE_TYPES`. A row of which everything is known is kept exactly if
 * SQLite keeps it; of an unknown cell every value is thought possible, so that no row is lost for what was not read.
 */
export function compilePredicate(predicate: Predicate): (cellOf: CellOf) => boolean {
  const judge = compile(predicate);
  return (cellOf) => (judge(cellOf) & TRUE) !== 0;
}

/** The truth values that are possible, as a set of bits. With every cell known it is always a single one. */
type Truths = number;
const TRUE = 1, FALSE = 2, NULL = 4;
const ANY: Truths = TRUE | FALSE | NULL;

type Judge = (cellOf: CellOf) => Truths;

function compile(predicate: Predicate): Judge {
  switch (predicate.op) {
    case "and":
      return allOf(predicate.of.map(compile));
    case "or":
      return notOf(allOf(predicate.of.map((one) => notOf(compile(one)))));
    case "not":
      return notOf(compile(predicate.of));
    case "null": {
      const { column } = predicate;
      return (cellOf) => {
        const cell = cellOf(column);
        return cell === undefined ? TRUE | FALSE : cell === null ? TRUE : FALSE;
      };
    }
    case "in": {
      const values = predicate.values.map(plain);
      const texts = new Set<Plain>(values);
      return onCell(
        predicate.column,
        (cell) => texts.has(cell) || typeof cell === "bigint" && values.some((one) => one == cell),
      );
    }
    case "between": {
      const [low, high] = [plain(predicate.low), plain(predicate.high)];
      return onCell(
        predicate.column,
        (cell) => compare(cell, low) >= 0 && compare(cell, high) <= 0,
      );
    }
    case "like":
    case "glob":
    case "regexp": {
      const matches = textMatcher(predicate);
      return matches ? onCell(predicate.column, (cell) => matches(String(cell))) : () => ANY;
    }
    default: {
      const value = plain(predicate.value);
      const holds = COMPARISONS[predicate.op];
      return onCell(predicate.column, (cell) => holds(compare(cell, value)));
    }
  }
}

const COMPARISONS: Readonly<Record<Comparison, (order: number) => boolean>> = {
  "=": (order) => order === 0,
  "<>": (order) => order !== 0,
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  ">": (order) => order > 0,
  ">=": (order) => order >= 0,
};

function notOf(judge: Judge): Judge {
  return (cellOf) => {
    const truths = judge(cellOf);
    return truths & NULL | (truths & TRUE ? FALSE : 0) | (truths & FALSE ? TRUE : 0);
  };
}

function allOf(judges: readonly Judge[]): Judge {
  return (cellOf) => {
    let all: Truths = TRUE;
    for (const judge of judges) {
      const one = judge(cellOf);
      if (one === FALSE) return FALSE;
      const isNull = (all & NULL && one & (TRUE | NULL)) || (one & NULL && all & (TRUE | NULL));
      all = all & one & TRUE | (all | one) & FALSE | (isNull ? NULL : 0);
    }
    return all;
  };
}

/** A value as SQLite compares it: a truth is the number 0 or 1, text is as the store keeps it. */
type Plain = number | bigint | string;

function plain(value: PredicateValue | Exclude<Cell, null>): Plain {
  if (typeof value === "boolean") return value ? 1 : 0;
  return typeof value === "string" ? cleanText(value) : value;
}

function onCell(column: string, holds: (cell: Plain) => boolean): Judge {
  return (cellOf) => {
    const cell = cellOf(column);
    if (cell === undefined) return ANY;
    if (cell === null) return NULL;
    return holds(plain(cell)) ? TRUE : FALSE;
  };
}

/** Numbers come before text. JavaScript compares a bigint with a number exactly, as SQLite does. */
function compare(one: Plain, other: Plain): number {
  if (typeof one === "string") return typeof other === "string" ? compareText(one, other) : 1;
  if (typeof other === "string") return -1;
  return one < other ? -1 : one > other ? 1 : 0;
}

/** By code points, as SQLite's BINARY collation compares the bytes of UTF-8; JavaScript compares UTF-16 units. */
function compareText(one: string, other: string): number {
  if (one === other) return 0;
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at++) {
    const [left, right] = [one.charCodeAt(at), other.charCodeAt(at)];
    if (left !== right) return inOrder(left) - inOrder(right);
  }
  return one.length - other.length;
}

/** Surrogates stand for code points beyond all that a single unit can be. */
function inOrder(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit;
}

/** `undefined` where the pattern is none: then SQLite's word on it is awaited. */
function textMatcher(
  { op, pattern, escape }: Extract<Predicate, { readonly pattern: string }>,
): TextMatcher | undefined {
  if (op === "regexp") {
    const compiled = compilePattern(pattern);
    return "error" in compiled ? undefined : (text) => compiled.test(text);
  }
  try {
    const text = cleanText(pattern);
    return op === "like" ? compileLike(text, escape) : compileGlob(text);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
