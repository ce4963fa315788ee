/**
 * What evaluation means, as a table: what a detection asks for, what was there minute by minute, and what it tells. How
 * to read a run stands with {@linkcode Run}. Every history is played twice, the second time with the store closed and
 * opened again after each run.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { closeSandbox, type History, play } from "./history.ts";

const differential = (more = "") => `mode: differential\nidentity: [name]\n${more}`;
const WHOLE_ROW = "mode: differential";

const HISTORIES: Readonly<Record<string, History>> = {
  "differential: the first run is silent, then what was not there in the run before is added": {
    rule: differential(),
    runs: [[0, "a b", ""], [1, "a b", ""], [2, "a c b d", "+c +d"], [3, "a b c d", ""]],
  },
  "differential: with baseline alert the first run tells everything": {
    rule: differential("baseline: alert"),
    runs: [[0, "a b", "+a +b"], [1, "a b c", "+c"]],
  },
  "differential: nothing at all is a first run, too": {
    rule: differential(),
    runs: [[0, "", ""], [1, "a", "+a"]],
  },
  "differential: what comes back is added again": {
    rule: differential(),
    runs: [[0, "a", ""], [1, "", ""], [2, "a", "+a"]],
  },
  "differential: removed rows carry their last values": {
    rule: differential("emit: [removed]"),
    runs: [[0, "a1 b1", ""], [1, "a2 b2", ""], [2, "b3 c1", "-a2"], [3, "", "-b3 -c1"]],
  },
  "differential: both changes, additions first": {
    rule: differential("emit: [added, removed]"),
    runs: [[0, "a b", ""], [1, "b c", "+c -a"], [2, "", "-b -c"]],
  },
  "differential: with identity other values are no change": {
    rule: differential(),
    runs: [[0, "a1", ""], [1, "a2", ""], [2, "u.a3", ""]],
  },
  "differential: without identity they are": {
    rule: WHOLE_ROW,
    runs: [[0, "a1", ""], [1, "a2", "+a2"], [2, "u.a2", "+u.a2"], [3, "u.a2", ""]],
  },
  "differential: without identity what changes by itself does not count": {
    rule: WHOLE_ROW,
    sql: "SELECT name, pid, scan_id, collection_time, memory_rss FROM processes",
    runs: [[0, "a1", ""], [1, "a1", ""], [2, "a1 a2", "+a2"]],
  },
  "differential: rows of one identity are one row, the first of them": {
    rule: differential("baseline: alert\nemit: [added, removed]"),
    runs: [[0, "a1 a2", "+a1"], [1, "a2 a1", ""], [2, "a3", ""], [3, "", "-a3"]],
  },
  "differential: NULL is a value like others": {
    rule: "mode: differential\nidentity: [user_name]",
    runs: [[0, "u.a", ""], [1, "u.a b", "+b"], [2, "u.a c", ""], [3, "u.a", ""]],
  },
  "differential: a run that was not evaluated changes nothing": {
    rule: differential("emit: [added, removed]"),
    runs: [[0, "a b", ""], [1, "!", "?"], [2, "!", "?"], [3, "a c", "+c -b"]],
  },
  "differential: a first run that was not evaluated is none": {
    rule: differential(),
    runs: [[0, "!", "?"], [1, "a", ""], [2, "a b", "+b"]],
  },
  "differential: a partial run adds and does not remove": {
    rule: differential("emit: [added, removed]\nsuppression: { for: 10m }"),
    runs: [[0, "a b c", ""], [1, "~ a d", "+d"], [2, "a c d", "-b"], [3, "a", "-c -d"]],
  },
  "differential: what partial runs miss for longer than suppression lasts is new when it is back": {
    rule: differential("suppression: { for: 10m }"),
    runs: [
      [0, "a b", ""],
      [1, "~ a", ""],
      [9, "~ a b", ""],
      [10, "~ a", ""],
      [18, "~ a", ""],
      [19, "~ a b", "+b"],
    ],
  },
  "differential: a pause without runs makes nothing new": {
    rule: differential("suppression: { for: 10m }"),
    runs: [[0, "a b", ""], [600, "a b c", "+c"]],
  },
  "remember: what comes back is added once it was unseen for so long": {
    rule: differential("remember: 10m"),
    runs: [
      [0, "a b", ""],
      [1, "a", ""],
      [9, "a b", ""],
      [10, "a", ""],
      [18, "a b", ""],
      [19, "a", ""],
      [28, "a b", "+b"],
    ],
  },
  "remember: what was there all the time stays known however long that is": {
    rule: differential("remember: 10m"),
    runs: [[0, "a", ""], [60, "a", ""], [65, "", ""], [69, "a", ""]],
  },
  "remember: removal is told at once": {
    rule: differential("remember: 10m\nemit: [added, removed]"),
    runs: [[0, "a", ""], [1, "", "-a"], [2, "a", ""], [3, "", "-a"], [12, "a", "+a"]],
  },
  "exceptions: exclude where they are true, not where they are NULL": {
    rule: "exceptions: [{ id: low, when: pid < 5, reason: known }]",
    runs: [[0, "a1 b7 c", "b7 c"]],
  },
  "exceptions: hold through the day on which they expire": {
    rule:
      "exceptions: [{ id: low, when: pid < 5, reason: known, expires: 2026-01-01 }]\nsuppression: { for: 1s }",
    runs: [[0, "a1", ""], [1439, "a1", ""], [1440, "a1", "a1"]],
  },
  "exceptions: what one excludes is neither there nor removed": {
    rule: differential(
      "emit: [added, removed]\nexceptions: [{ id: low, when: pid < 5, reason: known }]",
    ),
    runs: [
      [0, "a9 b9", ""],
      [1, "a1 b9", ""],
      [2, "a1 b9 c1", ""],
      [3, "a9 b9 c1", "+a9"],
      [4, "a9", "-b9"],
    ],
  },
  "exceptions: a row of the same identity that none excludes is there": {
    rule: differential("exceptions: [{ id: low, when: pid < 5, reason: known }]"),
    runs: [[0, "a9", ""], [1, "a1 a9", ""], [2, "a9", ""]],
  },
  "threshold: so many in one run": {
    rule: "identity: [pid]\nthreshold: { by: [name], count: 3, within: 10m }",
    runs: [[0, "a1 a2 b1 b2 b3", "b3*3@0"]],
  },
  "threshold: more than so many are counted, too": {
    rule: "identity: [pid]\nthreshold: { by: [name], count: 2, within: 10m }",
    runs: [[0, "a1 b1 a2 a3", "a3*3@0"]],
  },
  "threshold: so many over runs, in a window that slides": {
    rule: "identity: [pid]\nthreshold: { by: [name], count: 3, within: 10m }",
    runs: [
      [0, "a1", ""],
      [4, "a2", ""],
      // a1 was seen ten minutes ago: not within ten minutes.
      [10, "a3", ""],
      [13, "a4", "a4*3@4"],
    ],
  },
  "threshold: what is seen again counts once, and as long as it is seen": {
    rule: "identity: [pid]\nthreshold: { by: [name], count: 3, within: 10m }",
    runs: [
      [0, "a1 a2", ""],
      [9, "a1 a2", ""],
      [18, "a1 a2", ""],
      [20, "a1", ""],
      [27, "a3", "a3*3@18"],
    ],
  },
  "threshold: fires once, and again only after `within`": {
    rule: "identity: [pid]\nthreshold: { by: [name], count: 2, within: 10m }",
    runs: [
      [0, "a1 a2", "a2*2@0"],
      [5, "a3 a4 a5", ""],
      [9, "a6", ""],
      // Those of minute 5 and 9 are in the window; those of minute 0 have had their alert.
      [10, "a6 b1", "a6*4@5"],
      [19, "a1 a2", ""],
      [20, "a1", "a1*2@19"],
    ],
  },
  "threshold: is not reached by what was seen before": {
    rule: "identity: [pid]\nthreshold: { by: [name], count: 2, within: 10m }",
    runs: [[0, "a1 a2", "a2*2@0"], [5, "a3 a4", ""], [10, "b1", ""], [11, "a4", "a4*2@5"]],
  },
  "threshold: values of `by` are counted apart, NULL among them": {
    rule: "identity: [pid]\nthreshold: { by: [user_name], count: 2, within: 10m }",
    runs: [[0, "u.a1 v.a2 a3", ""], [1, "v.b4 b5", "v.b4*2@0 b5*2@0"], [2, "u.c6", "u.c6*2@0"]],
  },
  "threshold: count_distinct counts its own values, and NULL is none": {
    rule: "threshold: { by: [name], count: 2, within: 10m, count_distinct: user_name }",
    runs: [[0, "u.a1 u.a2 a3", ""], [1, "a4", ""], [2, "v.a5 a6", "v.a5*2@0"]],
  },
  "threshold: without identity it counts rows that differ": {
    rule: "threshold: { by: [name], count: 2, within: 10m }",
    runs: [[0, "a1", ""], [1, "a1", ""], [2, "a2", "a2*2@0"]],
  },
  "threshold: counts what exceptions leave": {
    rule:
      "identity: [pid]\nthreshold: { by: [name], count: 2, within: 10m }\nexceptions: [{ id: low, when: pid < 5, reason: known }]",
    runs: [[0, "a1 a2 a7", ""], [1, "a8", "a8*2@0"]],
  },
  "threshold: counts changes in mode differential": {
    rule: "mode: differential\nidentity: [pid]\nthreshold: { by: [name], count: 2, within: 10m }",
    runs: [
      [0, "a1 a2 a3", ""],
      [1, "a1 a2 a3", ""],
      [2, "a1 a2 a3 a4", ""],
      [3, "a1 a2 a3 a4 a5", "+a5*2@2"],
    ],
  },
  "threshold: a run that was not evaluated is as if it had not been": {
    rule: "identity: [pid]\nthreshold: { by: [name], count: 2, within: 10m }",
    runs: [[0, "a1", ""], [1, "!", "?"], [2, "a2", "a2*2@0"]],
  },
  "suppression: a key alerts once per window, which runs from its alert": {
    rule: "suppression: { by: [name], for: 10m }",
    runs: [
      [0, "a1 a2 b1", "a1 b1"],
      [5, "a3", ""],
      [9, "a4 c1", "c1"],
      [10, "a5 b2", "a5 b2"],
      [19, "c2 a6", "c2"],
    ],
  },
  "suppression: NULL is a value like others": {
    rule: "suppression: { by: [pid], for: 10m }",
    runs: [[0, "a b", "a"], [1, "c d1", "d1"]],
  },
  "suppression: that a row went away does not repeat that it came": {
    rule: differential("emit: [added, removed]\nsuppression: { for: 1h }"),
    runs: [[0, "", ""], [1, "a", "+a"], [2, "", "-a"], [3, "a", ""], [4, "", ""], [61, "a", "+a"]],
  },
  "suppression: unless the detection names its key": {
    rule: differential("emit: [added, removed]\nsuppression: { by: [name], for: 1h }"),
    runs: [[0, "", ""], [1, "a", "+a"], [2, "", ""]],
  },
  "suppression: acts on what a threshold tells": {
    rule:
      "identity: [pid]\nthreshold: { by: [name], count: 2, within: 1m }\nsuppression: { by: [name], for: 5m }",
    runs: [[0, "a1 a2", "a2*2@0"], [3, "a1 a2", ""], [5, "a1 a2", "a2*2@5"]],
  },
  "history: without lookback a detection sees the newest rows": {
    sql: "SELECT name, count(*) AS pid, min(user_name) AS user_name FROM processes GROUP BY name",
    runs: [[0, "a a b", "a2 b1"], [1, "a", "a1"]],
  },
  "history: with lookback it sees every scan of that time, and not one more": {
    rule: "lookback: 3m",
    sql:
      "SELECT name, count(DISTINCT scan_id) AS pid, NULL AS user_name FROM processes GROUP BY name",
    runs: [
      [0, "a b", "a1 b1"],
      [1, "a", "a2 b1"],
      [2, "a", "a3 b1"],
      [3, "a c", "a3 c1"],
      [9, "", ""],
    ],
  },
  "history: `:since` and `:now` are its bounds": {
    rule: "lookback: 3m",
    sql: "SELECT name, (:now - :since) / 60000 AS pid, NULL AS user_name FROM processes " +
      "WHERE collection_time > :since AND collection_time < :now",
    runs: [[0, "a", ""], [1, "b", "a3"], [2, "", "a3 b3"], [3, "", "b3"]],
  },
  "history: rows that earlier scans lack make it partial, denial now leaves it unjudged": {
    rule: `lookback: 3m\n${differential("emit: [removed]")}`,
    runs: [[0, "a", ""], [2, "~ a", ""], [4, "b", ""], [5, "b", "-a"], [6, "!", "?"]],
  },
  "events: each one alerts, and the rows that there are do not": {
    rule: "mode: events",
    runs: [[0, "a b | c d", "c d"], [1, "a b c d |", ""], [2, "| c c2", "c c2"]],
  },
  "events: every other reference to their table is what there is now": {
    rule: "mode: events",
    sql: "SELECT user_name, name, pid FROM processes AS e " +
      "WHERE EXISTS (SELECT 1 FROM processes p WHERE p.name = e.name)",
    runs: [[0, "a b | a1 c1", "a1"], [1, "c | a2 c2", "c2"]],
  },
  "events: join what there is": {
    rule: "mode: events",
    sql: "SELECT process_events.name, p.pid, p.user_name FROM process_events " +
      "LEFT JOIN processes p ON p.name = process_events.name",
    runs: [[0, "u.a7 u.b8 | a c", "u.a7 c"]],
  },
  "events: are found below a common table expression": {
    rule: "mode: events",
    sql:
      "WITH known(n) AS (SELECT name FROM processes) SELECT e.user_name, e.name, e.pid FROM processes e " +
      "WHERE e.name NOT IN (SELECT n FROM known) ORDER BY e.name LIMIT 1",
    runs: [[0, "a | b2 a b1", "b2 b1"]],
  },
  "events: exceptions and suppression act on them": {
    rule:
      "mode: events\nexceptions: [{ id: low, when: pid < 5, reason: known }]\nsuppression: { by: [name], for: 10m }",
    runs: [[0, "| a1 a7 a8 b9", "a7 b9"], [10, "| a7", "a7"]],
  },
  "events: a threshold counts each of them": {
    rule: "mode: events\nthreshold: { by: [name], count: 3, within: 10m }",
    runs: [
      [0, "| a1 a1", ""],
      [5, "| a1 b1 a1 a1", "a1*3@0"],
      [14, "| a1", ""],
      [15, "| a1 a1 a1", "a1*3@14"],
    ],
  },
  "events: a threshold with count_distinct counts its values": {
    rule: "mode: events\nthreshold: { by: [name], count: 2, within: 10m, count_distinct: pid }",
    runs: [[0, "| a1 a1 a1", ""], [1, "| a1 a2 a3", "a2*2@0"]],
  },
  "events: without them the detection waits for an agent": {
    rule: "mode: events",
    runs: [[0, "a", "?"]],
  },
  "events: are not evaluated where what there is was denied": {
    rule: "mode: events",
    sql:
      "SELECT e.user_name, e.name, e.pid FROM process_events e JOIN processes p ON p.name = e.name",
    runs: [[0, "!| a", "?"]],
  },
};

for (const [name, history] of Object.entries(HISTORIES)) {
  Deno.test({
    name,
    sanitizeResources: false,
    sanitizeOps: false,
    async fn() {
      assertEquals(await play(history, false), history.runs);
      assertEquals(await play(history, true), history.runs, "restarted after each run");
    },
  });
}

Deno.test.afterAll(closeSandbox);
