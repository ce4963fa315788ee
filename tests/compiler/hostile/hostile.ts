import type { Code } from "../../../diagnostics/codes.ts";

/**
 * What is to become of a hostile statement: the code of the first diagnostic that refuses it; `limit`, if it is accepted
 * and the sandbox stops it for the time or memory that it takes; `failure`, if it is accepted and SQLite fails it when
 * it meets rows, so that its detection is not evaluated; `harmless`, if it is accepted and only reads.
 */
export type Expectation = Code | "limit" | "failure" | "harmless";

/** A hostile statement. */
export interface Hostile {
  /** What it tries. */
  readonly name: string;
  readonly sql: string;
  readonly expect: Expectation;
  /** Of a harmless one: the tables that it reads, by comma; `processes` unless it says otherwise. */
  readonly reads?: string;
}

/** A group of statements as lines of name, SQL and expectation. */
export type Line = readonly [name: string, sql: string, expect: Expectation, reads?: string];

/** Makes statements of lines. */
export function hostile(lines: readonly Line[]): readonly Hostile[] {
  return lines.map(([name, sql, expect, reads]) => ({
    name,
    sql,
    expect,
    ...(reads !== undefined && { reads }),
  }));
}
