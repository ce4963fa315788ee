/**
 * Runs the compiler over queries that others wrote for other tables, and says where it and SQLite differ:
 * `deno task bench:real-sql [--verbose] FOLDER…`. Each folder is the clone of a repository, or any other one with
 * `.sql`, `.conf` and `.json` files. Tables come from osquery's specs where a folder has them; what queries name beyond
 * these is made up for them. Exits with 1 where a query was misread, or accepted and SQLite refuses it.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { basename, join } from "@std/path";
import type { TableSpec } from "../../schema/types.ts";
import { completed, databaseOf, readSpecs } from "./foreign_tables.ts";
import { judge, type Outcome, parse } from "./judgement.ts";
import { readQueries } from "./queries.ts";

const USAGE = `usage: deno task bench:real-sql [--verbose] FOLDER…

  git clone --depth 1 https://github.com/osquery/osquery
  git clone --depth 1 https://github.com/chainguard-dev/osquery-defense-kit
  git clone --depth 1 https://github.com/wagga40/Zircolite
  git clone --depth 1 https://github.com/wagga40/Zircolite-Rules-v2
  deno task bench:real-sql osquery osquery-defense-kit Zircolite Zircolite-Rules-v2`;

/** Diagnostics by which the dialect refuses, with intent, what is SQL all the same. */
const DIALECT: ReadonlySet<string> = new Set([
  "bad-pattern",
  "duplicate-column",
  "refused-function",
  "too-long",
  "too-many-tables",
  "type-mismatch",
  "unknown-parameter",
  "wall-clock",
  "wrong-arguments",
]);

/** Where a repository keeps its queries. */
function queriesBelow(folder: string): string {
  return ["packs", "rules"].map((name) => join(folder, name)).find(isFolder) ?? folder;
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

/** Tries every query of a folder. */
function outcomesOf(folder: string, known: ReadonlyMap<string, TableSpec>): Outcome[] {
  const found = readQueries(queriesBelow(folder));
  const { foreign, queries } = completed(
    known,
    found.map(({ sql }) => sql),
    (sql) => parse(sql).tree,
  );
  const { catalogue } = foreign;
  const obliging = databaseOf(foreign);
  const plain = databaseOf({ catalogue, functions: new Set() });
  const say = (text: string) => Deno.stderr.isTerminal() && Deno.stderr.writeSync(utf8(text));
  try {
    return found.map(({ file }, index) => {
      say(`\r${basename(folder)}: ${index + 1} of ${found.length} `);
      return judge({ file, sql: queries[index]! }, { catalogue, plain, obliging });
    });
  } finally {
    say("\r\x1b[K");
    plain.close();
    obliging.close();
  }
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

const share = (some: number, of: number) => `${(100 * some / Math.max(1, of)).toFixed(1)} %`;

/** Outcomes by what there is to say of them. */
function sorted(outcomes: readonly Outcome[]) {
  const valid = outcomes.filter((one) => one.refusedBySqlite === undefined);
  const refused = valid.filter(({ errors }) => errors.length > 0);
  const byDialect = refused.filter(({ errors }) => errors.every(({ code }) => DIALECT.has(code)));
  return {
    valid,
    accepted: valid.filter(({ errors }) => errors.length === 0),
    byDialect,
    otherwise: refused.filter((one) => !byDialect.includes(one)),
    compared: outcomes.filter(({ compared }) => compared),
    columns: outcomes.filter(({ columns }) => columns.length > 0),
    misread: outcomes.filter(({ misread }) => misread),
    wrong: outcomes.filter((one) => one.refusedBySqlite !== undefined && one.errors.length === 0),
  };
}

const HEAD = [
  "source",
  "queries",
  "SQLite accepts",
  "we accept",
  "dialect refuses",
  "refused otherwise",
  "compared",
  "other columns",
  "other program",
  "accepted wrongly",
];

function row(source: string, outcomes: readonly Outcome[]): string[] {
  const { valid, accepted, byDialect, otherwise, ...rest } = sorted(outcomes);
  const counts = [accepted, byDialect, otherwise].map((some) =>
    `${some.length} (${share(some.length, valid.length)})`
  );
  const { compared, columns, misread, wrong } = rest;
  const faults = [compared, columns, misread, wrong].map((some) => `${some.length}`);
  return [source, `${outcomes.length}`, `${valid.length}`, ...counts, ...faults];
}

function printTable(rows: readonly (readonly string[])[]): void {
  const widths = HEAD.map((_, index) => Math.max(...rows.map((cells) => cells[index]!.length)));
  for (const cells of rows) {
    console.log(cells.map((cell, index) => cell.padEnd(widths[index]!)).join("  ").trimEnd());
  }
}

/** Prints how many there are of each reason, with the first of them, or all. */
function group(
  title: string,
  outcomes: readonly Outcome[],
  reason: (outcome: Outcome) => string,
  all: boolean,
): void {
  const groups = Map.groupBy(outcomes, reason);
  for (const [why, some] of [...groups].sort(([, a], [, b]) => b.length - a.length)) {
    console.log(`  ${title}: ${why}: ${some.length}`);
    for (const { file, sql, errors } of all ? some : some.slice(0, 1)) {
      console.log(`    ${file}: ${excerpt(sql)}`);
      if (!all) continue;
      for (const { line, column, message } of errors) {
        console.log(`      ${line}:${column} ${message}`);
      }
    }
  }
}

function excerpt(sql: string): string {
  const text = sql.replace(/--[^\n]*/g, "").replace(/\s+/g, " ").trim();
  return text.length > 160 ? `${text.slice(0, 159)}…` : text;
}

function printReasons(source: string, outcomes: readonly Outcome[], verbose: boolean): void {
  const { byDialect, otherwise, columns, misread, wrong } = sorted(outcomes);
  const codes = ({ errors }: Outcome) => [...new Set(errors.map(({ code }) => code))].join(", ");
  console.log(`\n${source}`);
  group("the dialect refuses", byDialect, codes, verbose);
  group("refused otherwise", otherwise, ({ syntax, errors }) => syntax ?? errors[0]!.message, true);
  group("not analysed", outcomes.filter(({ notAnalysed }) => notAnalysed), codes, true);
  group("other columns", columns, (one) => one.columns.join(", "), true);
  group("other program", misread, () => "SQLite does something else for it", true);
  group("accepted wrongly", wrong, ({ refusedBySqlite }) => refusedBySqlite!, true);
  const refused = outcomes.filter(({ refusedBySqlite }) => refusedBySqlite !== undefined);
  const message = ({ refusedBySqlite }: Outcome) => refusedBySqlite!.replace(/: .*/s, "");
  group("SQLite refuses", refused, message, verbose);
}

const flags = parseArgs(Deno.args, { boolean: ["verbose"] });
const folders = flags._.map(String);
if (folders.length === 0) {
  console.error(USAGE);
  Deno.exit(2);
}
const known = new Map(
  folders.map((folder) => join(folder, "specs")).filter(isFolder).flatMap((folder) => [
    ...readSpecs(folder),
  ]),
);
const tried = folders.map((folder) => ({
  source: basename(folder),
  outcomes: outcomesOf(folder, known),
}));
const rows = tried.map(({ source, outcomes }) => row(source, outcomes));
// Collections copy from each other.
const everything = [
  ...new Map(tried.flatMap(({ outcomes }) => outcomes.map((one) => [one.sql, one]))).values(),
];
printTable([HEAD, ...rows, row("all, each once", everything)]);
for (const { source, outcomes } of tried) printReasons(source, outcomes, flags.verbose === true);
const { columns, misread, wrong } = sorted(everything);
if (columns.length + misread.length + wrong.length > 0) Deno.exit(1);
