import type { DatabaseSync } from "node:sqlite";
import { addressClass, inCidr } from "./address.ts";
import { entropy, fromBase64 } from "./encoding.ts";
import { basename, dirname } from "./path.ts";
import { regexp } from "./regexp.ts";
import { contains, endsWith, realText, type SqlValue, startsWith } from "./text.ts";

/** How the dialect's functions behave on a database. */
export interface RegisterOptions {
  /**
   * Told of each failure of a function, whose value is then NULL: the result of the query must not be believed. It must
   * not throw.
   */
  readonly onError?: (message: string) => void;
}

type Unary = (value: SqlValue) => boolean | number | string | null;
type Binary = (left: SqlValue, right: SqlValue) => boolean | number | string | null;

/**
 * Adds the dialect's own functions to a database. None of them throws: node:sqlite's `all()` never returns after that.
 */
export function registerFunctions(db: DatabaseSync, options: RegisterOptions = {}): void {
  const report = options.onError ?? (() => {});
  const unary = (name: string, of: Unary) =>
    db.function(name, FLAGS, (value: unknown) => guard(name, report, () => of(argument(value))));
  const binary = (name: string, of: Binary) =>
    db.function(
      name,
      FLAGS,
      (left: unknown, right: unknown) =>
        guard(name, report, () => of(argument(left), argument(right))),
    );
  binary("regexp", (pattern, text) => regexp(pattern, text, report));
  binary("contains", contains);
  binary("starts_with", startsWith);
  binary("ends_with", endsWith);
  binary("in_cidr", inCidr);
  unary("address_class", addressClass);
  unary("entropy", entropy);
  unary("from_base64", fromBase64);
  unary("basename", basename);
  unary("dirname", dirname);
}

// Integers arrive as bigint: one beyond 2^53 would make node:sqlite itself throw, and reals can be told from them.
const FLAGS = { deterministic: true, useBigIntArguments: true } as const;

function argument(value: unknown): SqlValue {
  return typeof value === "number" ? realText(value) : value as SqlValue;
}

function guard(
  name: string,
  report: (message: string) => void,
  compute: () => boolean | number | string | null,
): bigint | number | string | null {
  try {
    const value = compute();
    // A number becomes a REAL; truth is an INTEGER in SQL.
    return typeof value === "boolean" ? (value ? 1n : 0n) : value;
  } catch (error) {
    report(`${name}() failed: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}
