import { assert, assertEquals, assertMatch } from "@std/assert";
import { batchOf, detectionOf, withEngine } from "../support.ts";
import { alerted, collectorsOf, type Host, scanHost } from "./support.ts";

const PROCESSES = [
  { pid: 1, name: "init", executable_path: "/sbin/init", process_key: "b:1:1", user_id: 0 },
  { pid: 7, name: "x", executable_path: "/dev/shm/x", process_key: "b:7:1", user_id: 0 },
  { pid: 8, name: "y", executable_path: "/dev/shm/y", process_key: "b:8:1", user_id: 5 },
];

const HOST: Host = {
  processes: PROCESSES,
  binary_analysis: [
    { pid: 1, process_key: "b:1:1", file_path: "/sbin/init", entropy: 7.9 },
    { pid: 7, process_key: "b:7:1", file_path: "/dev/shm/x", entropy: 7.9 },
    { pid: 8, process_key: "b:8:1", file_path: "/dev/shm/y", entropy: 2 },
  ],
  file_metadata: [
    { file_path: "/dev/shm/x", directory: "/dev/shm", owner_user: "root", file_size: 3 },
    { file_path: "/etc/passwd", directory: "/etc", owner_user: "root", file_size: 4 },
  ],
};

const PACKED = `SELECT p.pid, b.entropy FROM processes p
AUTO JOIN binary_analysis b ON b.pid = p.pid WHEN p.executable_path LIKE '/dev/shm/%'
WHERE b.entropy > 7.2`;

Deno.test("scan() asks for the keys of the rows that WHEN lets through, and for nothing else", () =>
  withEngine(async (store, sandbox) => {
    const collectors = collectorsOf(HOST);
    const result = await scanHost(store, sandbox, collectors, [detectionOf(PACKED)]);
    assertEquals(alerted(result, "pid"), [7]);
    assertEquals(
      collectors.tasksOf("binary_analysis").map(({ keys, project }) => [keys, project]),
      [
        [
          { column: "pid", values: [7, 8], processes: ["b:7:1", "b:8:1"] },
          ["entropy", "pid"],
        ],
      ],
    );
    assertEquals(result.summary.rows, { processes: 3, binary_analysis: 2 });
    assertEquals([result.summary.not_evaluated, result.summary.partial], [[], []]);
    const stored = await store.asked(result.manifest.scan_id, "binary_analysis");
    assertEquals(stored?.map(({ column, value }) => [column, value]), [["pid", 7], ["pid", 8]]);
  }));

Deno.test("scan() judges a process of which there is no row, where that of another was denied", () =>
  withEngine(async (store, sandbox) => {
    const detections = [detectionOf(PACKED)];
    const denied = { pid: 7, process_key: "b:7:1", entropy: null, denied: true };
    const one = collectorsOf({ ...HOST, binary_analysis: [denied] });
    const { summary } = await scanHost(store, sandbox, one, detections);
    assertEquals([summary.matched, summary.not_evaluated], [0, []]);
    assertEquals(summary.partial.map(({ evaluated, of }) => [evaluated, of]), [[4, 5]]);
    const both = collectorsOf({
      ...HOST,
      binary_analysis: [denied, { ...denied, pid: 8, process_key: "b:8:1" }],
    });
    const blind = await scanHost(store, sandbox, both, detections);
    assertEquals(blind.summary.not_evaluated.length, 1);
    assertEquals(blind.summary.partial, []);
  }));

Deno.test("scan() asks for no table that needs keys where no row has one", () =>
  withEngine(async (store, sandbox) => {
    const collectors = collectorsOf({ ...HOST, processes: PROCESSES.slice(0, 1) });
    const { summary } = await scanHost(store, sandbox, collectors, [detectionOf(PACKED)]);
    assertEquals(collectors.tasksOf("binary_analysis"), []);
    assertEquals([summary.matched, summary.not_evaluated, summary.partial], [0, [], []]);
  }));

Deno.test("scan() asks once for a key that two detections need, with the columns of both", () =>
  withEngine(async (store, sandbox) => {
    const collectors = collectorsOf(HOST);
    await scanHost(store, sandbox, collectors, [
      detectionOf(PACKED),
      detectionOf(
        "SELECT p.pid, b.sha256_hash FROM processes p JOIN binary_analysis b ON b.pid = p.pid WHERE p.user_id = 0",
      ),
    ]);
    assertEquals(
      collectors.tasksOf("binary_analysis").map(({ keys, project }) => [keys, project]),
      [
        [
          { column: "pid", values: [7, 8, 1], processes: ["b:7:1", "b:8:1", "b:1:1"] },
          ["entropy", "pid", "sha256_hash"],
        ],
      ],
    );
  }));

Deno.test("scan() takes the keys of a stage from the rows of the one before it", () =>
  withEngine(async (store, sandbox) => {
    const collectors = collectorsOf(HOST);
    const result = await scanHost(store, sandbox, collectors, [detectionOf(
      `SELECT p.pid, f.file_path FROM processes p
AUTO JOIN binary_analysis b ON b.pid = p.pid WHEN p.executable_path LIKE '/dev/shm/%'
LEFT AUTO JOIN file_metadata f ON f.file_path = b.file_path`,
    )]);
    assertEquals(alerted(result, "pid"), [7, 8]);
    assertEquals(collectors.tasksOf("file_metadata").map(({ keys }) => keys), [
      { column: "file_path", values: ["/dev/shm/x", "/dev/shm/y"] },
    ]);
    assertEquals(result.summary.partial, [], "a file that does not exist is an answer");
  }));

Deno.test("scan() asks for what the query names", () =>
  withEngine(async (store, sandbox) => {
    const collectors = collectorsOf(HOST);
    const result = await scanHost(store, sandbox, collectors, [detectionOf(
      "SELECT file_path FROM file_metadata WHERE file_path = '/etc/passwd' OR file_path GLOB '/dev/shm/*'",
    )]);
    assertEquals(alerted(result, "file_path"), ["/dev/shm/x", "/etc/passwd"]);
    assertEquals(collectors.tasksOf("file_metadata").map(({ keys }) => keys), [
      { column: "file_path", values: ["/etc/passwd"], globs: ["/dev/shm/*"] },
    ]);
  }));

Deno.test("scan() says that a table without a collector was not evaluated, whatever its keys", () =>
  withEngine(async (store, sandbox) => {
    const collectors = collectorsOf({ processes: PROCESSES });
    const { summary } = await scanHost(store, sandbox, collectors, [detectionOf(PACKED)]);
    assertEquals(summary.not_evaluated.map(({ reason }) => reason), [
      "binary_analysis: no collector of this version supplies it here",
    ]);
  }));

Deno.test("scan() judges the keys that were answered, and says how many were not", () =>
  withEngine(async (store, sandbox) => {
    const collectors = collectorsOf(
      HOST,
      ({ keys }) =>
        keys?.values?.includes(8) ? { status: "partial", reason: "binmond: denied" } : undefined,
    );
    const result = await scanHost(store, sandbox, collectors, [detectionOf(PACKED)]);
    assertEquals(alerted(result, "pid"), [7], "what is asked together is asked for again alone");
    assertEquals(
      result.summary.partial.map(({ evaluated, of, reason }) => [evaluated, of, reason]),
      [
        [5, 6, "binary_analysis: 1 of 2 keys were not answered (binmond: denied)"],
      ],
    );
    assertEquals(result.summary.rows["binary_analysis"], 2);
  }));

Deno.test("scan() does not evaluate a detection none of whose keys was answered", () =>
  withEngine(async (store, sandbox) => {
    const refuse = ({ keys }: { readonly keys?: unknown }) =>
      keys ? { status: "unavailable", reason: "binmond: it ended" } as const : undefined;
    const collectors = collectorsOf(HOST, refuse);
    const { summary } = await scanHost(store, sandbox, collectors, [detectionOf(PACKED)]);
    assertEquals(summary.not_evaluated.map(({ reason }) => reason), [
      "binary_analysis: 2 of 2 keys were not answered (binmond: it ended)",
    ]);
  }));

Deno.test("scan() makes up no right side for a key that was not answered", () =>
  withEngine(async (store, sandbox) => {
    const sql = `SELECT p.pid FROM processes p
LEFT AUTO JOIN file_metadata f ON f.file_path = p.executable_path AND p.user_id = 0
WHERE f.owner_user IS NULL`;
    const paths = (refused: string[]) =>
      collectorsOf(
        HOST,
        ({ keys }) =>
          keys?.values?.some((value) => refused.includes(String(value)))
            ? { status: "partial", reason: "fsmond: denied" }
            : undefined,
      );
    const all = await scanHost(store, sandbox, paths([]), [detectionOf(sql)]);
    assertEquals(alerted(all, "pid"), [1, 8], "pid 8 was not asked for, /sbin/init does not exist");
    assertEquals(all.summary.partial, []);
    const some = await scanHost(store, sandbox, paths(["/sbin/init"]), [detectionOf(sql)]);
    assertEquals(alerted(some, "pid"), [8], "of /sbin/init nobody knows whether it exists");
    assertMatch(
      some.summary.partial[0]!.reason,
      /1 of 2 keys were not answered \(fsmond: denied\)/,
    );
  }));

Deno.test("scan() asks for the keys of graver detections first, and tells of a bound", () =>
  withEngine(async (store, sandbox) => {
    const sql = (user: number) =>
      `SELECT p.pid FROM processes p JOIN binary_analysis b ON b.pid = p.pid WHERE p.user_id = ${user}`;
    const collectors = collectorsOf(HOST);
    const bounded = { ...collectors, supports: collectors.supports };
    const low = detectionOf(sql(0));
    const high = detectionOf(sql(5));
    const { detection } = high;
    const grave = {
      ...high,
      detection: { ...detection, meta: { ...detection.meta, severity: "critical" as const } },
    };
    const { summary } = await scanHost(store, sandbox, bounded, [low, grave], {
      triggerBounds: { keys: 2 },
    });
    assertEquals(collectors.tasksOf("binary_analysis").map(({ keys }) => keys?.values), [[8, 1]]);
    assertEquals(summary.partial.map(({ rule_id, reason }) => [rule_id, reason]), [[
      low.detection.meta.id,
      "binary_analysis: 1 of 2 keys were not answered (bound of 2 keys reached)",
    ]]);
  }));

Deno.test("scan() collects nothing for a detection that is switched off", () =>
  withEngine(async (store, sandbox) => {
    const collectors = collectorsOf(HOST);
    const compiled = detectionOf(PACKED);
    const rule_id = compiled.detection.meta.id;
    await store.setRuleState({ rule_id, enabled: false, failures: 3, digest: compiled.digest });
    const { summary } = await scanHost(store, sandbox, collectors, [compiled]);
    assertEquals(collectors.tasksOf("binary_analysis"), []);
    assert(summary.not_evaluated.length === 1);
  }));

Deno.test("scan() stores a row once that several patterns find", () =>
  withEngine(async (store, sandbox) => {
    const collectors = collectorsOf(HOST);
    const glob = (pattern: string) =>
      detectionOf(
        `SELECT file_path, file_size FROM file_metadata WHERE file_path GLOB '${pattern}'`,
      );
    const result = await scanHost(store, sandbox, collectors, [
      glob("/etc/*"),
      glob("/etc/pass*"),
      detectionOf("SELECT count(*) AS n FROM file_metadata WHERE file_path = '/etc/passwd'"),
    ], { triggerBounds: { keysPerTask: 1 } });
    assertEquals(result.summary.rows["file_metadata"], 1);
    assertEquals(
      result.alerts.map(({ alert_data }) => alert_data["n"] ?? alert_data["file_path"]),
      [
        "/etc/passwd",
        "/etc/passwd",
        1,
      ],
    );
  }));

Deno.test("scan() shows no row that was asked for by another column", () =>
  withEngine(async (store, sandbox) => {
    const collectors = collectorsOf(HOST);
    const result = await scanHost(store, sandbox, collectors, [
      detectionOf(PACKED),
      detectionOf(
        `SELECT p.pid, count(*) AS n FROM processes p
JOIN binary_analysis b ON b.file_path = p.executable_path WHERE p.pid = 7 GROUP BY p.pid`,
      ),
    ]);
    assertEquals(result.alerts.map(({ alert_data }) => [alert_data["pid"], alert_data["n"]]), [
      [7, undefined],
      [7, 1],
    ]);
  }));

for (
  const [what, sql, tasks] of [
    [
      "of a common table",
      `WITH packed AS (
  SELECT p.pid, b.file_path FROM processes p
  LEFT AUTO JOIN binary_analysis b ON b.pid = p.pid AND b.entropy > 7 WHEN p.user_id = 0
)
SELECT x.pid, f.owner_user FROM packed x LEFT JOIN file_metadata f USING (file_path)`,
      [["binary_analysis", [1, 7]], ["file_metadata", ["/sbin/init", "/dev/shm/x"]]],
    ],
    [
      "of a subquery",
      `SELECT b.pid FROM binary_analysis b WHERE b.pid IN (SELECT pid FROM processes WHERE user_id = 0)
UNION ALL SELECT p.pid FROM processes p WHERE EXISTS (
  SELECT 1 FROM file_metadata f WHERE f.file_path = '/etc/passwd' AND p.user_id = 5
)`,
      [["binary_analysis", [1, 7]], ["file_metadata", ["/etc/passwd"]]],
    ],
  ] as const
) {
  Deno.test(`scan() asks for the keys ${what}`, () =>
    withEngine(async (store, sandbox) => {
      const collectors = collectorsOf(HOST);
      const result = await scanHost(store, sandbox, collectors, [detectionOf(sql)]);
      assertEquals(result.summary.not_evaluated, []);
      assertEquals(
        collectors.tasks.filter(({ keys }) => keys).map(({ table, keys }) => [table, keys!.values])
          .sort(),
        tasks.map((task) => [...task]),
      );
      assertEquals(alerted(result, "pid"), [1, 7, 8]);
    }));
}

Deno.test("scan() asks for whole rows: others see what is stored", () =>
  withEngine(async (store, sandbox) => {
    const collectors = collectorsOf(HOST);
    await scanHost(store, sandbox, collectors, [detectionOf(PACKED)]);
    assertEquals(collectors.tasksOf("binary_analysis").map(({ where }) => where), [undefined]);
  }));

Deno.test("scan() holds against a detection only what is missing of its own keys", () =>
  withEngine(async (store, sandbox) => {
    const [first, ...others] = HOST["binary_analysis"]!;
    const { entropy: _, ...bare } = first!;
    const collectors = collectorsOf({
      ...HOST,
      binary_analysis: [{ ...bare, denied: true }, ...others],
    });
    const all = detectionOf(PACKED.replace("'/dev/shm/%'", "'/%'"));
    const { summary, alerts } = await scanHost(store, sandbox, collectors, [
      detectionOf(PACKED),
      detectionOf(PACKED.replace("'/dev/shm/%'", "'/nowhere/%'")),
      detectionOf(PACKED.replace("'/dev/shm/%'", "'/sbin/%'")),
      all,
    ]);
    assertEquals(alerts.map(({ alert_data }) => alert_data["pid"]), [7, 7]);
    assertEquals(summary.partial.map(({ rule_id, evaluated, of }) => [rule_id, evaluated, of]), [
      [all.detection.meta.id, 5, 6],
    ]);
    assertEquals(summary.not_evaluated.map(({ reason }) => reason), [
      "binary_analysis by pid: entropy denied",
    ]);
  }));

Deno.test("scan() judges a process whose identity is not known", () =>
  withEngine(async (store, sandbox) => {
    const collectors = collectorsOf(HOST);
    const processes = PROCESSES.map(({ process_key: _, ...row }) => row);
    const gaps = [{ column: "process_key", reason: "not_collected", rows: "all" } as const];
    const result = await scanHost(store, sandbox, {
      ...collectors,
      collect: (task) =>
        task.table === "processes"
          ? (async function* () {
            yield await Promise.resolve(batchOf("processes", processes, gaps));
            return { status: "complete" } as const;
          })()
          : collectors.collect(task),
    }, [detectionOf(PACKED)]);
    assertEquals(alerted(result, "pid"), [7]);
    assertEquals(result.summary.partial, []);
    assertEquals(collectors.tasks.map(({ keys }) => keys), [{ column: "pid", values: [7, 8] }]);
  }));

Deno.test("scan() tells what detections look for by name, of columns that say what to find", () =>
  withEngine(async (store, sandbox) => {
    const collectors = collectorsOf({ ...HOST, memory_patterns: [] });
    const looking = (condition: string) =>
      detectionOf(`SELECT p.pid, m.pattern_value FROM processes p
JOIN memory_patterns m ON m.pid = p.pid WHERE p.pid = 7 AND ${condition}`);
    await scanHost(store, sandbox, collectors, [
      looking("m.pattern_regex = 'one' AND m.match_count > 2"),
      looking("(m.pattern_regex = 'two' OR m.pattern_regex = 'one')"),
      looking("m.pattern_type = 'url' AND NOT m.pattern_regex = 'three'"),
    ]);
    const column = "pattern_regex";
    assertEquals(
      collectors.tasksOf("memory_patterns").map(({ where, interests }) => [where, interests]),
      [[undefined, [{ op: "=", column, value: "one" }, { op: "=", column, value: "two" }]]],
    );
  }));
