import type { Chance } from "../support/random.ts";

const BRACKETS: readonly (readonly [string, string])[] = [
  ["(", ")"],
  ["(SELECT ", ")"],
  ["(SELECT pid FROM processes WHERE pid = ", ")"],
  ["CASE WHEN 1 THEN ", " END"],
  ["CASE ", " WHEN 1 THEN 2 END"],
  ["lower(", ")"],
  ["coalesce(pid, ", ")"],
  ["NOT ", ""],
  ["- ", ""],
  ["~", ""],
  ["CAST(", " AS TEXT)"],
  ["1 + ", ""],
  ["", " || 'x'"],
  ["", " -> '$.a'"],
  ["", " COLLATE nocase"],
  ["", " ISNULL"],
  ["", " OR pid = 1"],
  ["", " BETWEEN 1 AND 2"],
  ["1 IN (", ")"],
  ["1 IN (SELECT ", ")"],
  ["EXISTS (SELECT 1 WHERE ", ")"],
  ["EXISTS (WITH c AS (SELECT 1) SELECT 1 FROM c WHERE ", ")"],
  ["(SELECT * FROM (SELECT 1) WHERE ", ")"],
  ["sum(", ") OVER ()"],
  ["datetime(", ")"],
  ["json_array(", ")"],
];

/** SQL that nests, in one way or in several, a few times or thousands of times. */
export function nested(chance: Chance, most = 5_000): string {
  let inner = chance.pick(["1", "pid", "'x'", "name", ":now", "NULL"]);
  for (let turns = 1 + chance.below(3); turns > 0; turns--) {
    const [before, after] = chance.pick(BRACKETS);
    const count = chance.below(chance.pick([4, 100, 300, most]));
    const fits = Math.floor(60_000 / (before.length + after.length));
    const closed = chance.is(0.9) ? Math.min(count, fits) : 0;
    inner = before.repeat(Math.min(count, fits)) + inner + after.repeat(closed);
  }
  return `SELECT ${inner} AS x FROM ${nestedSource(chance, most)}`;
}

function nestedSource(chance: Chance, most: number): string {
  if (chance.is(0.6)) return "processes";
  const count = chance.below(chance.pick([4, 100, most / 10]));
  const [before, after] = chance.pick([["(", ")"], ["(SELECT * FROM ", ")"], [
    "(SELECT *, * FROM ",
    ")",
  ]]);
  return before!.repeat(count) + "processes" + after!.repeat(count);
}

const PARTS: readonly ((index: number) => string)[] = [
  () => "1",
  (index) => `${index}`,
  (index) => `'${index}'`,
  (index) => `c${index}`,
  (index) => `p${index}.x`,
  () => "name",
  () => "*",
  () => "NULL",
  (index) => `f${index}()`,
  (index) => `?${index}`,
  (index) => `pid AS c${index}`,
  () => "name LIKE '%a%'",
  () => "datetime(name)",
  () => "(SELECT max(pid) FROM processes)",
];

/** SQL with lists that go on and on: of values, columns, tables, arguments, arms, common tables. */
export function pumped(chance: Chance): string {
  const part = chance.pick(PARTS);
  const count = 1 + chance.below(chance.pick([20, 600, 4_000]));
  const list = (between: string, of = part) =>
    Array.from({ length: count }, (_, index) => of(index)).join(between);
  const chained = (next: (before: string) => string) =>
    `WITH c0 AS (SELECT name, pid FROM processes)${
      list("", (index) => `, c${index + 1} AS (${next(`c${index}`)})`)
    } SELECT name FROM c${chance.pick([count, 0, 1])}`;
  return chance.pick([
    () => `SELECT ${list(", ")} FROM processes`,
    () => `SELECT pid FROM processes WHERE pid IN (${list(", ")})`,
    () => `SELECT pid FROM processes WHERE ${list(chance.pick([" OR ", " AND ", " = ", " + "]))}`,
    () => `SELECT coalesce(${list(", ")}) AS x FROM processes`,
    () => `SELECT pid FROM processes ORDER BY ${list(", ")}`,
    () => `SELECT pid FROM processes GROUP BY ${list(", ")}`,
    () =>
      `SELECT CASE ${
        list(" ", (index) => `WHEN ${part(index)} THEN ${index}`)
      } END AS x FROM processes`,
    () => `WITH v(a) AS (VALUES ${list(", ", (index) => `(${part(index)})`)}) SELECT a FROM v`,
    () =>
      list(chance.pick([" UNION ", " UNION ALL ", " EXCEPT "]), () => "SELECT pid FROM processes"),
    () =>
      `SELECT 1 AS x FROM ${
        list(chance.pick([", ", " JOIN ", " NATURAL JOIN "]), (index) => `processes p${index}`)
      }`,
    () => `SELECT 1 AS x FROM ${list(", ", (index) => `json_each('[]') e${index}`)}`,
    () =>
      `SELECT pid FROM processes WHERE name REGEXP '${
        list(chance.pick(["", "|", "(", "*"]), () => chance.pick(["a", "[a-z]", "\\w+", ".{3}"]))
      }'`,
    () => chained((before) => `SELECT * FROM ${before}`),
    () => chained((before) => `SELECT a.name, b.pid FROM ${before} a, ${before} b`),
    () => chained((before) => `SELECT name || name AS name, pid FROM ${before}`),
    () => chained((before) => `SELECT * FROM ${before} UNION SELECT * FROM ${before}`),
    () => chained((before) => `SELECT * FROM ${before} NATURAL JOIN ${before} b`),
  ])();
}
