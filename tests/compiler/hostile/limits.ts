import { type Hostile, hostile } from "./hostile.ts";

const times = (count: number, text: (index: number) => string, between = "") =>
  Array.from({ length: count }, (_, index) => text(index)).join(between);

/** `count` of a text around another one. */
const around = (count: number, before: string, inner: string, after: string) =>
  before.repeat(count) + inner + after.repeat(count);

/** Common tables, each made from the one before. */
const chain = (count: number, next: (before: string) => string) =>
  `WITH c0 AS (SELECT name, pid FROM processes)${
    times(count, (index) => `, c${index + 1} AS (SELECT ${next(`c${index}`)})`)
  } SELECT name FROM c${count}`;

/** More than the compiler or SQLite takes: length, depth, tables, columns, and what grows while it is read. */
export const limits: readonly Hostile[] = hostile([
  ["too long", `SELECT '${"x".repeat(65_536)}' AS x`, "too-long"],
  ["too long in bytes", `SELECT '${"é".repeat(32_800)}' AS x`, "too-long"],
  ["too long by a comment", `SELECT pid FROM processes /*${"x".repeat(65_536)}*/`, "too-long"],
  [
    "an IN list too long",
    `SELECT pid FROM processes WHERE pid IN (${"1,".repeat(33_000)}1)`,
    "too-long",
  ],
  [
    "a long IN list",
    `SELECT pid FROM processes WHERE pid IN (${"1,".repeat(30_000)}1)`,
    "harmless",
  ],
  [
    "a long list of strings",
    `SELECT pid FROM processes WHERE name NOT IN (${"'x',".repeat(15_000)}'')`,
    "harmless",
  ],
  ["brackets", `SELECT ${around(30_000, "(", "1", ")")} AS x`, "too-deep"],
  ["open brackets", `SELECT ${"(".repeat(60_000)}`, "too-deep"],
  ["CASE", `SELECT ${around(400, "CASE WHEN 1 THEN ", "1", " END")} AS x`, "too-deep"],
  ["CAST", `SELECT ${around(400, "CAST(", "1", " AS INTEGER)")} AS x`, "too-deep"],
  ["functions", `SELECT ${around(5_000, "lower(", "name", ")")} AS x FROM processes`, "too-deep"],
  ["subqueries", `SELECT ${around(400, "(SELECT ", "1", ")")} AS x`, "too-deep"],
  [
    "subqueries in FROM",
    `SELECT 1 AS x FROM ${around(400, "(SELECT 1 FROM ", "processes", ")")}`,
    "too-deep",
  ],
  ["EXISTS", `SELECT 1 AS x WHERE ${around(400, "EXISTS (SELECT 1 WHERE ", "1", ")")}`, "too-deep"],
  ["IN", `SELECT 1 AS x WHERE ${around(400, "1 IN (SELECT 1 WHERE ", "1", ")")}`, "too-deep"],
  ["IN lists", `SELECT 1 AS x WHERE ${around(9_000, "1 IN (", "1", ")")}`, "too-deep"],
  ["IN functions", `SELECT 1 AS x WHERE ${around(4_000, "1 IN json_each(", "1", ")")}`, "too-deep"],
  ["BETWEEN", `SELECT 1 AS x WHERE ${around(2_500, "1 BETWEEN ", "1", " AND 1")}`, "too-deep"],
  [
    "300 windows",
    `SELECT ${
      times(300, (index) => `sum(pid) OVER (ORDER BY pid + ${index}) AS s${index}`, ", ")
    } FROM processes`,
    "too-deep",
  ],
  ["joins in brackets", `SELECT 1 AS x FROM ${around(400, "(", "processes", ")")}`, "too-deep"],
  [
    "WITH within WITH",
    `${around(300, "WITH a AS (", "SELECT 1", ") SELECT * FROM a")}`,
    "too-deep",
  ],
  ["NOT", `SELECT pid FROM processes WHERE ${"NOT ".repeat(10_000)}1`, "too-deep"],
  ["minus", `SELECT ${"- ".repeat(30_000)}1 AS x`, "too-deep"],
  ["tilde", `SELECT ${"~".repeat(60_000)}1 AS x`, "too-deep"],
  ["OR", `SELECT pid FROM processes WHERE ${times(1_100, () => "pid = 1", " OR ")}`, "too-deep"],
  ["AND", `SELECT pid FROM processes WHERE ${times(1_100, () => "pid = 1", " AND ")}`, "too-deep"],
  ["sum", `SELECT ${"1+".repeat(20_000)}1 AS x`, "too-deep"],
  ["||", `SELECT ${"'a'||".repeat(12_000)}'a' AS x`, "too-deep"],
  ["->", `SELECT arguments${" -> '$'".repeat(5_000)} AS x FROM processes`, "too-deep"],
  ["COLLATE", `SELECT name${" COLLATE nocase".repeat(2_000)} AS x FROM processes`, "too-deep"],
  ["ISNULL", `SELECT pid${" ISNULL".repeat(5_000)} AS x FROM processes`, "too-deep"],
  ["set operations", times(3_000, () => "SELECT 1", " UNION "), "too-deep"],
  ["600 set operations", times(600, () => "SELECT 1 AS x", " UNION ALL "), "too-many-tables"],
  ["2,001 columns", `SELECT ${times(2_001, (index) => `1 AS c${index}`, ", ")}`, "invalid-sql"],
  [
    "2,001 groups",
    `SELECT 1 AS x FROM processes GROUP BY ${times(2_001, () => "pid + 1", ",")}`,
    "invalid-sql",
  ],

  [
    "17 tables",
    `SELECT 1 AS x FROM ${times(17, (index) => `processes p${index}`, ", ")}`,
    "too-many-tables",
  ],
  [
    "17 tables in subqueries",
    `SELECT 1 AS x WHERE ${times(17, () => "EXISTS (SELECT 1 FROM users)", " OR ")}`,
    "too-many-tables",
  ],
  [
    "40 tables of a common table's name",
    `SELECT 1 AS x FROM ${times(40, (index) => `processes p${index}`, ", ")}
     WHERE EXISTS (WITH processes AS (SELECT 1) SELECT 1)`,
    "too-many-tables",
  ],
  [
    "17 tables behind IN",
    `SELECT 1 AS x WHERE ${times(17, () => "1 IN users", " OR ")}`,
    "too-many-tables",
  ],
  [
    "65 common tables joined",
    `WITH c AS (SELECT 1 AS a) SELECT 1 AS x FROM ${times(65, (index) => `c c${index}`, ",")}`,
    "invalid-sql",
  ],

  // Small texts that double with every line, here or in SQLite.
  // SQLite has already copied everything when it comes to the second FROM.
  [
    "doubling subqueries before a syntax error",
    `SELECT ${
      around(40, "(SELECT * FROM (SELECT 1) WHERE ", "1", ")")
    } AS x FROM processes FROM processes`,
    "sql-syntax",
  ],
  [
    "doubling tables",
    chain(40, (before) => `a.name, a.pid FROM ${before} a, ${before} b`),
    "too-many-tables",
  ],
  [
    "doubling tables in subqueries",
    chain(40, (before) => `name, pid FROM ${before} WHERE pid IN (SELECT pid FROM ${before})`),
    "too-many-tables",
  ],
  [
    "doubling expressions",
    chain(40, (before) => `name || name AS name, pid FROM ${before}`),
    "too-deep",
  ],
  [
    "doubling expressions, for a date",
    `${
      chain(40, (before) => `name || name AS name, pid FROM ${before}`)
    } WHERE datetime(name) > '2026'`,
    "too-deep",
  ],
  [
    "doubling columns",
    `SELECT 1 AS x FROM ${around(60, "(SELECT *, * FROM ", "processes", ")")}`,
    "invalid-sql",
  ],
  [
    "doubling columns of a join",
    chain(40, (before) => `* FROM ${before} a, ${before} b`),
    "too-many-tables",
  ],
  ["many stars", `SELECT ${"*,".repeat(30_000)}* FROM processes`, "invalid-sql"],
  ["a chain of 1,500 common tables", chain(1_500, (before) => `* FROM ${before}`), "too-deep"],
  [
    "a chain of deep common tables",
    chain(20, (before) => `* FROM ${around(100, "(SELECT * FROM ", before, ")")}`),
    "too-deep",
  ],
  [
    "forward references",
    `WITH ${
      times(1_500, (index) => `c${index} AS (SELECT * FROM c${index + 1})`, ", ")
    }, c1500 AS (SELECT 1) SELECT * FROM c0`,
    "too-deep",
  ],
  [
    "6,000 unknown columns of 16 tables",
    `SELECT 1 AS x FROM ${times(16, (index) => `processes p${index}`, ",")} WHERE 1 IN (${
      times(6_000, (index) => `colum${index}`, ",")
    })`,
    "unknown-column",
  ],
  [
    "5,000 unknown functions",
    `SELECT 1 AS x WHERE 1 IN (${times(5_000, (index) => `f${index}(1)`, ",")})`,
    "refused-function",
  ],
  [
    "5,000 unknown tables",
    `SELECT 1 AS x FROM processes WHERE 1 IN (${times(5_000, (index) => `t${index}.a`, ",")})`,
    "unknown-table",
  ],
  [
    "1,500 natural columns",
    `SELECT 1 AS x FROM (SELECT ${
      times(1_500, (index) => `1 AS c${index}`, ",")
    }) NATURAL JOIN (SELECT ${times(1_500, (index) => `1 AS c${index}`, ",")})`,
    "too-deep",
  ],
  [
    "1,000 parameters",
    `SELECT ${times(1_000, (index) => `?${index + 1}`, ",")}`,
    "unknown-parameter",
  ],
  ["a parameter of a large number", "SELECT ?99999 AS x", "unknown-parameter"],
  ["a number of 60,000 digits", `SELECT ${"9".repeat(60_000)} AS x FROM processes`, "harmless"],
  ["a hexadecimal number of 60,000 digits", `SELECT 0x${"f".repeat(60_000)} AS x`, "invalid-sql"],
  ["an exponent", "SELECT 1e999999999 AS x FROM processes", "harmless"],
]);
