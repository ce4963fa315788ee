import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { DatabaseSync } from "node:sqlite";
import { predicateSql } from "../../compiler/plan/predicate_sql.ts";
import { registerFunctions } from "../../dialect/mod.ts";
import { compilePredicate } from "../../dialect/predicate.ts";
import type { Comparison, Predicate } from "../../model/predicate.ts";
import type { Cell } from "../../schema/batch.ts";
import { SQLITE_TYPES } from "../../schema/ddl.ts";

type Row = Readonly<Record<string, Cell>>;

const COLUMNS = {
  i: "integer",
  f: "float",
  t: "timestamp",
  b: "boolean",
  s: "string",
  j: "json",
} as const;
const NAMES = Object.keys(COLUMNS);

const integer = fc.oneof(
  fc.integer({ min: -2, max: 3 }),
  fc.constantFrom(2 ** 53 - 1, -(2 ** 53) + 1, 1_700_000_000_000),
);
const real = fc.oneof(fc.constantFrom(0, -0, 0.5, 1, 1.5, -2.25, 1e300, 2 ** 62), integer);
const word = fc.array(
  fc.constantFrom(
    "a",
    "A",
    "b",
    "%",
    "_",
    "*",
    "?",
    "[",
    "]",
    "\\",
    "'",
    ".",
    "é",
    "É",
    "\ufffd",
    "\uffff",
    "😀",
    "1",
  ),
  { maxLength: 4 },
).map((all) => all.join(""));
const nullable = (of: fc.Arbitrary<Cell>) => fc.option(of, { freq: 5 });

const row: fc.Arbitrary<Row> = fc.record({
  i: nullable(fc.oneof(integer, fc.constantFrom(2n ** 62n, 2n ** 53n + 1n, -(2n ** 63n)))),
  f: nullable(real),
  t: nullable(integer),
  b: nullable(fc.boolean()),
  s: nullable(fc.oneof(word, fc.constantFrom("a\0b", "\ud800", "10", "2"))),
  j: nullable(fc.constantFrom("{}", "[1]", "null")),
});

const operator = fc.constantFrom<Comparison>("=", "<>", "<", "<=", ">", ">=");
const number = fc.constantFrom("i", "f", "t").chain((column) =>
  fc.oneof(
    fc.record({ op: operator, column: fc.constant(column), value: real }),
    fc.record({
      op: fc.constant("in" as const),
      column: fc.constant(column),
      values: fc.array(real, { minLength: 1, maxLength: 3 }),
    }),
    fc.record({
      op: fc.constant("between" as const),
      column: fc.constant(column),
      low: real,
      high: real,
    }),
  )
);
const text = fc.oneof(
  fc.record({ op: operator, column: fc.constant("s"), value: word }),
  fc.record({
    op: fc.constant("in" as const),
    column: fc.constant("s"),
    values: fc.array(word, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    op: fc.constant("between" as const),
    column: fc.constant("s"),
    low: word,
    high: word,
  }),
  fc.record({
    op: fc.constantFrom("like" as const, "glob" as const),
    column: fc.constant("s"),
    pattern: word,
  }),
  fc.record({
    op: fc.constant("like" as const),
    column: fc.constant("s"),
    pattern: word,
    escape: fc.constantFrom("\\", "%", "a", "😀"),
  }),
  fc.record({
    op: fc.constant("regexp" as const),
    column: fc.constant("s"),
    pattern: fc.constantFrom("a", "^a", "(?i)A.?$", "[^a]", "a*", "é|😀", "^$"),
  }),
);
const truth = fc.record({
  op: fc.constantFrom<Comparison>("=", "<>"),
  column: fc.constant("b"),
  value: fc.boolean(),
});
const absent = fc.record({ op: fc.constant("null" as const), column: fc.constantFrom(...NAMES) });

const predicate: fc.Arbitrary<Predicate> =
  fc.letrec<{ node: Predicate; leaf: Predicate }>((tie) => ({
    leaf: fc.oneof(number, text, truth, absent),
    node: fc.oneof(
      { maxDepth: 3 },
      tie("leaf"),
      fc.record({
        op: fc.constantFrom("and" as const, "or" as const),
        of: fc.array(tie("node"), { minLength: 1, maxLength: 3 }),
      }),
      fc.record({ op: fc.constant("not" as const), of: tie("node") }),
    ),
  })).node;

const db = new DatabaseSync(":memory:");
registerFunctions(db);
db.exec(
  `CREATE TABLE host (${
    NAMES.map((name) => `${name} ${SQLITE_TYPES[COLUMNS[name as keyof typeof COLUMNS]]}`)
  })`,
);
const insert = db.prepare(`INSERT INTO host VALUES (${NAMES.map(() => "?")})`);

/** Whether SQLite keeps each of the rows. */
function kept(rows: readonly Row[], where: Predicate): boolean[] {
  db.exec("DELETE FROM host");
  for (const row of rows) {
    insert.run(...NAMES.map((name) => {
      const cell = row[name]!;
      if (typeof cell === "boolean") return Number(cell);
      return typeof cell === "string" ? cell.toWellFormed().replaceAll("\0", "\ufffd") : cell;
    }));
  }
  return db.prepare(`SELECT (${predicateSql(where)}) IS TRUE AS kept FROM host ORDER BY rowid`)
    .all().map(({ kept }) => kept === 1);
}

Deno.test("compilePredicate() keeps the rows that SQLite keeps", () => {
  let pairs = 0;
  let true_ = 0;
  fc.assert(
    fc.property(predicate, fc.array(row, { minLength: 10, maxLength: 10 }), (where, rows) => {
      const keeps = compilePredicate(where);
      const ours = rows.map((row) => keeps((column) => row[column]));
      assertEquals(ours, kept(rows, where), predicateSql(where));
      pairs += rows.length;
      true_ += ours.filter(Boolean).length;
    }),
    { numRuns: 2_000, seed: 1 },
  );
  assert(pairs >= 20_000, `${pairs} pairs of a predicate and a row`);
  assert(true_ > pairs / 10 && true_ < pairs * 9 / 10, `${true_} of ${pairs} rows kept`);
});

Deno.test("compilePredicate() keeps a row that an unknown cell might let pass, and no other", () => {
  const unknown = fc.subarray(NAMES, { minLength: 1, maxLength: 2 });
  let refused = 0;
  fc.assert(
    fc.property(
      predicate,
      fc.array(row, { minLength: 6, maxLength: 6 }),
      unknown,
      (where, rows, names) => {
        const keeps = compilePredicate(where);
        const [first] = rows as [Row];
        // The rows have equal known cells and any value in the others.
        const variants = rows.map((other) => ({
          ...first,
          ...Object.fromEntries(names.map((name) => [name, other[name]!])),
        }));
        const may = keeps((column) => names.includes(column) ? undefined : first[column]);
        if (!may) {
          refused++;
          assertEquals(kept(variants, where).includes(true), false, predicateSql(where));
        }
      },
    ),
    { numRuns: 1_000, seed: 2 },
  );
  assert(refused > 100, `${refused} rows refused in spite of what is unknown`);
});

Deno.test("compilePredicate() leaves a pattern that it cannot read to SQLite", () => {
  assert(compilePredicate({ op: "regexp", column: "s", pattern: "(" })(() => "a"));
  assert(compilePredicate({ op: "glob", column: "s", pattern: "a".repeat(60_000) })(() => "a"));
});
