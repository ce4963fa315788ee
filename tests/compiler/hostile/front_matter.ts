import type { Code } from "../../../diagnostics/codes.ts";

/** Hostile lines of a front-matter that is otherwise fine, and the code of the first diagnostic, if there is to be one. */
export interface HostileFrontMatter {
  /** What it tries. */
  readonly name: string;
  readonly yaml: string;
  readonly expect: Code | "harmless";
}

type Line = readonly [name: string, yaml: string, expect: Code | "harmless"];

const times = (count: number, text: (index: number) => string, between = "\n") =>
  Array.from({ length: count }, (_, index) => text(index)).join(between);

const when = (predicate: string) =>
  `exceptions: [{ id: a, reason: r, when: ${JSON.stringify(predicate)} }]`;

const title = (text: string) => `alert: { title: ${JSON.stringify(text)} }`;

const LINES: readonly Line[] = [
  [
    "billion laughs",
    `x-a: &a [1, 1, 1, 1, 1, 1, 1, 1]\n${
      times(30, (index) => `x-${index}: &n${index} [${"*a, ".repeat(8)}]`)
    }`,
    "yaml-syntax",
  ],
  ["anchor", "x-a: &a 1", "yaml-syntax"],
  ["alias without an anchor", "x-a: *a", "yaml-syntax"],
  ["alias of itself", "x-a: &a [*a]", "yaml-syntax"],
  ["merge key", "x-a: &a { b: 1 }\nx-b: { <<: *a }", "yaml-syntax"],
  ["merge key of the front-matter", "<<: { title: x }", "unknown-key"],
  ["deep lists", `x-a: ${"[".repeat(20_000)}${"]".repeat(20_000)}`, "yaml-syntax"],
  ["deep mappings", `x-a: ${"{a: ".repeat(5_000)}1${"}".repeat(5_000)}`, "yaml-syntax"],
  ["deep lists in lines", `x-a:\n  ${"- ".repeat(20_000)}1`, "yaml-syntax"],
  ["open lists", `x-a: ${"[".repeat(30_000)}`, "yaml-syntax"],
  // Text of keys within keys doubles at every level: 50 were more than the memory of the machine.
  ["keys within keys", `x-a:\n  ${"? ".repeat(50)}1`, "yaml-syntax"],
  ["5,000 keys within keys", `x-a:\n  ${"? ".repeat(5_000)}1`, "yaml-syntax"],
  ["list as a key", "? [a, b]\n: 1", "yaml-syntax"],
  ["mapping as a key", "x-a: { { b: 1 }: 2 }", "yaml-syntax"],
  ["same key twice", "x-a: 1\nx-a: 2", "yaml-syntax"],
  ["same key in quotes", `title: x\n"title": y`, "yaml-syntax"],
  ["same key further in", "schedule: { every: 1m, every: 2m }", "yaml-syntax"],
  ["12,000 keys", times(12_000, (index) => `${(index + 1_000).toString(36)}:`), "unknown-key"],
  ["a key 10,000 times", times(10_000, () => "x-a:"), "yaml-syntax"],
  ["12,000 tags", `tags: [${"a.b, ".repeat(12_000)}a.c]`, "invalid-value"],
  [
    "6,000 unknown columns",
    `identity: [${times(6_000, (index) => `c${index}`, ", ")}]`,
    "unknown-column",
  ],
  ["tab as indentation", "x-a:\n\tb: 1", "yaml-syntax"],
  ["tag of JavaScript", "x-a: !!js/function 'function () {}'", "yaml-syntax"],
  ["tag of Python", "x-a: !!python/object/apply:os.system ['id']", "yaml-syntax"],
  ["tag of one's own", "license: !evil x", "yaml-syntax"],
  ["binary as text", "runbook: !!binary aGVsbG8=", "invalid-value"],
  ["directive", "...\n%TAG ! tag:evil,2026:", "harmless"],
  ["second document", "...\nx-a: 1", "yaml-syntax"],
  ["prototype", "__proto__: { polluted: true }", "unknown-key"],
  ["prototype further in", "x-a: { __proto__: { polluted: true } }", "harmless"],
  ["prototype of a field", "schedule: { __proto__: { every: 1s } }", "unknown-key"],
  ["constructor", "constructor: { prototype: { polluted: true } }", "unknown-key"],
  ["NULL as a key", "~: 1", "unknown-key"],
  ["byte order mark within", "\ufeffx-a: 1", "unknown-key"],
  ["a scalar of 60,000 characters", `x-a: ${"a".repeat(60_000)}`, "harmless"],
  ["60,000 escapes", `x-a: "${"\\n".repeat(29_000)}"`, "harmless"],
  ["more than 64 KiB", `x-a: ${"a".repeat(70_000)}`, "yaml-syntax"],
  ["a path upwards", "resources: { yara: [../../etc/shadow] }", "invalid-value"],
  ["a path upwards within", "resources: { indicators: [a/../../b] }", "invalid-value"],
  ["an absolute path", "resources: { yara: [/etc/shadow] }", "invalid-value"],
  ["a path of Windows", `resources: { yara: ['C:\\x'] }`, "invalid-value"],
  ["a path with backslashes", `resources: { yara: ['..\\x'] }`, "invalid-value"],
  ["a path with NUL", `resources: { yara: ["a\\0b"] }`, "invalid-value"],
  ["a long path", `resources: { yara: ["${"..a/".repeat(12_000)}.."] }`, "invalid-value"],
  ["a long tag", `tags: ["${"a.".repeat(20_000)}!"]`, "invalid-value"],
  ["a long cron expression", `schedule: { cron: "${"1 ".repeat(20_000)}x" }`, "invalid-value"],
  ["a timeout too long", "schedule: { timeout: 31s }", "invalid-value"],
  ["a negative duration", "lookback: -1h", "invalid-value"],
  ["a day that is none", "date: 2026-02-30", "invalid-value"],
  ["a number as a title", "runbook: 42", "invalid-value"],

  ["a bracket too many", when("1) OR (1"), "sql-syntax"],
  ["a bracket too few", when("(pid = 1"), "sql-syntax"],
  ["the end of the wrapping", when("1) IS TRUE) OR ((1"), "sql-syntax"],
  ["a semicolon", when("pid = 1; DROP TABLE processes"), "sql-syntax"],
  ["a semicolon at the end", when("pid = 1;"), "sql-syntax"],
  ["a line comment", when("pid = 1 -- all the rest"), "harmless"],
  ["a comment without an end", when("pid = 1 /* all the rest"), "sql-syntax"],
  ["a NUL", when("pid = 1 -- \0"), "sql-syntax"],
  ["an open string", when("name = 'x"), "sql-syntax"],
  ["nothing", when(" "), "invalid-value"],
  ["only a comment", when("-- nothing"), "sql-syntax"],
  ["a second expression", when("pid = 1, 1"), "sql-syntax"],
  ["an alias", when("pid = 1 AS x"), "sql-syntax"],
  ["a second clause", when("pid = 1 ORDER BY pid"), "sql-syntax"],
  ["a set operation", when("pid = 1 UNION SELECT 1"), "sql-syntax"],
  ["a statement", when("DELETE FROM processes"), "sql-syntax"],
  ["a table", when("pid IN (SELECT pid FROM processes)"), "unknown-table"],
  ["a table behind IN", when("pid IN processes"), "unknown-table"],
  ["a schema table", when("EXISTS (SELECT 1 FROM sqlite_master)"), "unknown-table"],
  ["the result as a table", when("pid IN (SELECT pid FROM result)"), "unknown-table"],
  ["the result by name", when("result.pid = 1"), "unknown-table"],
  ["a column that is not in the result", when("command_line = 'x'"), "unknown-column"],
  ["an aggregate", when("count(*) > 0"), "invalid-sql"],
  ["a window", when("row_number() OVER () > 0"), "invalid-sql"],
  ["a function", when("load_extension(name)"), "refused-function"],
  ["the clock", when("datetime('now') > '2026'"), "wall-clock"],
  ["a parameter", when("pid = ?1"), "unknown-parameter"],
  ["a parameter of ours", when("start_time < :now - 1000"), "harmless"],
  ["a bad pattern", when("name REGEXP '('"), "bad-pattern"],
  ["another class", when("pid = 'x'"), "type-mismatch"],
  ["depth", when(`${"(".repeat(300)}1${")".repeat(300)}`), "too-deep"],
  ["many conditions", when(times(1_100, () => "pid=1", " OR ")), "too-deep"],
  [
    "doubling tables",
    when(
      `EXISTS (WITH c0 AS (SELECT 1 AS a)${
        times(40, (index) => `, c${index + 1} AS (SELECT x.a FROM c${index} x, c${index} y)`, "")
      } SELECT a FROM c40)`,
    ),
    "too-many-tables",
  ],
  [
    "900 exceptions",
    `exceptions:\n${times(900, (index) => `  - { id: e${index}, when: pid = 1, reason: r }`)}`,
    "harmless",
  ],
  // SQLite's expressions end at 1,000 levels, and all exceptions are one.
  [
    "1,100 exceptions",
    `exceptions:\n${times(1_100, (index) => `  - { id: e${index}, when: pid = 1, reason: r }`)}`,
    "invalid-value",
  ],

  ["a title of braces", title("{".repeat(30_000)), "harmless"],
  ["an open template", title(`{{${" ".repeat(40_000)}x`), "harmless"],
  ["10,000 open templates", title("{{ ".repeat(15_000)), "harmless"],
  ["10,000 templates", title("{{pid}}".repeat(8_000)), "harmless"],
  ["a template that is no column", title("{{pid}} {{constructor}}"), "unknown-column"],
  ["a template of a prototype", title("{{__proto__}}"), "unknown-column"],
  ["code in a template", title("{{pid || process.exit()}}"), "unknown-column"],
  ["a template in a template", title("{{ {{pid}} }}"), "harmless"],
  ["terminal escapes", title("\u001b]0;x\u0007\u001b[2J{{pid}}"), "harmless"],
  ["a function's name as a column", "identity: [toString]", "unknown-column"],
];

/** Every hostile front-matter. */
export const FRONT_MATTER: readonly HostileFrontMatter[] = LINES.map(([name, yaml, expect]) => ({
  name,
  yaml,
  expect,
}));
