import { assertEquals } from "@std/assert";
import { detectionText, diffOf, runSuite, withSandbox } from "./suite_support.ts";

const TMP = detectionText(
  "SELECT pid, name, executable_path FROM processes\nWHERE executable_path LIKE '/tmp/%' AND name NOT LIKE 'k%' AND user_id = 0",
);

Deno.test("runCase() passes where everything comes as it is asked for", () =>
  withSandbox(async (sandbox) => {
    const fixture = `
case: steps
steps:
  - at: 2026-01-01T00:00:00Z
    tables: { processes: [{ pid: 1, name: x, executable_path: /tmp/x, user_id: 0 }] }
    expect:
      alerts: [{ pid: 1, name: x, $severity: medium, $title: A test, $pids: [1] }]
      rows: [{ pid: 1 }]
      verdict: match
  - at: 2026-01-01T00:30:00Z
    expect: { alerts: [], rows: [{ pid: 1 }], verdict: match }
  - at: 2026-01-01T01:00:00Z
    expect: { alerts: [{ pid: 1 }] }
  - at: 2026-01-01T02:00:00Z
    tables: { processes: [] }
    expect: { alerts: [], verdict: no_match }
  - at: 2026-01-01T03:00:00Z
    denied: [processes]
    expect: { alerts: [], verdict: not_evaluated }
`;
    assertEquals(await diffOf(sandbox, TMP, fixture), []);
  }));

Deno.test("runCase() names the conditions that are not true of the row that comes nearest", () =>
  withSandbox(async (sandbox) => {
    const fixture = `
case: nearest
tables:
  processes:
    - { pid: 1, name: x, executable_path: /tmp/x, user_id: 0 }
    - { pid: 2, name: kx, executable_path: /tmp/kx }
expect: { alerts: [{ pid: 1 }, { pid: 2, name: kx }, { pid: 3 }] }
`;
    assertEquals(await diffOf(sandbox, TMP, fixture), [
      `line 7: no alert with { pid: 2, name: kx }
  nearest row: { pid: 2, name: kx, executable_path: /tmp/kx }
  fails at \`name NOT LIKE 'k%'\` (name is kx)
  fails at \`user_id = 0\` (user_id is NULL)`,
      `line 7: no alert with { pid: 3 }
  nearest alert: { pid: 1, name: x, executable_path: /tmp/x }
  there pid is 1 instead of 3`,
    ]);
  }));

Deno.test("runCase() names the join that finds no row", () =>
  withSandbox(async (sandbox) => {
    const detection = detectionText(
      "SELECT c.pid, p.name AS parent FROM processes c JOIN processes p ON p.pid = c.ppid, users u\n" +
        "WHERE c.name = 'sh' AND u.user_id = c.user_id",
    );
    const fixture = `
case: joins
tables:
  processes: [{ pid: 1, name: sh, ppid: 9, user_id: 5 }]
  users: [{ user_id: 5 }]
expect: { alerts: [{ pid: 1 }] }
`;
    assertEquals(await diffOf(sandbox, detection, fixture), [
      `line 6: no alert with { pid: 1 }
  nearest row: { pid: 1 }
  finds no row to JOIN \`processes p ON p.pid = c.ppid\` (c.ppid is 9)`,
    ]);
  }));

Deno.test("runCase() tells what WHEN refuses from what AUTO JOIN does not find, and from WHERE", () =>
  withSandbox(async (sandbox) => {
    const detection = detectionText(
      `WITH here AS (SELECT * FROM processes)
SELECT p.pid, b.entropy FROM here p
AUTO JOIN binary_analysis b ON b.pid = p.pid WHEN p.executable_path LIKE '/dev/shm/%'
WHERE b.entropy > 7.2 AND p.start_time > :now - 3600000`,
    );
    const fixture = `
case: joins
tables:
  processes:
    - { pid: 1, executable_path: /dev/shm/x, start_time: -2h }
    - { pid: 2, executable_path: /tmp/y, start_time: -5m }
    - { pid: 3, executable_path: /dev/shm/z, start_time: -5m }
  binary_analysis: [{ pid: 1, entropy: 6.5 }, { pid: 2, entropy: 7.9 }]
expect: { alerts: [{ pid: 1 }, { pid: 2 }, { pid: 3 }] }
`;
    const diff = await diffOf(sandbox, detection, fixture);
    assertEquals(diff.map((fault) => fault.split("\n").slice(1)), [
      [
        "  nearest row: { pid: 1, entropy: 6.5 }",
        "  fails at `b.entropy > 7.2` (b.entropy is 6.5)",
        "  fails at `p.start_time > :now - 3600000` (p.start_time is 2025-12-31T22:00:00Z)",
      ],
      [
        "  nearest row: { pid: 2 }",
        "  fails at WHEN `p.executable_path LIKE '/dev/shm/%'` (p.executable_path is /tmp/y)",
      ],
      [
        "  nearest row: { pid: 3 }",
        "  finds no row to JOIN `binary_analysis b ON b.pid = p.pid` (p.pid is 3)",
      ],
    ]);
  }));

Deno.test("runCase() explains through common tables, and says nothing where it cannot know", () =>
  withSandbox(async (sandbox) => {
    const fixture = `
case: one
tables: { processes: [{ pid: 1, name: sh }] }
expect: { rows: [{ pid: 1 }] }
`;
    const within = detectionText(
      "WITH shells AS (SELECT * FROM processes WHERE name = 'sh') SELECT pid FROM shells WHERE pid > 1",
    );
    assertEquals(await diffOf(sandbox, within, fixture), [
      "line 4: no row with { pid: 1 }\n  nearest row: { pid: 1 }\n  fails at `pid > 1` (pid is 1)",
    ]);
    for (
      const sql of [
        "SELECT pid FROM processes WHERE pid > 1 UNION SELECT ppid FROM processes WHERE ppid > 1",
        "SELECT count(*) AS pid FROM processes WHERE pid > 1 HAVING count(*) > 0",
        "SELECT max(pid) AS pid FROM processes WHERE pid > 1 GROUP BY name",
      ]
    ) {
      assertEquals(await diffOf(sandbox, detectionText(sql), fixture), [
        "line 4: no row with { pid: 1 }",
      ], sql);
    }
  }));

Deno.test("runCase() says where a row that the SQL found was lost", () =>
  withSandbox(async (sandbox) => {
    const diff = async (more: string, fixture: string) =>
      (await diffOf(sandbox, detectionText("SELECT name, pid FROM processes", more), fixture)).map(
        (one) => one.split("; ").at(-1),
      );
    const twice = (expect: string) => `
case: twice
tables: { processes: [{ pid: 1, name: a }] }
repeat: { count: 2, every: 1m }
expect: ${expect}
`;
    const alerts = twice("{ alerts: [{ pid: 1 }] }");
    assertEquals(await diff("exceptions: [{ id: known, when: pid = 1, reason: x }]", alerts), [
      "the exception `known` hides its row",
      "the exception `known` hides its row",
    ]);
    assertEquals(await diff("", alerts), ["its row is a hit, which an alert before it stands for"]);
    assertEquals(await diff("mode: differential\nidentity: [pid]", alerts), [
      "the first run only notes what there is",
      "the first run only notes what there is",
    ]);
    assertEquals(await diff("threshold: { by: [name], count: 2, within: 1h }", alerts), [
      "its row is in the result, and the threshold does not fire on it",
      "its row is in the result, and the threshold does not fire on it",
    ]);
  }));

Deno.test("runCase() tells of rows that nobody asked for, of wrong facts, verdicts and names", () =>
  withSandbox(async (sandbox) => {
    const fixture = `
case: much
tables:
  processes:
    - { pid: 1, name: x, executable_path: /tmp/x, user_id: 0 }
    - { pid: 2, name: y, executable_path: /tmp/y, user_id: 0 }
expect:
  alerts: [{ pid: 1, $severity: low, nmae: null }]
  verdict: no_match
  partial: { evaluated: 1, of: 2 }
`;
    assertEquals(await diffOf(sandbox, TMP, fixture), [
      "expected the verdict no_match, got match",
      "expected an evaluation on 1 of 2 rows, got all rows or none",
      "line 8: the result has no column nmae",
      `line 8: no alert with { pid: 1, $severity: low }
  nearest alert: { pid: 1, name: x, executable_path: /tmp/x }
  there $severity is medium instead of low`,
      "an alert that the fixture does not expect: { pid: 1, name: x, executable_path: /tmp/x }",
      'an alert that the fixture does not expect: { pid: 2, name: "y", executable_path: /tmp/y }',
    ]);
  }));

Deno.test("runCase() plays differential, threshold and history over the steps of a case", () =>
  withSandbox(async (sandbox) => {
    const differential = detectionText(
      "SELECT name, pid FROM processes",
      "mode: differential\nidentity: [name]\nemit: [added, removed]",
    );
    assertEquals(
      await diffOf(
        sandbox,
        differential,
        `
case: changes
steps:
  - tables: { processes: [{ pid: 1, name: a }] }
    expect: { alerts: [], rows: [{ name: a }], verdict: no_match }
  - at: 2026-01-01T00:01:00Z
    tables: { processes: [{ pid: 2, name: b }] }
    expect: { alerts: [{ name: b, $change: added }, { name: a, pid: 1, $change: removed }] }
`,
      ),
      [],
    );
    const threshold = detectionText(
      "SELECT name, pid FROM processes",
      "threshold: { by: [name], count: 3, within: 1h, count_distinct: pid }",
    );
    assertEquals(
      await diffOf(
        sandbox,
        threshold,
        `
case: counted
steps:
  - tables: { processes: [{ pid: 1, name: a }, { pid: 2, name: a }] }
    expect: { alerts: [] }
  - at: 2026-01-01T00:10:00Z
    tables: { processes: [{ pid: 3, name: a }] }
    expect: { alerts: [{ name: a, $count: 3, first_time: 2026-01-01T00:00:00Z, last_time: 2026-01-01T00:10:00Z }] }
`,
      ),
      [],
    );
    const history = detectionText(
      "SELECT name, count(DISTINCT scan_id) AS scans FROM processes GROUP BY name HAVING count(DISTINCT scan_id) >= 3",
      "lookback: 1h",
    );
    assertEquals(
      await diffOf(
        sandbox,
        history,
        `
case: seen three times
steps:
  - tables: { processes: [{ name: a }] }
    repeat: { count: 2, every: 10m }
    expect: { alerts: [] }
  - at: 2026-01-01T00:20:00Z
    expect: { alerts: [{ name: a, scans: 3 }] }
`,
      ),
      [],
    );
  }));

const EVENTS = detectionText(
  "SELECT e.pid, e.name, p.name AS parent FROM process_events e\n" +
    "LEFT JOIN processes p ON p.process_key = e.parent_key WHERE e.event_type = 'exec' AND e.command_line LIKE '%sh%'",
  "mode: events",
);

Deno.test("runCase() feeds events one by one, with tables as they are", () =>
  withSandbox(async (sandbox) => {
    const fixture = `
case: events
tables: { processes: [{ pid: 1, name: nginx, start_time: -1h }] }
events:
  - { table: process_events, row: { pid: 2, ppid: 1, name: sh, event_type: exec, command_line: sh -i, event_time: -1s } }
  - { table: process_events, row: { pid: 2, ppid: 1, name: sh, event_type: exit, command_line: sh -i } }
  - { table: process_events, row: { pid: 3, name: bash, event_type: exec, command_line: bash } }
expect:
  alerts: [{ pid: 2, parent: nginx }, { pid: 3, parent: null }]
`;
    assertEquals(await diffOf(sandbox, EVENTS, fixture), []);
    assertEquals(
      (await diffOf(sandbox, EVENTS, fixture.replace("{ pid: 3, parent: null }", "{ pid: 4 }")))
        .length,
      2,
    );
    const exit = fixture.replace("alerts: [{ pid: 2,", "alerts: [{ pid: 2, name: no }, { pid: 2,");
    assertEquals((await diffOf(sandbox, EVENTS, exit)).map((one) => one.split("\n").at(-1)), [
      '  there name is sh instead of "no"',
    ]);
  }));

Deno.test("runCase() explains an event that does not fire", () =>
  withSandbox(async (sandbox) => {
    const fixture = `
case: events
tables: { processes: [] }
events: [{ table: process_events, row: { pid: 2, event_type: exit, command_line: ls } }]
expect: { alerts: [{ pid: 2 }] }
`;
    assertEquals(await diffOf(sandbox, EVENTS, fixture), [
      `line 5: no alert with { pid: 2 }
  nearest row: { pid: 2 }
  fails at \`e.event_type = 'exec'\` (e.event_type is exit)
  fails at \`e.command_line LIKE '%sh%'\` (e.command_line is ls)`,
    ]);
  }));

Deno.test("runCase() plays denial of columns of events", () =>
  withSandbox(async (sandbox) => {
    const fixture = (events: string, expect: string) => `
case: denied
tables: { processes: [] }
events: [${events}]
denied: [process_events.command_line]
expect: ${expect}
`;
    const blind = "{ table: process_events, row: { pid: 2, event_type: exec } }";
    const seen = "{ table: process_events, row: { pid: 3, event_type: exec, command_line: bash } }";
    assertEquals(
      await diffOf(sandbox, EVENTS, fixture(blind, "{ verdict: not_evaluated }")),
      [],
    );
    assertEquals(
      await diffOf(
        sandbox,
        EVENTS,
        fixture(`${blind}, ${seen}`, "{ alerts: [{ pid: 3 }], partial: { evaluated: 1, of: 2 } }"),
      ),
      [],
    );
  }));

Deno.test("runCase() refuses events where they do not belong, and asks for tables that are missing", () =>
  withSandbox(async (sandbox) => {
    const fixture = (table: string) => `
case: wrong
tables: { processes: [] }
events: [{ table: ${table}, row: {} }]
expect: { alerts: [] }
`;
    assertEquals(await diffOf(sandbox, TMP, fixture("process_events")), [
      "there are events, and the detection is not in mode events",
    ]);
    assertEquals(await diffOf(sandbox, EVENTS, fixture("file_events")), [
      "events of file_events never reach the detection: its stream is process_events",
    ]);
    assertEquals(await diffOf(sandbox, EVENTS, "case: empty\nexpect: { alerts: [] }"), [
      "the detection reads processes; give its rows, [] if there are none",
    ]);
  }));

const EXCEPTED = (fixture: string) =>
  detectionText(
    "SELECT pid, name FROM processes WHERE name LIKE 'k%'",
    `exceptions: [{ id: known, when: name = 'known', reason: ours, fixture: ${fixture} }]`,
  );
const SHOWS = `
case: the known one
tables: { processes: [{ pid: 1, name: known }] }
expect: { alerts: [] }
`;

Deno.test("an exception is proven by a case that comes to something else without it", () =>
  withSandbox(async (sandbox) => {
    for (const name of ["one", "the known one"]) {
      assertEquals(await diffOf(sandbox, EXCEPTED(name), SHOWS), []);
    }
    const shows = SHOWS.replace("name: known", "name: other");
    assertEquals(await diffOf(sandbox, EXCEPTED("one"), shows), [
      "the exception `known` names this case, which comes to the same without it: give a row that it leaves out",
    ]);
  }));

Deno.test("an exception that names no case is a case that fails", () =>
  withSandbox(async (sandbox) => {
    const results = await runSuite(sandbox, EXCEPTED("two"), { one: SHOWS });
    assertEquals(results.map((one) => [one.case, one.diff]), [
      ["the known one", []],
      ["exception known", ["the exception `known` names `two`, which is no fixture case"]],
    ]);
  }));

Deno.test("a case fails where an exception hides what it expects", () =>
  withSandbox(async (sandbox) => {
    const fires = `
case: fires
tables: { processes: [{ pid: 1, name: known }] }
expect: { alerts: [{ pid: 1 }] }
`;
    const results = await runSuite(sandbox, EXCEPTED("shows"), { fires, shows: SHOWS });
    assertEquals(results.map(({ diff }) => diff), [[
      "line 4: no alert with { pid: 1 }; the exception `known` hides its row",
    ], []]);
  }));
