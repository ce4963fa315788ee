import { assert, assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import { compileDetection, compileQuery, compileText, parseDetection } from "../../compiler/mod.ts";
import type { CompiledQuery } from "../../model/compiled.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import { soup, STATEMENTS } from "./support/arbitrary.ts";

function query(sql: string): CompiledQuery {
  const found = compileQuery(sql, { catalogue: CATALOGUE, platform: "linux" });
  assertEquals(found.diagnostics, []);
  return found.query!;
}

function file(sql: string, more = ""): string {
  return `---
id: 3f0d6a0e-5a0c-4a52-9d0e-6f6f3a6d1c11
title: A process
description: That does something.
status: test
severity: high
platforms: [linux]
${more}---
${sql}
`;
}

function digest(sql: string, more = ""): string {
  return compileText(file(sql, more), "a.sql", CATALOGUE).compiled!.digest;
}

Deno.test("every example of the catalogue compiles", () => {
  for (const { examples } of CATALOGUE.values()) for (const sql of examples) query(sql);
});

Deno.test("compileQuery() finds the columns read through aliases, stars, subqueries and USING", () => {
  const reads = (sql: string) =>
    query(sql).tables.map(({ table, columns }) => `${table}: ${columns.join(" ")}`);
  assertEquals(reads("SELECT count(*) AS n FROM processes"), ["processes: "]);
  assertEquals(reads("WITH a(x) AS (SELECT pid FROM processes) SELECT b.x FROM a AS b"), [
    "processes: pid",
  ]);
  assertEquals(
    reads("SELECT u.shell FROM processes p FULL JOIN users u USING (user_id) ORDER BY p.name"),
    ["processes: name user_id", "users: shell user_id"],
  );
  assertEquals(
    reads(
      "SELECT e.value FROM processes, json_each(arguments) AS e WHERE EXISTS (SELECT 1 FROM users WHERE user_id = pid)",
    ),
    ["processes: arguments pid", "users: user_id"],
  );
  const { tables, columns } = query("SELECT * FROM users");
  assertEquals(tables[0]!.columns, columns.map(({ name }) => name).sort());
  assertEquals(reads("WITH a AS (SELECT pid FROM processes) SELECT user_id FROM users"), [
    "users: user_id",
  ]);
});

Deno.test("an alias stands before columns in ORDER BY and behind them everywhere else", () => {
  assertEquals(query("SELECT name AS pid FROM processes ORDER BY pid").tables[0]!.columns, [
    "name",
  ]);
  assertEquals(
    query("SELECT name AS pid FROM processes WHERE pid = 1 GROUP BY pid HAVING pid > 0").tables[0]!
      .columns,
    ["name", "pid"],
  );
  assertEquals(query("SELECT name AS n FROM processes WHERE n = 'x'").tables[0]!.columns, ["name"]);
});

Deno.test("compileQuery() gives result columns their type and origin", () => {
  const sql = "WITH c AS (SELECT pid AS number, start_time, name || '' AS text FROM processes) " +
    "SELECT number, start_time AS started, text, count(*) AS n, number + 1.5 AS f, name IS NULL AS b, :now - start_time AS age, " +
    "max(start_time) AS latest, arguments, arguments ->> 0 AS first FROM c JOIN processes USING (start_time)";
  assertEquals(
    query(sql).columns.map(({ name, type, origin }) =>
      `${name} ${type ?? "-"}${origin ? ` ${origin.table}.${origin.column}` : ""}`
    ),
    [
      "number integer processes.pid",
      "started timestamp processes.start_time",
      "text string",
      "n integer",
      "f float",
      "b boolean",
      "age -",
      "latest timestamp",
      "arguments json processes.arguments",
      "first -",
    ],
  );
});

Deno.test("compileQuery() lists the parameters, and no others are let through", () => {
  assertEquals(query("SELECT :now AS a, :scan_id AS b").parameters, ["now", "scan_id"]);
});

Deno.test("the SQL that runs is the author's but for AUTO JOIN", () => {
  const sql = "SELECT p.pid -- WHEN\nFROM processes p LEFT  AUTO /* x */ JOIN binary_analysis b\n" +
    "ON b.pid = p.pid OR FALSE AND 1 -- c\nWHEN p.name = 'AUTO JOIN' OR p.ppid = 1 WHERE p.pid > 1";
  const wrong = compileQuery(sql, { catalogue: CATALOGUE, platform: "linux" });
  assertEquals(wrong.diagnostics.map(({ code }) => code), ["auto-join"]);
  assertEquals(
    query(sql.replace("OR FALSE AND 1", "AND b.entropy > 1")).sql,
    "SELECT p.pid -- WHEN\nFROM processes p LEFT  /* x */ JOIN binary_analysis b\n" +
      "ON (b.pid = p.pid AND b.entropy > 1) -- c\nAND (p.name = 'AUTO JOIN' OR p.ppid = 1) WHERE p.pid > 1",
  );
  assertEquals(query("  SELECT pid FROM processes ; -- end").sql, "SELECT pid FROM processes");
});

Deno.test("compileText() finds faults of the front-matter and of the SQL at once", () => {
  const { detection, compiled, diagnostics } = compileText(
    file("SELECT pdi FROM processes", "colour: red\n"),
    "a.sql",
    CATALOGUE,
  );
  assertEquals([detection, compiled], [null, null]);
  assertEquals(diagnostics.map(({ code, line }) => `${code} ${line}`), [
    "unknown-key 8",
    "unknown-column 10",
  ]);
});

Deno.test("a fault in the platforms does not bring on faults of columns", () => {
  const text = file("SELECT pid, integrity_level FROM processes").replace("[linux]", "[winows]");
  assertEquals(compileText(text, "a.sql", CATALOGUE).diagnostics.map(({ code }) => code), [
    "invalid-value",
  ]);
});

Deno.test("the digest changes with what the verdict depends on, and with nothing else", () => {
  const base = digest("SELECT pid FROM processes");
  assertEquals(base, digest("SELECT pid FROM processes", "runbook: Look.\n"));
  assertEquals(base.length, 64);
  const others = [
    digest("SELECT pid, name FROM processes"),
    digest("SELECT pid FROM processes", "mode: differential\n"),
    digest("SELECT pid FROM processes", "identity: [pid]\n"),
    digest("SELECT pid FROM processes", "lookback: 1h\n"),
    digest("SELECT pid FROM processes", "exceptions: [{ id: a, when: pid = 1, reason: r }]\n"),
  ];
  for (const other of others) assertNotEquals(other, base);
  assertEquals(new Set(others).size, others.length);
});

Deno.test("compileDetection() plans with the detection's period", () => {
  const { detection } = parseDetection(
    file("SELECT pid FROM processes", "schedule: { every: 5m }\n"),
    "a.sql",
  );
  const { compiled } = compileDetection(detection!, CATALOGUE);
  assertEquals(compiled!.plan.tasks[0]!.ttl, 300_000);
});

Deno.test("no text makes the compiler throw", () => {
  const words = fc.array(
    fc.oneof(
      soup(),
      fc.constantFrom(
        "processes",
        "pid",
        "AUTO",
        "binary_analysis b",
        ":now",
        "\0",
        "é",
        "p.pid = b.pid",
      ),
    ),
    { maxLength: 30 },
  ).map((all) => all.join(" "));
  const texts = fc.oneof(
    fc.string({ unit: "binary", maxLength: 80 }),
    words,
    words.map((text) => `SELECT ${text}`),
    fc.tuple(
      fc.constantFrom(...STATEMENTS),
      fc.nat(200),
      fc.string({ unit: "binary", maxLength: 5 }),
    )
      .map(([sql, at, more]) => sql.slice(0, at) + more + sql.slice(at)),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const { query, diagnostics } = compileQuery(text, {
        catalogue: CATALOGUE,
        platform: "linux",
      });
      assert(query !== null || diagnostics.length > 0);
      for (const { line, column, end_line, end_column } of diagnostics) {
        assert(line < end_line || line === end_line && column <= end_column);
      }
      compileText(`---\n${text}\n---\n${text}`, "a.sql", CATALOGUE);
    }),
    { numRuns: 1500 },
  );
});
