/**
 * How long a query takes to be checked, beside what SQLite alone takes to prepare it over the same tables: `deno bench -A
 * bench/compiler/compile_bench.ts`. Cold means with a catalogue that has not been used, for which SQLite's tables are made
 * first; a program does that once.
 *
 * @module
 */
import { compileQuery, compileText } from "../../compiler/mod.ts";
import { registerFunctions } from "../../dialect/mod.ts";
import { CATALOGUE, type Catalogue } from "../../profiles/mod.ts";
import { tableDdl } from "../../schema/ddl.ts";
import { DatabaseSync } from "../../std/sqlite.ts";

const TYPICAL = `SELECT p.pid, p.process_key, p.name, p.executable_path, parent.name AS parent_name
FROM processes p
JOIN processes parent ON parent.process_key = p.parent_key
WHERE p.executable_path LIKE '/dev/shm/%'
  AND parent.name NOT IN ('systemd', 'dockerd')
  AND p.command_line REGEXP '(?i)\\b(nc|ncat|socat)\\b'
  AND p.start_time > :now - 600000`;

const DETECTION = Deno.readTextFileSync(
  new URL("../../detections/impact/miner_command_line.sql", import.meta.url),
);

/** 64 KiB of conditions over 16 tables, one of which is 250 levels deep, in as many bytes as are allowed. */
const LARGEST = largest();

function largest(): string {
  const tables = Array.from({ length: 16 }, (_, index) => `processes p${index}`);
  const joins = tables.slice(1).map((table, index) =>
    `JOIN ${table} ON p${index + 1}.process_key = p${index}.parent_key`
  );
  const deep = `${"(NOT ".repeat(120)}p0.pid = 1${")".repeat(120)}`;
  const head = `SELECT p0.pid FROM ${tables[0]} ${joins.join(" ")} WHERE ${deep}`;
  let sql = head;
  for (let index = 0;; index++) {
    const names = Array.from({ length: 40 }, (_, item) => `'program-${index}-${item}'`).join(", ");
    const next = ` AND (p${index % 16}.name NOT IN (${names}) OR p${
      index % 16
    }.user_id = ${index})`;
    if (sql.length + next.length > 64 * 1024) return sql;
    sql += next;
  }
}

function compile(sql: string, catalogue: Catalogue = CATALOGUE): void {
  const { query, diagnostics } = compileQuery(sql, { catalogue, platform: "linux" });
  if (!query) throw new Error(diagnostics[0]?.message);
}

const sqlite = new DatabaseSync(":memory:");
registerFunctions(sqlite);
for (const spec of CATALOGUE.values()) sqlite.exec(tableDdl(spec, "linux"));

Deno.bench("a typical query, SQLite alone", { group: "typical" }, () => {
  sqlite.prepare(TYPICAL);
});
Deno.bench("a typical query, warm", { group: "typical", baseline: true }, () => compile(TYPICAL));
Deno.bench("a typical query, cold", { group: "typical", n: 10 }, () => {
  compile(TYPICAL, new Map(CATALOGUE));
});
Deno.bench("a shipped detection, warm", { group: "typical" }, () => {
  const { compiled, diagnostics } = compileText(DETECTION, "detection.sql", CATALOGUE);
  if (!compiled) throw new Error(diagnostics[0]?.message);
});
Deno.bench("64 KiB, 240 levels, 16 tables, SQLite alone", { group: "largest" }, () => {
  sqlite.prepare(LARGEST);
});
Deno.bench("64 KiB, 240 levels, 16 tables, warm", { group: "largest", baseline: true }, () => {
  compile(LARGEST);
});
Deno.bench("64 KiB, 240 levels, 16 tables, cold", { group: "largest", n: 10 }, () => {
  compile(LARGEST, new Map(CATALOGUE));
});
