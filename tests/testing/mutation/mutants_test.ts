import { assertEquals } from "@std/assert";
import { CATALOGUE } from "../../../profiles/mod.ts";
import { mutantsOf } from "../../../testing/mutation/mutants.ts";
import { detectionOf } from "../support.ts";

/** Each mutant in a line: what is done, what stands there, and what then does. */
function mutants(sql: string, more?: string): string[] {
  return mutantsOf(detectionOf(sql, more), CATALOGUE).map((mutant) => {
    const { kind, before, after, compiled, equivalent } = mutant;
    const note = !compiled ? " (invalid)" : equivalent ? " (equivalent)" : "";
    return `${kind}: ${before} → ${after}${note}`;
  });
}

/** What a detection reads from processes WHERE something holds. */
const where = (condition: string) => mutants(`SELECT pid FROM processes WHERE ${condition}`);

Deno.test("mutantsOf() mutates comparisons and numbers, each change once", () => {
  assertEquals(where("user_id >= 1000"), [
    "dropped predicate: user_id >= 1000 → TRUE",
    "operator: user_id >= 1000 → user_id < 1000",
    "operator: user_id >= 1000 → user_id > 1000",
    "constant: 1000 → 1001",
    "constant: 1000 → 999",
  ]);
  assertEquals(where("ppid = 0"), [
    "dropped predicate: ppid = 0 → TRUE",
    "operator: ppid = 0 → ppid <> 0",
    "constant: 0 → 1",
    "constant: 0 → (-1)",
  ]);
  assertEquals(where("cpu_usage < 1.5").slice(-2), ["constant: 1.5 → 2.5", "constant: 1.5 → 0.5"]);
});

Deno.test("mutantsOf() mutates strings by a character", () => {
  assertEquals(where("name = 'nc'").slice(2), [
    "constant: 'nc' → 'c'",
    "constant: 'nc' → 'n'",
    "constant: 'nc' → 'nd'",
  ]);
  assertEquals(where("name = 'it''s'").slice(-1), ["constant: 'it''s' → 'it''t'"]);
  assertEquals(where("name = ''").slice(-1), ["constant: '' → 'x'"]);
});

Deno.test("mutantsOf() mutates AND, OR and NOT", () => {
  assertEquals(
    where("kernel_thread AND NOT (ppid IS NULL OR accessible)")
      .filter((one) => !one.startsWith("operator")),
    [
      "dropped predicate: kernel_thread → TRUE",
      "negation: kernel_thread → NOT (kernel_thread)",
      "AND and OR: AND → OR",
      "dropped predicate: NOT (ppid IS NULL OR accessible) → TRUE",
      "negation: NOT (ppid IS NULL OR accessible) → ((ppid IS NULL OR accessible))",
      "dropped alternative: ppid IS NULL → FALSE",
      "AND and OR: OR → AND",
      "dropped alternative: accessible → FALSE",
      "negation: accessible → NOT (accessible)",
    ],
  );
  // Three operands, two places for the other word: the left one takes its operands in parentheses along.
  assertEquals(
    where("ppid IS NULL OR name IS NULL OR accessible").filter((one) => one.startsWith("AND and")),
    ["AND and OR: OR → AND", "AND and OR: OR → AND"],
  );
});

Deno.test("mutantsOf() mutates lists, ranges and tests", () => {
  assertEquals(where("name IN ('a', 'b')"), [
    "dropped predicate: name IN ('a', 'b') → TRUE",
    "operator: name IN ('a', 'b') → name NOT IN ('a', 'b')",
    "dropped list item: 'a',  → ",
    "dropped list item: , 'b' → ",
  ]);
  assertEquals(where("name NOT IN ('a')")[1], "operator: name NOT IN ('a') → name IN ('a')");
  assertEquals(where("pid NOT BETWEEN 1 AND 3").slice(1), [
    "operator: pid NOT BETWEEN 1 AND 3 → pid BETWEEN 1 AND 3",
    "constant: 1 → 2",
    "constant: 1 → 0",
    "constant: 3 → 4",
    "constant: 3 → 2",
  ]);
  assertEquals(where("(name = 'a') IS NOT TRUE").slice(0, 3), [
    "dropped predicate: (name = 'a') IS NOT TRUE → TRUE",
    "operator: (name = 'a') IS NOT TRUE → (name = 'a') IS TRUE",
    "operator: (name = 'a') → (name <> 'a')",
  ]);
});

Deno.test("mutantsOf() takes wildcards, anchors, repetitions and alternatives out of patterns", () => {
  const patterns = (condition: string) =>
    where(condition).filter((one) => one.startsWith("pattern") || one.startsWith("constant"));
  assertEquals(patterns("name LIKE '%a_b%'"), ["pattern: % → ", "pattern: _ → ", "pattern: % → "]);
  assertEquals(patterns("name GLOB '*[ab]?'"), [
    "pattern: * → ",
    "pattern: [ab] → ",
    "pattern: ? → ",
  ]);
  assertEquals(patterns("name REGEXP '(?i)^(ab?|c|d+)[x]{2,3}\\b'"), [
    "pattern: (?i) → ",
    "pattern: ^ → ",
    "pattern: ab?| → ",
    "pattern: ? → ",
    "pattern: |c → ",
    "pattern: |d+ → ",
    "pattern: + → ",
    "pattern: {2,3} → ",
    "pattern: \\b → ",
  ]);
});

Deno.test("mutantsOf() follows patterns through literals and common table expressions", () => {
  const sql = `WITH word(shell, other) AS (SELECT '(ba|da)' || 'sh', 'x''y*')
    SELECT pid FROM processes
    WHERE name REGEXP (SELECT '^' || shell || '$' FROM word) OR name REGEXP (SELECT other FROM word)`;
  assertEquals(mutants(sql).filter((one) => one.startsWith("pattern")), [
    "pattern: ba| → ",
    "pattern: |da → ",
    "pattern: * → ",
    "pattern: ^ → ",
    "pattern: $ → ",
  ]);
  // An alternative that lies in two literals.
  const split = `SELECT pid FROM processes WHERE name REGEXP '^(a|b' || 'c|d)'`;
  assertEquals(mutants(split).filter((one) => one.startsWith("pattern: |b")), [
    "pattern: |b' || 'c → ' || '",
  ]);
});

Deno.test("mutantsOf() mutates joins, WHEN, HAVING, FILTER, DISTINCT and CASE", () => {
  const sql = `SELECT DISTINCT p.name, count(*) FILTER (WHERE p.kernel_thread) AS n,
      CASE WHEN p.accessible THEN 1 END AS c
    FROM processes p JOIN processes c ON c.ppid = p.pid
      AUTO JOIN binary_analysis b ON b.pid = p.pid WHEN p.name = 'a'
    GROUP BY 1, 3 HAVING count(DISTINCT c.pid) > 2`;
  assertEquals(
    mutants(sql).filter((one) => one.startsWith("dropped")),
    [
      "dropped DISTINCT: DISTINCT → ",
      "dropped predicate: p.kernel_thread → TRUE",
      "dropped alternative: p.accessible → FALSE",
      "dropped join condition: c.ppid = p.pid → TRUE",
      "dropped join condition: b.pid = p.pid → TRUE (invalid)",
      "dropped WHEN: p.name = 'a' → TRUE",
      "dropped HAVING: count(DISTINCT c.pid) > 2 → TRUE",
      "dropped DISTINCT: DISTINCT → ",
    ],
  );
});

Deno.test("mutantsOf() drops exceptions and mutates their predicates", () => {
  const more = `exceptions:
  - { id: a, when: "pid = 1", reason: a test }
  - { id: b, when: "name = 'x'", reason: a test }`;
  const lines = mutants("SELECT pid, name FROM processes", more);
  assertEquals(lines, [
    "dropped exception: pid = 1 → ",
    "operator: pid = 1 → pid <> 1",
    "constant: 1 → 2",
    "constant: 1 → 0",
    "dropped exception: name = 'x' → ",
    "operator: name = 'x' → name <> 'x'",
    "constant: 'x' → ''",
    "constant: 'x' → 'y'",
  ]);
});

Deno.test("mutantsOf() knows what SQLite does not tell apart, and leaves out what ORDER BY says", () => {
  const sql = `SELECT pid FROM processes
    WHERE 1 AND EXISTS (SELECT 1 FROM users) ORDER BY 1`;
  assertEquals(mutants(sql), [
    "constant: 1 → 2 (equivalent)",
    "constant: 1 → 0",
    "AND and OR: AND → OR",
    "dropped predicate: EXISTS (SELECT 1 FROM users) → TRUE",
    "negation: EXISTS (SELECT 1 FROM users) → NOT (EXISTS (SELECT 1 FROM users))",
  ]);
  // What is the same as an earlier mutant is left out: here NOT (ppid > 3), and ppid <= 3.
  assertEquals(where("NOT ppid > 3").slice(0, 3), [
    "dropped predicate: NOT ppid > 3 → TRUE",
    "negation: NOT ppid > 3 → (ppid > 3)",
    "operator: ppid > 3 → ppid >= 3",
  ]);
});

Deno.test("mutantsOf() shows each mutant at its place in the file", () => {
  const more = `exceptions: [{ id: a, when: "name = 'x'", reason: a test }]`;
  const compiled = detectionOf("SELECT pid, name FROM processes -- here\nWHERE ppid = 2", more);
  for (const { span, before } of mutantsOf(compiled, CATALOGUE)) {
    assertEquals(compiled.detection.text.slice(span.start, span.end), before);
  }
});
