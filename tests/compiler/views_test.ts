import { assertEquals } from "@std/assert";
import { compileQuery, compileText } from "../../compiler/mod.ts";
import { hygieneDiagnostics } from "../../compiler/hygiene/mod.ts";
import type { CompiledQuery } from "../../model/compiled.ts";
import { CATALOGUE, VIEWS } from "../../profiles/mod.ts";
import { PLATFORMS } from "../../schema/types.ts";

function compile(sql: string): CompiledQuery {
  const { query, diagnostics } = compileQuery(sql, { catalogue: CATALOGUE, platform: "linux" });
  assertEquals(diagnostics, []);
  return query!;
}

function faults(sql: string, more = ""): string[] {
  const text = `---
id: 00000000-0000-4000-8000-000000000001
title: A test
description: A detection of a test.
status: test
severity: medium
platforms: [linux]
falsepositives: [none known]
${more}---
${sql}`;
  const { detection, diagnostics } = compileText(text, "test.sql", CATALOGUE);
  const context = { catalogue: CATALOGUE, corpus: { detections: [] }, today: "2026-01-01" };
  const hygiene = detection ? hygieneDiagnostics({ ...context, detection }) : [];
  return [...diagnostics, ...hygiene].map(({ code, message, hint }) =>
    `${code}: ${message}${hint === undefined ? "" : ` (${hint})`}`
  );
}

const JOINED = "FROM processes p JOIN process_ancestors a ON a.process_key = p.process_key";

Deno.test("a view is read of its base table, whose columns it names", () => {
  assertEquals(compile("SELECT depth FROM process_ancestors").tables, [{
    table: "processes",
    columns: ["parent_key", "process_key", "scan_id"],
    views: ["process_ancestors"],
  }]);
  const { tables, plan } = compile(
    `SELECT p.pid, a.ancestor_pid, a.command_line ${JOINED} WHERE a.name = 'nginx' AND p.user_id = 0`,
  );
  const columns = [
    "command_line",
    "name",
    "parent_key",
    "pid",
    "process_key",
    "scan_id",
    "user_id",
  ];
  assertEquals(tables, [{ table: "processes", columns, views: ["process_ancestors"] }]);
  // What p is filtered by must not keep back the processes above it.
  assertEquals(plan.tasks, [
    { table: "processes", collector: "procmond", project: columns, ttl: 60_000 },
  ]);
});

Deno.test("a limit on a view is none on its base table", () => {
  const limit = (sql: string) => compile(sql).plan.tasks.map((task) => task.limit);
  assertEquals(limit("SELECT depth FROM process_ancestors LIMIT 3"), [undefined]);
  assertEquals(limit("SELECT pid FROM processes LIMIT 3"), [3]);
});

Deno.test("a view is read through common table expressions and subqueries", () => {
  const views = (sql: string) => compile(sql).tables.map((read) => read.views);
  const inner = "SELECT ancestor_pid FROM process_ancestors WHERE depth = 1";
  assertEquals(views(`WITH a AS (${inner}) SELECT ancestor_pid FROM a`), [["process_ancestors"]]);
  assertEquals(views(`SELECT pid FROM processes WHERE pid IN (${inner})`), [["process_ancestors"]]);
});

Deno.test("AUTO JOIN of a view is a join, and its rows give keys to others", () => {
  const plain = compile(
    "SELECT p.pid, a.depth FROM processes p AUTO JOIN process_ancestors a ON a.process_key = p.process_key WHEN p.name = 'sh'",
  );
  assertEquals(plain.plan.triggers, []);
  assertEquals(
    plain.sql,
    "SELECT p.pid, a.depth FROM processes p JOIN process_ancestors a ON (a.process_key = p.process_key) AND (p.name = 'sh')",
  );
  const [trigger] = compile(
    `SELECT p.pid, b.entropy ${JOINED} AUTO JOIN binary_analysis b ON b.pid = a.ancestor_pid WHERE a.depth = 1`,
  ).plan.triggers;
  assertEquals(trigger?.keys.kind === "rows" && trigger.keys.tables, [{
    table: "processes",
    columns: ["parent_key", "pid", "process_key", "scan_id"],
    views: ["process_ancestors"],
  }]);
});

Deno.test("faults in the use of a view are those of a table", () => {
  assertEquals(faults("SELECT a.dept FROM process_ancestors a"), [
    "unknown-column: `process_ancestors` has no column `dept` (did you mean `depth`?)",
  ]);
  assertEquals(faults("SELECT ancestor_pid FROM process_ancestor"), [
    "unknown-table: there is no table `process_ancestor` (did you mean `process_ancestors`?)",
  ]);
  assertEquals(faults("SELECT depth FROM process_ancestors WHERE name = 5"), [
    "type-mismatch: `name` is text, `5` is a number (write '5')",
  ]);
  assertEquals(faults("SELECT * FROM process_ancestors"), [
    "select-star: `*` stands for every column of `process_ancestors` (name the columns that are needed: process_key, ancestor_key, ancestor_pid, depth, …)",
  ]);
  assertEquals(faults("SELECT rowid FROM process_ancestors").length, 1);
});

Deno.test("a view is state, never a stream of events", () => {
  const events = (from: string) =>
    faults(`SELECT a.depth, a.ancestor_key ${from}`, "mode: events\n");
  const on = "ON a.process_key = e.process_key";
  assertEquals(events(`FROM process_events e JOIN process_ancestors a ${on}`), []);
  assertEquals(events(`FROM process_ancestors a JOIN process_events e ${on}`), [
    "events-mode: `process_ancestors` is a view and has no events (JOIN it to a table that has events)",
  ]);
});

Deno.test("every example of a view compiles without a fault on every platform", () => {
  for (const { examples } of VIEWS) {
    for (const sql of examples) {
      for (const platform of PLATFORMS) {
        const { query, diagnostics } = compileQuery(sql, { catalogue: CATALOGUE, platform });
        assertEquals([query !== null, diagnostics], [true, []], sql);
      }
    }
  }
});
