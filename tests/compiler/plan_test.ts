import { assertEquals } from "@std/assert";
import { compileQuery, explain, predicateSql } from "../../compiler/mod.ts";
import type { CompiledQuery } from "../../model/compiled.ts";
import type { Trigger } from "../../model/plan.ts";
import { CATALOGUE } from "../../profiles/mod.ts";

function compile(sql: string): CompiledQuery {
  const { query, diagnostics } = compileQuery(sql, { catalogue: CATALOGUE, platform: "linux" });
  assertEquals(diagnostics, []);
  return query!;
}

/** What is asked of the collectors that see the whole host: a line for each table. */
function tasks(sql: string): string[] {
  return compile(sql).plan.tasks.map(({ table, where, limit }) =>
    `${table}: ${where ? predicateSql(where) : "all"}${limit === undefined ? "" : `, ${limit}`}`
  );
}

/** What is asked of collectors by keys: a line for each request. */
function triggers(sql: string): string[] {
  const text = ({ keys }: Trigger) =>
    keys.kind === "rows"
      ? `${keys.sql}${keys.process ? " [process]" : ""}`
      : keys.kind === "glob"
      ? keys.patterns.join(", ")
      : keys.values.join(", ");
  return compile(sql).plan.triggers.map((trigger) => {
    const where = trigger.where ? ` | ${predicateSql(trigger.where)}` : "";
    return `${trigger.stage} ${trigger.table}.${trigger.key} <- ${text(trigger)}${where}`;
  });
}

Deno.test("every kind of predicate over one table is pushed down", () => {
  const pairs: Record<string, string> = {
    "pid = 1 AND 2 < ppid AND ppid <= 9": "pid = 1 AND ppid > 2 AND ppid <= 9",
    "name <> 'it''s' AND name IN ('a', 'b')": "name <> 'it''s' AND name IN ('a', 'b')",
    "name NOT LIKE 'a!%' ESCAPE '!'": "NOT (name LIKE 'a!%' ESCAPE '!')",
    "name GLOB 'a*' OR name REGEXP '^b'": "name GLOB 'a*' OR name REGEXP '^b'",
    "ppid IS NULL OR executable_path NOT NULL": "ppid IS NULL OR executable_path IS NOT NULL",
    "memory_rss BETWEEN 1 AND 2.5": "memory_rss BETWEEN 1 AND 2.5",
    "kernel_thread AND NOT accessible": "kernel_thread = TRUE AND NOT (accessible = TRUE)",
    "kernel_thread = 0 OR accessible = TRUE": "kernel_thread = FALSE OR accessible = TRUE",
    "start_time > 1700000000000": "start_time > 1700000000000",
    "nice_value = -5": "nice_value = -5",
    "arguments IS NULL": "arguments IS NULL",
  };
  for (const [where, pushed] of Object.entries(pairs)) {
    assertEquals(
      tasks(`SELECT pid FROM processes WHERE ${where}`),
      [`processes: ${pushed}`],
      where,
    );
  }
});

Deno.test("what has no meaning to a collector stays behind, and loosens no more than AND", () => {
  const pairs: Record<string, string> = {
    "lower(name) = 'x' AND pid = 1": "pid = 1",
    "lower(name) = 'x' OR pid = 1": "all",
    "NOT (lower(name) = 'x' AND pid = 1)": "all",
    "(lower(name) = 'x' AND pid = 1) OR pid = 2": "pid = 1 OR pid = 2",
    "pid = ppid": "all",
    "name = 'a' COLLATE NOCASE": "all",
    "pid IN (1, NULL)": "all",
    "pid + 1 = 2": "all",
    "host = 'h' AND scan_id = 1": "all",
    "start_time > :now - 1000": "all",
    "pid = 9223372036854775807": "all",
    "pid IN (SELECT ppid FROM processes WHERE name = 'x')": "all",
  };
  for (const [where, pushed] of Object.entries(pairs)) {
    assertEquals(
      tasks(`SELECT pid FROM processes WHERE ${where}`),
      [`processes: ${pushed}`],
      where,
    );
  }
});

Deno.test("a table that stands in a query twice is collected for both", () => {
  assertEquals(
    tasks(
      "SELECT p.pid FROM processes p JOIN processes q ON q.pid = p.ppid WHERE p.name = 'a' AND q.name = 'b'",
    ),
    ["processes: name = 'a' OR name = 'b'"],
  );
  assertEquals(
    tasks("SELECT pid FROM processes WHERE name = 'a' UNION SELECT pid FROM processes"),
    ["processes: all"],
  );
  assertEquals(
    tasks(
      "WITH a AS (SELECT pid FROM processes WHERE name = 'a') SELECT p.pid FROM processes p WHERE p.pid IN a AND p.ppid = 1",
    ),
    ["processes: ppid = 1 OR name = 'a'"],
  );
});

Deno.test("nothing is pushed to where an outer join makes rows up", () => {
  const from = (join: string) =>
    `SELECT p.pid FROM processes p ${join} users u ON u.user_id = p.user_id AND u.shell = 's'`;
  const where = " WHERE p.name = 'a' AND u.user_name IS NULL";
  assertEquals(tasks(from("JOIN") + where), [
    "processes: name = 'a'",
    "users: user_name IS NULL AND shell = 's'",
  ]);
  assertEquals(tasks(from("LEFT JOIN") + where), ["processes: name = 'a'", "users: all"]);
  assertEquals(tasks(from("RIGHT JOIN") + where), ["processes: all", "users: all"]);
  assertEquals(tasks(from("FULL JOIN") + where), ["processes: all", "users: all"]);
});

Deno.test("HAVING is not pushed down, WHERE under GROUP BY is", () => {
  assertEquals(
    tasks(
      "SELECT name, count(*) AS n FROM processes WHERE pid > 1 GROUP BY name HAVING name = 'x'",
    ),
    ["processes: pid > 1"],
  );
});

Deno.test("a limit reaches the collector only where it applies the whole filter of one table", () => {
  const limited: Record<string, string> = {
    "SELECT pid FROM processes WHERE pid > 1 LIMIT 5": "processes: pid > 1, 5",
    "SELECT pid FROM processes LIMIT 5 OFFSET 2": "processes: all, 7",
    "SELECT pid FROM processes WHERE lower(name) = 'x' LIMIT 5": "processes: all",
    "SELECT pid FROM processes ORDER BY pid LIMIT 5": "processes: all",
    "SELECT DISTINCT name FROM processes LIMIT 5": "processes: all",
    "SELECT count(*) AS n FROM processes LIMIT 5": "processes: all",
    "SELECT name FROM processes GROUP BY name LIMIT 5": "processes: all",
    "SELECT pid, sum(pid) OVER () AS s FROM processes LIMIT 5": "processes: all",
    "SELECT p.pid FROM processes p, json_each(p.arguments) e LIMIT 5": "processes: all",
    "SELECT pid FROM (SELECT pid FROM processes WHERE pid > 1) LIMIT 5": "processes: pid > 1",
  };
  for (const [sql, task] of Object.entries(limited)) assertEquals(tasks(sql), [task], sql);
});

Deno.test("AUTO JOIN asks for the keys of the rows that WHEN and WHERE leave", () => {
  assertEquals(
    triggers(
      "SELECT p.pid FROM processes p AUTO JOIN binary_analysis b ON b.pid = p.pid WHEN p.name LIKE 'a%' " +
        "WHERE b.entropy > 7 AND p.user_id = 0 AND (p.ppid = 1 OR b.file_size > 1)",
    ),
    [
      '1 binary_analysis.pid <- SELECT DISTINCT (p.pid), "p"."process_key" FROM processes p ' +
      "WHERE (p.pid) IS NOT NULL AND (p.name LIKE 'a%') AND (p.user_id = 0) [process] | entropy > 7",
    ],
  );
});

Deno.test("the rows to the left count as they are after RIGHT and FULL JOIN, too", () => {
  const [trigger] = triggers(
    "SELECT p.pid FROM processes p JOIN binary_analysis b ON b.file_path = p.executable_path " +
      "FULL JOIN users u ON u.user_id = p.user_id WHERE p.name IS NULL",
  );
  assertEquals(
    trigger,
    "1 binary_analysis.file_path <- SELECT DISTINCT (p.executable_path) FROM processes p " +
      "WHERE (p.executable_path) IS NOT NULL",
  );
});

Deno.test("chains are asked for stage by stage, through common table expressions as well", () => {
  const chain = triggers(
    "WITH packed AS (SELECT b.file_path FROM processes p AUTO JOIN binary_analysis b ON b.pid = p.pid WHEN p.name = 'a') " +
      "SELECT y.rule_name FROM packed JOIN yara_matches y ON y.file_path = packed.file_path " +
      "LEFT AUTO JOIN code_signing c ON c.file_path = y.file_path WHEN y.rule_name = 'r'",
  );
  assertEquals(chain.map((line) => line.slice(0, line.indexOf(" <-"))), [
    "1 binary_analysis.pid",
    "2 yara_matches.file_path",
    "3 code_signing.file_path",
  ]);
  const common =
    "WITH packed AS (SELECT b.file_path FROM processes p JOIN binary_analysis b ON (b.pid = p.pid) AND (p.name = 'a'))";
  assertEquals(
    chain[1],
    `2 yara_matches.file_path <- ${common} SELECT DISTINCT (packed.file_path) FROM packed WHERE (packed.file_path) IS NOT NULL`,
  );
});

Deno.test("constants in FROM are the request", () => {
  assertEquals(
    triggers(
      "SELECT file_path FROM binary_analysis WHERE (file_path = '/a' OR file_path GLOB '/b/*') AND entropy > 7",
    ),
    [
      "1 binary_analysis.file_path <- /a | (file_path = '/a' OR file_path GLOB '/b/*') AND entropy > 7",
      "1 binary_analysis.file_path <- /b/* | (file_path = '/a' OR file_path GLOB '/b/*') AND entropy > 7",
    ],
  );
  assertEquals(
    triggers(
      "SELECT file_path FROM binary_analysis WHERE pid IN (SELECT pid FROM processes WHERE name = 'x')",
    ),
    ["1 binary_analysis.pid <- SELECT DISTINCT * FROM (SELECT pid FROM processes WHERE name = 'x')"],
  );
});

Deno.test("a process is named by pid and identity where the rows to the left have both", () => {
  const keys = (sql: string) => compile(sql).plan.triggers[0]!.keys;
  const parent = keys(
    "SELECT p.pid FROM processes p JOIN binary_analysis b ON b.pid = p.ppid WHERE p.pid > 1",
  );
  assertEquals(
    parent.kind === "rows" && [parent.process, parent.sql.includes('"p"."parent_key"')],
    [true, true],
  );
  const merged = keys("SELECT pid FROM processes JOIN binary_analysis USING (pid)");
  assertEquals(
    merged.kind === "rows" && merged.sql,
    'SELECT DISTINCT "processes"."pid", "processes"."process_key" FROM processes WHERE "processes"."pid" IS NOT NULL',
  );
  const common = keys(
    "WITH c AS (SELECT pid FROM processes) SELECT b.pid FROM c JOIN binary_analysis b ON b.pid = c.pid",
  );
  assertEquals(common.kind === "rows" && common.process, false);
});

Deno.test("the columns that identify processes of keys are collected and counted as read", () => {
  const { tables, plan } = compile(
    "SELECT p.pid FROM processes p JOIN binary_analysis b ON b.pid = p.pid",
  );
  assertEquals(tables, [
    { table: "binary_analysis", columns: ["pid"] },
    { table: "processes", columns: ["pid", "process_key"] },
  ]);
  assertEquals(plan.tasks[0]!.project, ["pid", "process_key"]);
});

Deno.test("cost tells the rows of a table that take seconds from the others", () => {
  const cost = (condition: string) =>
    compile(
      `SELECT p.pid FROM processes p JOIN yara_matches y ON y.pid = p.pid ${condition} WHERE p.executable_deleted`,
    ).plan.cost.class;
  assertEquals(cost("AND y.scan_target = 'memory'"), "high");
  assertEquals(cost("AND (y.scan_target IN ('file', 'memory') OR y.rule_name = 'x')"), "high");
  assertEquals(cost("AND y.scan_target = 'file'"), "medium");
  assertEquals(cost("AND y.rule_name = 'memory'"), "medium");
  assertEquals(cost(""), "medium");
});

Deno.test("cost says what makes a query dear", () => {
  const cost = (sql: string) => compile(sql).plan.cost;
  assertEquals(cost("SELECT pid FROM processes"), { class: "low", because: [] });
  assertEquals(cost("SELECT p.pid FROM processes p, users u").class, "high");
  assertEquals(
    cost("SELECT p.pid FROM processes p JOIN binary_analysis b ON b.pid = p.pid").class,
    "high",
  );
  assertEquals(
    cost(
      "SELECT p.pid FROM processes p AUTO JOIN binary_analysis b ON b.pid = p.pid WHEN p.name = 'x'",
    ).class,
    "medium",
  );
});

Deno.test("explain() has the shape of explain --format json", () => {
  const query = compile(
    "SELECT p.pid FROM processes p AUTO JOIN binary_analysis b ON b.pid = p.pid WHEN p.name = 'x'",
  );
  const explanation = explain(query, (collector) => [`all of ${collector}`]);
  assertEquals(Object.keys(explanation), [
    "tables",
    "columns",
    "tasks",
    "triggers",
    "residual_sql",
    "permissions",
    "cost",
    "events",
  ]);
  assertEquals(explanation.residual_sql, query.sql);
  assertEquals(explanation.permissions, [
    { collector: "binmond", permissions: ["all of binmond"] },
    { collector: "procmond", permissions: ["all of procmond"] },
  ]);
  assertEquals(explanation.events, { possible: true, stream: "processes" });
  assertEquals(JSON.parse(JSON.stringify(explanation)), explanation);
});

Deno.test("what the condition of a LEFT JOIN asks of its right side is asked of the collector", () => {
  const from = "SELECT p.pid, m.pattern_value FROM processes p LEFT JOIN memory_patterns m ";
  const where = (rest: string) =>
    compile(from + rest).plan.triggers.map(({ where }) => where && predicateSql(where));
  const key = "ON m.pid = p.pid";
  assertEquals(where(`${key} AND m.pattern_regex = 'a'`), ["pattern_regex = 'a'"]);
  assertEquals(where(`${key} WHERE m.pattern_regex IN ('a', 'b')`), [
    "pattern_regex IN ('a', 'b')",
  ]);
  assertEquals(where(`${key} AND m.match_count > 2 WHERE m.pattern_regex = 'a'`), [
    "match_count > 2 AND pattern_regex = 'a'",
  ]);
  // A row that is made up for want of another one meets these.
  assertEquals(where(`${key} WHERE m.pattern_regex IS NULL`), [undefined]);
  assertEquals(where(`${key} WHERE m.pattern_regex = 'a' OR m.pid IS NULL`), [undefined]);
  assertEquals(where(`${key} AND p.name = 'x'`), [undefined]);
});

Deno.test("a plan names the tables that only add to rows of others", () => {
  const additional = (sql: string) => compile(sql).plan.additional;
  const from = "SELECT u.user_id FROM users u ";
  assertEquals(additional(from), undefined);
  assertEquals(additional(`${from} LEFT JOIN processes p ON p.user_id = u.user_id`), ["processes"]);
  assertEquals(additional(`${from} JOIN processes p ON p.user_id = u.user_id`), undefined);
  assertEquals(
    additional(
      `${from} LEFT JOIN processes p ON p.user_id = u.user_id WHERE EXISTS (SELECT 1 FROM processes)`,
    ),
    undefined,
  );
});
