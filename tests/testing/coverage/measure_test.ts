import { assertEquals } from "@std/assert";
import { openSandbox } from "../../../engine/sandbox/sandbox.ts";
import { CATALOGUE } from "../../../profiles/mod.ts";
import { measureCoverage } from "../../../testing/coverage/measure.ts";
import { detectionOf, fixtureOf } from "../support.ts";

type Counts = readonly [yes: number, no: number, unknown: number];

/** A detection, what its fixtures hold, and of how many rows each clause is true, false and NULL. */
interface Spec {
  readonly about: string;
  readonly sql: string;
  readonly more?: string;
  /** Tables of a fixture in YAML; every entry is a case of its own. */
  readonly cases: readonly string[];
  readonly clauses: Readonly<Record<string, Counts>>;
}

const PEOPLE = `tables: { processes: [
  { pid: 1, ppid: 0, name: init, user_id: 0 },
  { pid: 2, ppid: 1, name: nc, user_id: 1000 },
  { pid: 3, ppid: 2, name: sh, user_id: 1001 },
  { pid: 4, ppid: 2 } ] }`;

const SPECS: readonly Spec[] = [
  {
    about: "a clause is judged on every row, whatever another one decides",
    sql: "SELECT pid FROM processes WHERE name = 'nc' AND user_id > 500 OR pid = 9",
    cases: [PEOPLE],
    clauses: { "name = 'nc'": [1, 2, 1], "user_id > 500": [2, 1, 1], "pid = 9": [0, 4, 0] },
  },
  {
    about: "cases add up",
    sql: "SELECT pid FROM processes WHERE name = 'nc'",
    cases: [PEOPLE, PEOPLE, "tables: { processes: [] }"],
    clauses: { "name = 'nc'": [2, 4, 2] },
  },
  {
    about: "NOT, IS TRUE and IS FALSE are looked through, NULL stays NULL",
    sql:
      "SELECT pid FROM processes WHERE NOT (name = 'nc' OR pid = 1) AND (user_id = 0) IS NOT TRUE AND (pid = 2 AND ppid = 1) IS FALSE",
    cases: [PEOPLE],
    clauses: {
      "name = 'nc'": [1, 2, 1],
      "pid = 1": [1, 3, 0],
      "(user_id = 0)": [1, 2, 1],
      "pid = 2": [1, 3, 0],
      "ppid = 1": [1, 3, 0],
    },
  },
  {
    about: "no row, no judgement",
    sql: "SELECT pid FROM processes WHERE name = 'nc'",
    cases: ["tables: { processes: [] }"],
    clauses: { "name = 'nc'": [0, 0, 0] },
  },
  {
    about: "a common table expression is judged before what reads it",
    sql: `WITH people AS (SELECT pid, name FROM processes WHERE user_id >= 1000)
      SELECT pid FROM people WHERE name = 'nc'`,
    cases: [PEOPLE],
    clauses: { "user_id >= 1000": [2, 1, 1], "name = 'nc'": [1, 1, 0] },
  },
  {
    about: "subqueries in FROM, EXISTS and IN",
    sql: `SELECT s.pid FROM (SELECT pid, ppid FROM processes WHERE pid < 4) s
      WHERE EXISTS (SELECT 1 FROM processes p WHERE p.pid = s.ppid AND p.user_id = 0)
        OR s.pid IN (SELECT pid FROM processes WHERE name = 'sh')`,
    cases: [PEOPLE],
    clauses: {
      "pid < 4": [3, 1, 0],
      "EXISTS (SELECT 1 FROM processes p WHERE p.pid = s.ppid AND p.user_id = 0)": [1, 2, 0],
      // For each of three rows all four.
      "p.pid = s.ppid": [2, 10, 0],
      "p.user_id = 0": [3, 6, 3],
      "s.pid IN (SELECT pid FROM processes WHERE name = 'sh')": [1, 2, 0],
      "name = 'sh'": [1, 2, 1],
    },
  },
  {
    about: "a scalar subquery ends at its first row",
    sql: "SELECT pid FROM processes WHERE (SELECT name FROM processes WHERE pid > 0) = 'init'",
    cases: [PEOPLE],
    clauses: {
      "(SELECT name FROM processes WHERE pid > 0) = 'init'": [4, 0, 0],
      "pid > 0": [1, 0, 0],
    },
  },
  {
    about: "CASE ends at the branch that is taken",
    sql: `SELECT pid, CASE WHEN user_id = 0 THEN 'root' WHEN user_id > 1000 THEN 'user' END AS a,
      CASE name WHEN 'nc' THEN 1 WHEN 'sh' THEN 2 END AS b FROM processes`,
    cases: [PEOPLE],
    clauses: {
      "user_id = 0": [1, 2, 1],
      "user_id > 1000": [1, 1, 1],
      "name = 'nc'": [1, 2, 1],
      "name = 'sh'": [1, 1, 1],
    },
  },
  {
    about: "joins are judged from left to right on all pairs, then WHERE on those that are left",
    sql: `SELECT c.pid FROM processes p JOIN processes c ON c.ppid = p.pid AND c.pid < 4
      WHERE p.user_id = 0`,
    cases: [PEOPLE],
    clauses: { "c.ppid = p.pid": [3, 13, 0], "c.pid < 4": [12, 4, 0], "p.user_id = 0": [1, 1, 0] },
  },
  {
    about: "an outer join keeps its rows, and WHERE is judged on them",
    sql: `SELECT p.pid FROM processes p LEFT JOIN processes c ON c.ppid = p.pid
      WHERE c.pid IS NULL AND p.pid > 3`,
    cases: [PEOPLE],
    // 1–2, 2–3, 2–4, and 3 and 4 without a child.
    clauses: { "c.ppid = p.pid": [3, 13, 0], "c.pid IS NULL": [2, 3, 0], "p.pid > 3": [1, 4, 0] },
  },
  {
    about: "a WHERE that needs only the left table does not keep an outer join from being judged",
    sql: `SELECT p.pid FROM processes p LEFT JOIN processes c ON c.ppid = p.pid WHERE p.pid > 3`,
    cases: [PEOPLE],
    clauses: { "c.ppid = p.pid": [3, 13, 0], "p.pid > 3": [1, 4, 0] },
  },
  {
    about: "a later join that lets nothing through does not keep an earlier one from being judged",
    sql: `SELECT c.pid FROM processes p JOIN processes c ON c.ppid = p.pid
      JOIN users u ON u.user_name = 'nobody' JOIN users w ON w.user_id = u.user_id`,
    cases: [`${PEOPLE.slice(0, -1)}, users: [{ user_id: 0, user_name: root }] }`],
    clauses: {
      "c.ppid = p.pid": [3, 13, 0],
      "u.user_name = 'nobody'": [0, 3, 0],
      "w.user_id = u.user_id": [0, 0, 0],
    },
  },
  {
    about: "the order of joins holds with *, too",
    sql: `SELECT count(*) AS n FROM (SELECT * FROM processes p JOIN processes c ON c.ppid = p.pid
      JOIN users u ON u.user_name = 'nobody' JOIN users w ON w.user_id = u.user_id)`,
    cases: [`${PEOPLE.slice(0, -1)}, users: [{ user_id: 0, user_name: root }] }`],
    clauses: {
      "c.ppid = p.pid": [3, 13, 0],
      "u.user_name = 'nobody'": [0, 3, 0],
      "w.user_id = u.user_id": [0, 0, 0],
    },
  },
  {
    about: "WHEN is judged on the rows that it decides on, though it lets none through",
    sql: `SELECT p.pid FROM processes p
      AUTO JOIN binary_analysis b ON b.pid = p.pid WHEN p.name = 'nc' WHERE b.entropy > 7`,
    cases: [`${PEOPLE.slice(0, -1)}, binary_analysis: [] }`],
    clauses: { "b.pid = p.pid": [0, 0, 0], "p.name = 'nc'": [1, 2, 1], "b.entropy > 7": [0, 0, 0] },
  },
  {
    about: "AUTO JOIN, then WHERE on what it found",
    sql: `SELECT p.pid FROM processes p
      AUTO JOIN binary_analysis b ON b.pid = p.pid WHEN p.name = 'nc' WHERE b.entropy > 7`,
    cases: [`${PEOPLE.slice(0, -1)}, binary_analysis: [{ pid: 2, entropy: 7.5 }] }`],
    clauses: { "b.pid = p.pid": [1, 0, 0], "p.name = 'nc'": [1, 2, 1], "b.entropy > 7": [1, 0, 0] },
  },
  {
    about: "LEFT AUTO JOIN keeps the rows for which nothing is asked",
    sql: `SELECT p.pid, b.entropy FROM processes p
      LEFT AUTO JOIN binary_analysis b ON b.pid = p.pid WHEN p.name = 'nc' WHERE b.entropy IS NULL`,
    cases: [`${PEOPLE.slice(0, -1)}, binary_analysis: [] }`],
    clauses: {
      "b.pid = p.pid": [0, 0, 0],
      "p.name = 'nc'": [1, 2, 1],
      "b.entropy IS NULL": [4, 0, 0],
    },
  },
  {
    about: "LEFT AUTO JOIN with a row that was asked for",
    sql: `SELECT p.pid, b.entropy FROM processes p
      LEFT AUTO JOIN binary_analysis b ON b.pid = p.pid WHEN p.name = 'nc' WHERE b.entropy IS NULL`,
    cases: [`${PEOPLE.slice(0, -1)}, binary_analysis: [{ pid: 2, entropy: 7.5 }] }`],
    clauses: {
      "b.pid = p.pid": [1, 0, 0],
      "p.name = 'nc'": [1, 2, 1],
      "b.entropy IS NULL": [3, 1, 0],
    },
  },
  {
    about: "an empty table at the end does not keep earlier joins from being judged",
    sql: `SELECT c.pid FROM processes p JOIN processes c ON c.ppid = p.pid
      JOIN users u ON u.user_id = c.user_id WHERE u.user_name = 'x'`,
    cases: [`${PEOPLE.slice(0, -1)}, users: [] }`],
    clauses: {
      "c.ppid = p.pid": [3, 13, 0],
      "u.user_id = c.user_id": [0, 0, 0],
      "u.user_name = 'x'": [0, 0, 0],
    },
  },
  {
    about: "HAVING and FILTER",
    sql: `SELECT ppid, count(*) FILTER (WHERE name = 'sh') AS shells FROM processes
      GROUP BY ppid HAVING count(*) > 1`,
    cases: [PEOPLE],
    clauses: { "name = 'sh'": [1, 2, 1], "count(*) > 1": [1, 2, 0] },
  },
  {
    about: "a column of the result that is made with OR",
    sql: "SELECT pid, name = 'nc' OR name = 'sh' AS either FROM processes",
    cases: [PEOPLE],
    clauses: { "name = 'nc'": [1, 2, 1], "name = 'sh'": [1, 2, 1] },
  },
  {
    about: "an exception is judged on the rows that no earlier one excludes",
    sql: "SELECT pid, name FROM processes",
    more: `exceptions:
  - { id: a, when: "name = 'init'", reason: a test }
  - { id: b, when: "pid > 3 AND name IS NULL", reason: a test }`,
    cases: [PEOPLE],
    clauses: { "name = 'init'": [1, 2, 1], "pid > 3": [1, 2, 0], "name IS NULL": [1, 2, 0] },
  },
  {
    about:
      "a clause that could not be judged ahead of the one before it is judged where SQLite does",
    sql: `SELECT pid FROM processes
      WHERE json_valid(name) = 1 AND json_extract(name, '$.a') = 1`,
    cases: ["tables: { processes: [{ pid: 1, name: '{\"a\": 1}' }, { pid: 2, name: nc }] }"],
    clauses: { "json_valid(name) = 1": [1, 1, 0], "json_extract(name, '$.a') = 1": [1, 0, 0] },
  },
];

Deno.test("measureCoverage() counts of each clause how often it is true, false and NULL", async (test) => {
  await using sandbox = await openSandbox({ policy: "preferred", size: 1 });
  for (const { about, sql, more, cases, clauses } of SPECS) {
    await test.step(about, async () => {
      const fixtures = cases.map((tables) => fixtureOf(`${tables}\nexpect: {}`));
      const coverage = await measureCoverage(detectionOf(sql, more), fixtures, CATALOGUE, sandbox);
      assertEquals(
        coverage.clauses.map(({ text, yes, no, unknown }): [string, Counts] => [
          text,
          [yes, no, unknown],
        ]),
        Object.entries(clauses),
      );
    });
  }
});

Deno.test("measureCoverage() says where a clause stands in the file, in SQL and in the front-matter", async () => {
  const more = `exceptions: [{ id: a, when: "name = 'x'", reason: a test }]`;
  const compiled = detectionOf("SELECT pid, name\nFROM processes\nWHERE (pid = 1)", more);
  await using sandbox = await openSandbox({ policy: "preferred", size: 1 });
  const { clauses } = await measureCoverage(compiled, [], CATALOGUE, sandbox);
  const { text } = compiled.detection;
  assertEquals(
    clauses.map(({ kind, span }) => [kind, text.slice(span.start, span.end)]),
    [["where", "(pid = 1)"], ["exception", "name = 'x'"]],
  );
});

Deno.test("measureCoverage() says which case could not be measured, and why", async () => {
  const compiled = detectionOf("SELECT pid FROM processes WHERE json_extract(name, '$.a') = 1");
  const broken = fixtureOf("tables: { processes: [{ pid: 1, name: x }] }\nexpect: {}");
  await using sandbox = await openSandbox({ policy: "preferred", size: 1 });
  const { problems } = await measureCoverage(compiled, [broken], CATALOGUE, sandbox);
  assertEquals(problems, ["a case: not measured (malformed JSON)"]);
});
