/**
 * Runs the compiler over queries that others wrote for other tables, and says where it and SQLite differ:
 *
 * `deno run -A bench/compiler/real_sql.ts [--schema OSQUERY_SCHEMA.json] [--verbose] FOLDER…`
 *
 * Each folder is searched for `.sql`, `.conf` and `.json` files. Tables come from the schema; what queries name beyond
 * it is made up for them.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import type { Query } from "../../compiler/ast.ts";
import { bind } from "../../compiler/binding/mod.ts";
import { lex } from "../../compiler/lexer.ts";
import { compileQuery } from "../../compiler/mod.ts";
import { parseStatement, SqlSyntaxError } from "../../compiler/parser/mod.ts";
import type { TableSpec } from "../../schema/types.ts";
import type { DatabaseSync } from "../../std/sqlite.ts";
import { completed, databaseOf, readSchema } from "./foreign_tables.ts";
import { type FoundQuery, readQueries } from "./queries.ts";

/** Diagnostics by which the dialect refuses, with intent, what is SQL all the same. */
const DIALECT: ReadonlySet<string> = new Set([
  "wall-clock",
  "type-mismatch",
  "refused-function",
  "duplicate-column",
  "bad-pattern",
  "wrong-arguments",
  "unknown-parameter",
  "too-long",
  "too-many-tables",
]);

type Reads = ReadonlyMap<string, ReadonlySet<string>>;

/** What became of one query. */
interface Outcome extends FoundQuery {
  /** Why the lexer or the parser stopped. */
  readonly syntax?: string;
  /** What SQLite reads; a text where it refuses the query, as its reason. */
  readonly sqlite: Reads | string;
  /** The codes of the errors that keep it from compiling. */
  readonly errors: readonly string[];
  readonly notAnalysed: boolean;
  /** Columns that only one of the two reads. */
  readonly disagreement: readonly string[];
}

function parse(sql: string): { readonly tree?: Query; readonly syntax?: string } {
  const { tokens, faults } = lex(sql);
  if (faults.length > 0) return { syntax: faults[0]!.message };
  try {
    return { tree: parseStatement(tokens) };
  } catch (error) {
    if (!(error instanceof SqlSyntaxError)) throw error;
    return { syntax: error.message };
  }
}

function askSqlite(
  db: DatabaseSync,
  sql: string,
  catalogue: ReadonlyMap<string, TableSpec>,
): Reads | string {
  const reads = new Map<string, Set<string>>();
  db.setAuthorizer((action, table, column) => {
    if (action === 20 && table && catalogue.has(table)) {
      const columns = reads.get(table) ?? reads.set(table, new Set()).get(table)!;
      if (column) columns.add(column);
    }
    return 0;
  });
  try {
    return db.prepare(sql).columns().length === 0 ? "no query" : reads;
  } catch (error) {
    return (error as Error).message;
  } finally {
    db.setAuthorizer(null);
  }
}

function judge(
  found: FoundQuery,
  db: DatabaseSync,
  catalogue: ReadonlyMap<string, TableSpec>,
): Outcome {
  const { tree, syntax } = parse(found.sql);
  const sqlite = askSqlite(db, found.sql, catalogue);
  const { query, diagnostics } = compileQuery(found.sql, { catalogue, platform: "linux" });
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  if ((query === null) !== (errors.length > 0)) throw new Error(`no diagnostic: ${found.sql}`);
  return {
    ...found,
    ...(syntax !== undefined && { syntax }),
    sqlite,
    errors: [...new Set(errors.map(({ code }) => code))],
    notAnalysed: diagnostics.some(({ code }) => code === "not-analysed"),
    disagreement: tree && typeof sqlite !== "string"
      ? difference(sqlite, bind(tree, found.sql, catalogue, ["linux"]).reads, found.sql)
      : [],
  };
}

/** What the one reads and the other does not. SQLite does not tell of the columns of USING. */
function difference(theirs: Reads, ours: Reads, sql: string): string[] {
  const names = (reads: Reads) =>
    new Set([...reads].flatMap(([table, columns]) => [
      table,
      ...[...columns].map((column) => `${table}.${column}`),
    ]));
  const [left, right] = [names(theirs), names(ours)];
  const merges = /\b(?:USING|NATURAL)\b/i.test(sql);
  return [
    ...[...left.difference(right)].map((name) => `SQLite alone: ${name}`),
    ...(merges ? [] : [...right.difference(left)].map((name) => `we alone: ${name}`)),
  ];
}

function report(folder: string, outcomes: readonly Outcome[], verbose: boolean): void {
  const all = outcomes.length;
  const valid = outcomes.filter(({ sqlite }) => typeof sqlite !== "string");
  const share = (some: readonly unknown[], of = all) =>
    `${some.length} (${(100 * some.length / Math.max(1, of)).toFixed(1)} %)`;
  const accepted = outcomes.filter(({ errors }) => errors.length === 0);
  const unread = valid.filter(({ syntax }) => syntax !== undefined);
  const refused = valid.filter(({ errors }) => errors.length > 0);
  const byDialect = refused.filter(({ errors }) => errors.every((code) => DIALECT.has(code)));
  const others = refused.filter((one) => !byDialect.includes(one));
  const wrong = accepted.filter(({ sqlite }) => typeof sqlite === "string");
  const compared = valid.filter(({ syntax }) => syntax === undefined);
  console.log(`\n${folder}: ${all} queries`);
  console.log(`  lexer and parser read   ${share(outcomes.filter(({ syntax }) => !syntax))}`);
  console.log(`  SQLite accepts          ${share(valid)}`);
  console.log(`  we accept               ${share(accepted)}`);
  console.log(`  of those SQLite accepts:`);
  console.log(`    our parser stops at   ${share(unread, valid.length)}`);
  console.log(`    the dialect refuses   ${share(byDialect, valid.length)}`);
  console.log(`    we refuse otherwise   ${share(others, valid.length)}`);
  console.log(
    `    not analysed further  ${share(valid.filter((one) => one.notAnalysed), valid.length)}`,
  );
  console.log(
    `    other columns read    ${
      share(compared.filter((one) => one.disagreement.length > 0), compared.length)
    }`,
  );
  console.log(`  we accept, SQLite not   ${share(wrong)}`);
  group("the dialect refuses", byDialect, ({ errors }) => errors.join(", "), verbose);
  group("we refuse otherwise", others, ({ errors, syntax }) => syntax ?? errors.join(", "), true);
  group("our parser stops at", unread, ({ syntax }) => syntax!, true);
  group(
    "SQLite refuses",
    outcomes.filter(({ sqlite }) => typeof sqlite === "string"),
    ({ sqlite }) => String(sqlite).replace(/: .*/, ""),
    verbose,
  );
  group("other columns read", compared, ({ disagreement }) => disagreement.join(", "), true);
  group("we accept, SQLite not", wrong, ({ sqlite }) => String(sqlite), true);
}

/** Prints how many there are of each reason, with an example. */
function group(
  title: string,
  outcomes: readonly Outcome[],
  reason: (outcome: Outcome) => string,
  verbose: boolean,
): void {
  const groups = Map.groupBy(outcomes.filter((one) => reason(one) !== ""), reason);
  for (const [why, some] of [...groups].sort(([, a], [, b]) => b.length - a.length)) {
    console.log(`  - ${title}: ${why}: ${some.length}`);
    if (verbose) console.log(`      ${some[0]!.file}: ${example(some[0]!.sql)}`);
  }
}

function example(sql: string): string {
  const text = sql.replace(/--[^\n]*/g, "").replace(/\s+/g, " ").trim();
  return text.length > 160 ? `${text.slice(0, 159)}…` : text;
}

const flags = parseArgs(Deno.args, { string: ["schema"], boolean: ["verbose"] });
if (flags._.length === 0) {
  console.error("give folders with queries");
  Deno.exit(2);
}
const known = typeof flags.schema === "string"
  ? readSchema(flags.schema)
  : new Map<string, TableSpec>();
for (const folder of flags._.map(String)) {
  const queries = readQueries(folder);
  const start = performance.now();
  const trees = queries.map(({ sql }) => ({ sql, tree: parse(sql).tree }));
  const foreign = completed(known, trees);
  const db = databaseOf(foreign);
  const outcomes = queries.map((found) => judge(found, db, foreign.catalogue));
  report(folder, outcomes, flags.verbose === true);
  console.log(`  ${Math.round(performance.now() - start)} ms`);
}
