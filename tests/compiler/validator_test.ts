import { assertEquals } from "@std/assert";
import { validate } from "../../compiler/validator.ts";
import { CATALOGUE } from "../../profiles/mod.ts";

/** What is said of SQL over tables that no query has named before. */
function fresh(sql: string) {
  const verdict = validate(sql, new Map(CATALOGUE), "linux");
  if (!verdict.accepted) return verdict.message;
  return Object.fromEntries([...verdict.reads].map(([name, columns]) => [name, [...columns]]));
}

Deno.test("validate() has every table, whichever way a query names it first", () => {
  assertEquals(fresh("SELECT pid FROM Processes"), { processes: ["pid"] });
  assertEquals(fresh("SELECT pid FROM main.processes"), { processes: ["pid"] });
  assertEquals(
    fresh('SELECT u.user_id FROM "processes" p, [users] u WHERE u.user_id = p.user_id'),
    {
      processes: ["user_id"],
      users: ["user_id"],
    },
  );
  assertEquals(fresh("SELECT 1 AS one WHERE 1 IN (SELECT depth FROM process_ancestors)"), {
    process_ancestors: ["depth"],
  });
});

Deno.test("validate() says the same of a query however many came before it", () => {
  const queries = [
    "SELECT pid FROM nothing",
    "SELECT pid FROM temp.processes",
    "SELECT pid FROM processes(1)",
    "INSERT INTO users (user_id) VALUES (1)",
    "CREATE TABLE mounts (x)",
    "DROP TABLE groups",
    "SELECT nothing FROM processes JOIN users",
    "SELECT pid FROM processes p JOIN sqlite_schema",
  ];
  const catalogue = new Map(CATALOGUE);
  const said = () => queries.map((sql) => validate(sql, catalogue, "linux"));
  const first = said();
  assertEquals(said(), first);
  assertEquals(first.map(({ accepted }) => accepted), queries.map(() => false));
  for (const name of CATALOGUE.keys()) validate(`SELECT * FROM ${name}`, catalogue, "linux");
  assertEquals(said(), first);
});
