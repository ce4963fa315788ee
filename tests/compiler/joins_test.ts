import { assertEquals } from "@std/assert";
import { compileQuery } from "../../compiler/mod.ts";
import type { CompiledQuery } from "../../model/compiled.ts";
import { CATALOGUE } from "../../profiles/mod.ts";

function compile(sql: string): CompiledQuery {
  const { query, diagnostics } = compileQuery(sql, { catalogue: CATALOGUE, platform: "linux" });
  assertEquals(diagnostics, [], sql);
  return query!;
}

function reads(sql: string): string[] {
  return compile(sql).tables.map(({ table, columns }) => `${table}: ${columns.join(", ")}`);
}

/** The key by which the only request asks, and the SQL that gives its values. */
function request(sql: string): string {
  const [trigger] = compile(sql).plan.triggers;
  return `${trigger!.key} <- ${trigger!.keys.kind === "rows" && trigger!.keys.sql}`;
}

Deno.test("after RIGHT and FULL JOIN the key of USING is that of any table to the left", () => {
  const left = "processes p RIGHT JOIN network_connections n USING (pid)";
  const key = `coalesce("p"."pid", "n"."pid")`;
  assertEquals(
    request(`SELECT b.entropy FROM ${left} JOIN binary_analysis b USING (pid)`),
    `pid <- SELECT DISTINCT ${key}, coalesce("p"."process_key", "n"."process_key") ` +
      `FROM ${left} WHERE ${key} IS NOT NULL`,
  );
  const inner = "processes p LEFT JOIN network_connections n USING (pid)";
  assertEquals(
    request(`SELECT b.entropy FROM ${inner} JOIN binary_analysis b USING (pid)`),
    `pid <- SELECT DISTINCT "p"."pid", "p"."process_key" FROM ${inner} WHERE "p"."pid" IS NOT NULL`,
  );
});

Deno.test("a column that RIGHT or FULL JOIN merges has no table of its own", () => {
  const origins = (join: string, column: string) =>
    compile(
      `SELECT ${column} FROM processes p ${join} (SELECT pid FROM network_connections) n USING (pid)`,
    )
      .columns.map(({ name, origin }) => `${name} ${origin?.table}`);
  assertEquals(origins("FULL JOIN", "pid"), ["pid undefined"]);
  assertEquals(origins("FULL JOIN", "p.pid"), ["pid processes"]);
  assertEquals(origins("LEFT JOIN", "pid"), ["pid processes"]);
  assertEquals(origins("RIGHT JOIN", "*")[0], "pid undefined");
  assertEquals(origins("RIGHT JOIN", "*")[1], "ppid processes");
});

Deno.test("USING merges with the first of the tables in parentheses that has the column", () => {
  const inner = "processes p JOIN binary_analysis b ON b.file_path = p.executable_path";
  assertEquals(
    request(`SELECT b.entropy FROM network_connections x JOIN (${inner}) USING (pid)`),
    `file_path <- SELECT DISTINCT (p.executable_path) FROM processes p ` +
      `WHERE (p.executable_path) IS NOT NULL`,
  );
});

Deno.test("of tables in parentheses only what is named is read", () => {
  const inner = "processes p JOIN users u ON u.user_id = p.user_id";
  const expected = ["network_connections: pid", "processes: pid, user_id", "users: user_id"];
  for (const join of ["JOIN", "LEFT JOIN", "RIGHT JOIN"]) {
    for (const on of ["ON p.pid = x.pid", "USING (pid)"]) {
      const sql = `SELECT x.pid FROM network_connections x ${join} (${inner}) ${on}`;
      assertEquals(reads(sql), expected, sql);
    }
  }
});

Deno.test("beside tables in parentheses, too, nobody reads the numbers of rows", () => {
  const from = "network_connections x JOIN (processes p JOIN users u USING (user_id)) USING (pid)";
  for (const name of ["p.rowid", `"oid"`, "x._rowid_"]) {
    const sql = `SELECT ${name} AS r FROM ${from}`;
    const { query, diagnostics } = compileQuery(sql, { catalogue: CATALOGUE, platform: "linux" });
    assertEquals(query, null, sql);
    assertEquals(diagnostics.map(({ code }) => code), ["unknown-column"], sql);
  }
});

Deno.test("a term of ORDER BY is an alias only by itself", () => {
  assertEquals(reads("SELECT lower(name) AS pid FROM processes ORDER BY pid"), ["processes: name"]);
  assertEquals(reads("SELECT lower(name) AS pid FROM processes ORDER BY pid COLLATE nocase"), [
    "processes: name",
  ]);
  assertEquals(reads("SELECT lower(name) AS pid FROM processes ORDER BY pid + 1"), [
    "processes: name, pid",
  ]);
});
