/**
 * What the codes mean that no check owns: those of reading a file. `docs/diagnostics.md` shows them beside the checks.
 *
 * @module
 */
import type { Code } from "../diagnostics/codes.ts";

/** What a code means, as the documentation shows it. Examples are SQL, lines of front-matter, or a whole file. */
export interface CodeDocs {
  /** What is found. */
  readonly what: string;
  /** Why that matters. */
  readonly why: string;
  /** What is found fault with; absent where no text of a detection shows it. */
  readonly bad?: string;
  /** The same without the fault. */
  readonly good?: string;
}

const FILE = `---
id: 5a2f1c3e-8b7d-4e6f-9a01-2b3c4d5e6f70
title: Program run from shared memory
description: Software is not installed in /dev/shm. What runs there was put there to leave no trace.
status: test
severity: high
platforms: [linux]
---
`;

/** Codes that no check owns, in the order of the documentation. */
export const CODE_DOCS = {
  "front-matter-missing": {
    what: "A file that does not begin with front-matter.",
    why: "Without an id, a severity and platforms nothing can be made of a query.",
    bad: "SELECT pid FROM processes",
    good: `${FILE}SELECT pid FROM processes`,
  },
  "yaml-syntax": {
    what: "Front-matter that is not YAML 1.2, has a key twice, or uses anchors and aliases.",
    why: "Readers and tools must understand the same; of two values of one key they would not.",
    bad: "description: Text: with a colon and a space",
    good: 'description: "Text: with a colon and a space"',
  },
  "unknown-key": {
    what: "A key that front-matter does not have. Keys of your own begin with `x-`.",
    why: "A misspelt key would be ignored, and what it was to do would not happen.",
    bad: "lookbak: 1h",
    good: "lookback: 1h\nx-team: linux",
  },
  "missing-key": {
    what:
      "A key without which a detection cannot be read, or a stable one without `falsepositives`.",
    why: "There is no default that would be right for most.",
    bad: "suppression: { by: [pid], for: 1h }\nthreshold: { by: [pid], count: 3 }",
    good: "suppression: { by: [pid], for: 1h }\nthreshold: { by: [pid], count: 3, within: 1h }",
  },
  "invalid-value": {
    what: "A value that is not of the form of its key, or that contradicts another one.",
    why: "Nobody can say what was meant.",
    bad: "schedule: { every: 5 minutes }",
    good: "schedule: { every: 5m }",
  },
  "sql-missing": {
    what: "A file that ends with its front-matter.",
    why: "A detection is a query.",
    bad: FILE,
    good: `${FILE}SELECT pid FROM processes`,
  },
  "sql-syntax": {
    what: "SQL that does not parse.",
    why: "SQLite could not run it either. The place is that of the first word that does not fit.",
    bad: "SELECT pid FROM processes WHERE name IN ('nc' 'ncat')",
    good: "SELECT pid FROM processes WHERE name IN ('nc', 'ncat')",
  },
  "not-a-select": {
    what: "Anything but exactly one SELECT, which may have a WITH before it.",
    why: "A detection is one query. A second statement would not run, and look as if it did.",
    bad: "SELECT pid FROM processes; SELECT pid FROM logins",
    good: "SELECT pid FROM processes UNION SELECT pid FROM logins",
  },
  "refused-statement": {
    what: "A statement, or an operation in one, that does more than read virtual tables.",
    why: "Detections come from many hands and run on every host: they read, and nothing else.",
    bad: "DELETE FROM processes",
    good: "SELECT pid FROM processes",
  },
  "unknown-table": {
    what: "A table, view or alias that does not exist.",
    why: "`daemoneye schema` lists the virtual tables. SQLite's own are not among them.",
    bad: "SELECT pid FROM process",
    good: "SELECT pid FROM processes",
  },
  "unknown-column": {
    what:
      "A column that no table in reach has, or a name in the front-matter that the result does not have.",
    why: "`daemoneye schema TABLE` lists the columns.",
    bad: "SELECT pid FROM processes WHERE exe_path = '/bin/sh'",
    good: "SELECT pid FROM processes WHERE executable_path = '/bin/sh'",
  },
  "ambiguous-column": {
    what: "A column name without its table, where several tables have one.",
    why: "Which of them is meant is for the author to say.",
    bad: "SELECT name FROM processes p JOIN processes parent ON parent.process_key = p.parent_key",
    good:
      "SELECT p.name FROM processes p JOIN processes parent ON parent.process_key = p.parent_key",
  },
  "platform-column": {
    what: "A column that one of the declared `platforms` does not have.",
    why: "The detection would fail there, on every host.",
    bad: "platforms: [linux, macos]\n---\nSELECT pid, cgroup FROM processes",
    good: "platforms: [linux]\n---\nSELECT pid, cgroup FROM processes",
  },
  "invalid-sql": {
    what: "SQL that parses, with known names, and that SQLite refuses all the same.",
    why: "SQLite runs the query, therefore its word is the last one.",
    bad: "SELECT pid FROM processes WHERE count(*) > 1",
    good: "SELECT name, count(*) AS n FROM processes GROUP BY name HAVING count(*) > 1",
  },
  "not-analysed": {
    what: "SQL that SQLite accepts and the compiler does not fully understand.",
    why:
      "The detection runs, but its conditions are not applied where rows are collected, and types are not checked.",
  },
  "too-long": {
    what: "More than 64 KiB of SQL.",
    why:
      "The limit keeps one file from holding up all others. Long lists belong in a file: `resources.indicators`.",
  },
  "too-deep": {
    what: "Parentheses, subqueries or chains of operators beyond the limit.",
    why: "SQLite refuses them as well. `x IN (1, 2, …)` is shorter than `x = 1 OR x = 2 OR …`.",
  },
  "too-many-tables": {
    what: "More than 16 tables in one query, each time that one is read counted.",
    why: "The planner's time grows with every table, and so does what has to be collected.",
  },
  "unreadable-file": {
    what: "A file that cannot be opened, is no UTF-8, or is larger than 1 MiB.",
    why: "It takes no part in a scan; the others do.",
  },
  "invalid-yara": {
    what:
      "A rule file under `resources.yara` that YARA 4.2 does not compile, at the line of that file. `include` is refused: what a rule includes would not be part of the detection.",
    why: "None of the file's rules could be tried, and the detection would find nothing.",
  },
  "yara-warning": {
    what: "What YARA warns of in a rule file under `resources.yara`, at the line of that file.",
    why:
      "Short strings and loose expressions are found in many places: a file that takes too long to try is not evaluated.",
  },
  "duplicate-name": {
    what: "Two detections whose files have the same name, in whatever folders.",
    why: "The name ties a detection to its fixtures.",
  },
  "duplicate-id": {
    what: "Two detections with the same id.",
    why:
      "The id ties a detection to its alerts and its state; two would suppress each other's alerts.",
  },
  "fixture-syntax": {
    what: "A fixture that is not YAML.",
    why: "A case that cannot be read is a case that fails.",
  },
  "fixture-value": {
    what: "A table, column, time or expectation in a fixture that does not exist or does not fit.",
    why: "A misspelt column would be NULL, and the case would prove something else.",
  },
} as const satisfies Partial<Record<Code, CodeDocs>>;

/** What the codes of the permission lock mean. No text of a detection alone shows them. */
export const LOCK_DOCS = {
  "widened-permissions": {
    what:
      "A detection that makes hosts grant what `permissions.lock.json` does not: another collector, table, column that " +
      "is kept from ordinary users, key that a collector is asked for, or platform. At the lock: a collector of this " +
      "toolkit that needs more than it did.",
    why: "Who answers for the hosts decides what is read there, and sees it as a line of a diff.",
  },
  "unused-permissions": {
    what: "Something that `permissions.lock.json` grants and no detection needs any more.",
    why: "The next change could use it without anybody being asked.",
  },
  "invalid-lock": {
    what: "A `permissions.lock.json` that is not JSON, is no lock, or has a merge conflict in it.",
    why: "What is granted is not known, so nothing can be held against it.",
  },
} as const satisfies Partial<Record<Code, CodeDocs>>;
