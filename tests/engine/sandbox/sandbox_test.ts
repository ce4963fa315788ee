import { assert, assertEquals, assertMatch } from "@std/assert";
import { openSandbox, type Sandbox, type SandboxImage } from "../../../engine/sandbox/sandbox.ts";
import type { SandboxOutcome } from "../../../engine/sandbox/query_process.ts";
import { imageOf } from "./images.ts";
import { ownQueryProcesses, queryProcesses } from "./processes.ts";

const MIB = 1 << 20;

const HOSTS = imageOf(`
  CREATE TABLE processes (pid INTEGER, name TEXT, j TEXT);
  INSERT INTO processes VALUES (1, 'init', '[1,2]'), (2, 'bash', '{}'), (3, 'nc', NULL);
`);

/** A table of rows with text that is costly to sort. */
const WIDE = imageOf(`
  CREATE TABLE wide (n INTEGER, t TEXT);
  INSERT INTO wide WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 20000)
  SELECT n, printf('%010d%200s', n, '') FROM c;
`);

function ask(
  sandbox: Sandbox,
  image: SandboxImage,
  sql: string,
  timeout = 20_000,
): Promise<SandboxOutcome> {
  return sandbox.run({ image, sql, parameters: { now: 1_700_000_000_000, since: null }, timeout });
}

function rows(outcome: SandboxOutcome): readonly unknown[] {
  assert(outcome.status === "done", Deno.inspect(outcome));
  return outcome.rows;
}

function reason(
  outcome: SandboxOutcome,
  kind: "resource" | "error" | "unavailable",
  what = "the query",
): string {
  assert(outcome.status === "failed", `${what} is expected to fail`);
  assertEquals(outcome.kind, kind, outcome.reason);
  return outcome.reason;
}

async function until(condition: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 1200; tries++) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  assert(condition(), what);
}

Deno.test("openSandbox() runs queries on images and tells types apart", async () => {
  await using sandbox = await openSandbox({ policy: "preferred", size: 1 });
  const image = sandbox.load(HOSTS);
  const outcome = await ask(
    sandbox,
    image,
    `SELECT pid, name AS pid, 9223372036854775807 AS big, -1e999 AS low, 0.1 AS real, x'00ff' AS blob,
      j, :now AS now, :since AS since, 9007199254740992 AS edge FROM processes p ORDER BY p.pid DESC -- newest first`,
  );
  assert(outcome.status === "done", Deno.inspect(outcome));
  assertEquals(outcome.columns, [
    "pid",
    "pid",
    "big",
    "low",
    "real",
    "blob",
    "j",
    "now",
    "since",
    "edge",
  ]);
  const rest = [2n ** 63n - 1n, -Infinity, 0.1, "00ff"];
  const end = [1_700_000_000_000, null, 2n ** 53n];
  assertEquals(outcome.rows, [
    [3, "nc", ...rest, null, ...end],
    [2, "bash", ...rest, "{}", ...end],
    [1, "init", ...rest, "[1,2]", ...end],
  ]);
  assertEquals(outcome.truncated, false);
});

Deno.test("openSandbox() gives the dialect's functions, JSON and recursion", async () => {
  await using sandbox = await openSandbox({ policy: "preferred", size: 1 });
  const image = sandbox.load(HOSTS);
  const cases: [string, unknown[]][] = [
    ["SELECT name FROM processes WHERE name REGEXP '^(nc|ncat)$'", [["nc"]]],
    ["SELECT count(*) FROM processes WHERE contains(name, 'B')", [[1]]],
    ["SELECT e.value FROM processes p, json_each(p.j) e WHERE p.pid = 1", [[1], [2]]],
    [
      "WITH RECURSIVE c(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM c WHERE n < 3) SELECT n FROM c",
      [[1], [2], [3]],
    ],
    ["SELECT count(*) FROM (SELECT 1) s, processes", [[3]]],
    ["SELECT pid, row_number() OVER (ORDER BY pid DESC) r FROM processes ORDER BY r LIMIT 1", [[
      3,
      1,
    ]]],
    ["SELECT name FROM processes UNION SELECT 'x' ORDER BY 1", [["bash"], ["init"], ["nc"], ["x"]]],
    ["VALUES (1), (2)", [[1], [2]]],
  ];
  for (const [sql, expected] of cases) {
    assertEquals(rows(await ask(sandbox, image, sql)), expected, sql);
  }
});

Deno.test("openSandbox() fails a query that SQLite stops in the middle", async () => {
  await using sandbox = await openSandbox({ policy: "preferred", size: 1 });
  const image = sandbox.load(HOSTS);
  const cases: [string, RegExp][] = [
    // The first two rows have values, the third one breaks: an answer with two rows would be a lie.
    ["SELECT json_extract(iif(pid = 3, '{', j), '$') FROM processes", /malformed JSON/],
    ["SELECT abs(-9223372036854775807 - pid) FROM processes", /integer overflow/],
    ["SELECT name FROM processes WHERE name REGEXP name || '('", /bad regular expression/],
    ["SELECT name FROM nowhere", /no such table/],
    ["SELECT 1 FROM", /incomplete input|syntax error/],
    ["", /no columns/],
  ];
  for (const [sql, expected] of cases) {
    assertMatch(reason(await ask(sandbox, image, sql), "error"), expected);
  }
});

Deno.test("openSandbox() refuses everything but reading the image", async () => {
  await using sandbox = await openSandbox({ policy: "preferred", size: 1 });
  const image = sandbox.load(HOSTS);
  const statements = [
    "ATTACH '/tmp/daemoneye-attached' AS a",
    "ATTACH ':memory:' AS a",
    "DETACH main",
    "VACUUM",
    "VACUUM INTO '/tmp/daemoneye-vacuumed'",
    "PRAGMA query_only = OFF",
    "PRAGMA trusted_schema = ON",
    "PRAGMA hard_heap_limit = 0",
    "PRAGMA temp_store_directory = '/tmp'",
    "PRAGMA table_info(processes)",
    "SELECT * FROM pragma_table_info('processes')",
    "SELECT * FROM pragma_hard_heap_limit",
    "SELECT load_extension('/tmp/x.so')",
    "SELECT readfile('/etc/passwd')",
    "SELECT writefile('/tmp/x', 'y')",
    "SELECT edit('x')",
    "SELECT fts3_tokenizer('simple')",
    "SELECT random()",
    "SELECT hex(randomblob(4))",
    "SELECT zeroblob(100)",
    "SELECT current_timestamp",
    "SELECT sqlite_version()",
    "SELECT daemoneye_collect(pid) FROM processes",
    "SELECT sql FROM sqlite_schema",
    "SELECT sql FROM sqlite_master",
    "SELECT name FROM sqlite_temp_schema",
    "SELECT path FROM dbstat",
    "INSERT INTO processes VALUES (1, 'a', NULL)",
    "INSERT INTO processes VALUES (1, 'a', NULL) RETURNING pid",
    "UPDATE processes SET pid = 0",
    "UPDATE processes SET pid = 0 RETURNING pid",
    "DELETE FROM processes",
    "DELETE FROM processes RETURNING pid",
    "REPLACE INTO processes VALUES (1, 'a', NULL)",
    "CREATE TABLE t (a)",
    "CREATE TEMP TABLE t (a)",
    "CREATE VIEW v AS SELECT 1",
    "CREATE TEMP TRIGGER t AFTER INSERT ON processes BEGIN SELECT 1; END",
    "CREATE INDEX i ON processes (pid)",
    "CREATE VIRTUAL TABLE f USING fts5(a)",
    "DROP TABLE processes",
    "ALTER TABLE processes ADD COLUMN x",
    "REINDEX",
    "ANALYZE",
    "BEGIN",
    "COMMIT",
    "SAVEPOINT s",
    "EXPLAIN SELECT 1",
    "EXPLAIN QUERY PLAN SELECT 1",
    "SELECT 1; DROP TABLE processes",
    "SELECT 1) SELECT daemoneye_collect(1) --",
    "SELECT 1), x AS (DELETE FROM processes",
  ];
  for (const sql of statements) {
    const why = reason(await ask(sandbox, image, sql), "error", sql);
    // These are refused before anything of them is done, whatever else would have stopped them.
    if (/^(ATTACH|DETACH|PRAGMA|INSERT|UPDATE|DELETE|REPLACE|CREATE|DROP|BEGIN)/.test(sql)) {
      assertMatch(why, /not authorized|prohibited/, sql);
    }
  }
  assertEquals(rows(await ask(sandbox, image, "SELECT count(*) FROM processes")), [[3]]);
});

Deno.test("openSandbox() stops bombs, each with its reason, while good queries go on", async () => {
  await using sandbox = await openSandbox({ policy: "preferred", size: 2, memory: 64 * MIB });
  const image = sandbox.load(WIDE);
  const endless = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c)";
  const many =
    "(WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 100000) SELECT n FROM c)";
  const bombs: [string, RegExp][] = [
    [`${endless} SELECT count(*) FROM c`, /^timeout of 1 s exceeded$/],
    [
      "SELECT count(*) FROM wide a, wide b, wide c, wide d WHERE a.t || b.t = c.t",
      /^timeout of 1 s/,
    ],
    // About 200 MB to be sorted.
    [
      "SELECT max(r) FROM (SELECT row_number() OVER (ORDER BY t || hex(t) || hex(t) || m.column1) r FROM wide, (VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10)) m)",
      /^memory cap of 64 MiB exceeded$/,
    ],
    [`SELECT group_concat(printf('%1000s', n)) FROM ${many}`, /^a value|^memory cap/],
    ["SELECT length(printf('%.*c', 500000000, 'x'))", /^a value|^memory cap/],
    [
      "SELECT length(replace(printf('%1000000s', ''), ' ', printf('%1000s', '')))",
      /^a value|^memory cap/,
    ],
    ["SELECT hex(hex(hex(hex(hex(hex(printf('%2000000s', '')))))))", /^a value|^memory cap/],
    [
      "SELECT json_group_array(t) FROM wide, (VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10))",
      /^a value|^memory cap/,
    ],
    [
      `SELECT count(*) FROM (SELECT DISTINCT t, m.n FROM wide, ${many} m)`,
      /^memory cap|^the result|^timeout/,
    ],
    [
      "SELECT printf('%10000s', n) AS a, printf('%10000s', n) AS b FROM wide LIMIT 9000",
      /^the result is larger than 32 MiB$/,
    ],
  ];
  const outcomes = await Promise.all(bombs.flatMap(([sql, expected]) => [
    // On a busy machine what is to meet another limit must not meet this one first.
    sandbox.run({
      image,
      sql,
      parameters: {},
      timeout: expected.source.includes("timeout") ? 1_000 : 30_000,
    }),
    sandbox.run({ image, sql: "SELECT count(*) FROM wide", parameters: {}, timeout: 20_000 }),
  ]));
  for (const [index, [sql, expected]] of bombs.entries()) {
    assertMatch(reason(outcomes[2 * index]!, "resource", sql), expected, sql);
    assertEquals(rows(outcomes[2 * index + 1]!), [[20_000]]);
  }
});

Deno.test("openSandbox() stops what takes the memory of the process itself", async () => {
  // Values that stand side by side in the heap of JavaScript, where they take twice as much as in SQLite.
  const wide = Array.from(
    { length: 12 },
    (_, at) => `printf('%.*c', 16000000, 'x') || char(256) AS a${at}`,
  );
  for (const policy of ["preferred", "off"] as const) {
    await using sandbox = await openSandbox({ policy, size: 1, memory: 1024 * MIB });
    const image = sandbox.load(HOSTS);
    const outcome = await ask(sandbox, image, `SELECT ${wide.join(", ")}`, 60_000);
    assertEquals(reason(outcome, "resource"), "memory cap of 1024 MiB exceeded", policy);
  }
});

Deno.test("openSandbox() encodes no row that is too long as it is", async () => {
  await using sandbox = await openSandbox({ policy: "preferred", size: 1, memory: 512 * MIB });
  const image = sandbox.load(HOSTS);
  // As JSON each of these characters is six, of two bytes because of the last one: for that there is no room.
  const wide = ["a", "b", "c"].map((name) =>
    `replace(printf('%11500000s', ''), ' ', char(1)) || char(256) AS ${name}`
  );
  const outcome = await ask(sandbox, image, `SELECT ${wide.join(", ")}`, 60_000);
  assertEquals(reason(outcome, "resource"), "the result is larger than 32 MiB");
});

Deno.test("Sandbox.run() does not blame a query for a process that does not start", async () => {
  await using sandbox = await openSandbox({ policy: "preferred", size: 1 });
  const image = sandbox.load(HOSTS);
  const endless = LONG.replace("WHERE n < 8000000", "");
  reason(await ask(sandbox, image, endless, 300), "resource");
  const { Command } = Deno;
  Object.assign(Deno, {
    Command: class extends Command {
      override spawn(): Deno.ChildProcess {
        throw new Error("Resource temporarily unavailable (os error 11)");
      }
    },
  });
  try {
    const why = reason(await ask(sandbox, image, "SELECT 1"), "unavailable");
    assertMatch(why, /Resource temporarily unavailable/);
  } finally {
    Object.assign(Deno, { Command });
  }
  assertEquals(rows(await ask(sandbox, image, "SELECT 1")), [[1]]);
});

Deno.test("openSandbox() lets no value grow beyond its limit, though there is memory left", async () => {
  await using sandbox = await openSandbox({ policy: "preferred", size: 1, memory: 512 * MIB });
  const outcome = await ask(
    sandbox,
    sandbox.load(HOSTS),
    "SELECT length(printf('%.*c', 40000000, 'x'))",
  );
  assertEquals(reason(outcome, "resource"), "a value of the query is too large");
});

Deno.test("openSandbox() sorts in memory, never in a temporary file", async () => {
  await using sandbox = await openSandbox({ policy: "off", size: 1 });
  const image = sandbox.load(WIDE);
  let ended = false;
  const sorted = ask(
    sandbox,
    image,
    "SELECT max(r) FROM (SELECT row_number() OVER (ORDER BY t || m.column1) r FROM wide, (VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10)) m)",
  ).finally(() => ended = true);
  const files = new Set<string>();
  while (!ended) {
    for (const pid of ownQueryProcesses(Deno.pid)) {
      try {
        for (const { name } of Deno.readDirSync(`/proc/${pid}/fd`)) {
          files.add(Deno.readLinkSync(`/proc/${pid}/fd/${name}`));
        }
      } catch {
        // The file is closed meanwhile, or the process, which may be that of another test, has ended.
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assertEquals(rows(await sorted), [[200_000]]);
  assert(files.size > 0, "files of the process were seen");
  assertEquals([...files].filter((file) => file.includes("etilqs")), []);
});

Deno.test("openSandbox() gives the first 10,000 of a million rows", async () => {
  await using sandbox = await openSandbox({ policy: "preferred", size: 1 });
  const outcome = await ask(
    sandbox,
    sandbox.load(HOSTS),
    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 1000000) SELECT n FROM c",
  );
  assert(outcome.status === "done" && outcome.truncated);
  assertEquals(outcome.rows.length, 10_000);
  assertEquals(outcome.rows.at(-1), [10_000]);
});

Deno.test("openSandbox() keeps images apart, also when they grow", async () => {
  await using sandbox = await openSandbox({ policy: "preferred", size: 2, memory: 16 * MIB });
  const small = sandbox.load(HOSTS);
  const large = sandbox.load(imageOf(`
    CREATE TABLE processes (pid INTEGER, name TEXT);
    INSERT INTO processes WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 40000)
    SELECT n, printf('%1000s', n) FROM c;
  `));
  assert(large.bytes.length > 32 * MIB, "more than the first memory limit");
  const count = "SELECT count(*) FROM processes";
  const outcomes = await Promise.all(
    [small, large, small, large, small].map((image) => ask(sandbox, image, count)),
  );
  assertEquals(outcomes.map(rows), [[[3]], [[40_000]], [[3]], [[40_000]], [[3]]]);
});

Deno.test("Sandbox.lay() puts tables in the place of others, until the image is asked for without them", async () => {
  await using sandbox = await openSandbox({ policy: "preferred", size: 1 });
  const image = sandbox.load(imageOf(`
    CREATE TABLE state (a); INSERT INTO state VALUES (1);
    CREATE TABLE events (a INTEGER, b); INSERT INTO events VALUES (2, NULL);
  `));
  const one = sandbox.lay(
    imageOf(`
    CREATE TABLE events (a INTEGER, b, c REAL); CREATE INDEX i ON events (a);
    INSERT INTO events VALUES (9007199254740993, 'x', 1), (NULL, 0.5, 9e999);
    CREATE TABLE more (a); INSERT INTO more VALUES (4);
  `),
    image,
  );
  const other = sandbox.lay(
    imageOf("CREATE TABLE events (a); INSERT INTO events VALUES (3)"),
    image,
  );
  const all = async (of: SandboxImage, sql = "SELECT * FROM events, state") =>
    rows(await ask(sandbox, of, sql));
  assertEquals(await all(image), [[2, null, 1]]);
  assertEquals(await all(one), [[9007199254740993n, "x", 1, 1], [null, 0.5, Infinity, 1]]);
  assertEquals(await all(one, "SELECT typeof(c) FROM events, more"), [["real"], ["real"]]);
  assertEquals(await all(other), [[3, 1]]);
  reason(await ask(sandbox, other, "SELECT * FROM more"), "error");
  reason(await ask(sandbox, other, "DELETE FROM events"), "error");
  reason(await ask(sandbox, other, "ROLLBACK"), "error");
  assertEquals(await all(image), [[2, null, 1]]);
});

Deno.test("Sandbox.run() blames no image for another one that cannot be read", async () => {
  await using sandbox = await openSandbox({ policy: "preferred", size: 1 });
  const image = sandbox.load(imageOf("CREATE TABLE t (a); INSERT INTO t VALUES (1)"));
  const laid = sandbox.lay(imageOf("CREATE TABLE t (a); INSERT INTO t VALUES (2)"), image);
  const nonsense = new Uint8Array(8192).fill(65);
  for (const broken of [sandbox.load(nonsense), sandbox.lay(nonsense, image)]) {
    for (const [of, expected] of [[image, 1], [laid, 2]] as const) {
      assertEquals(rows(await ask(sandbox, of, "SELECT a FROM t")), [[expected]]);
      reason(await ask(sandbox, broken, "SELECT a FROM t"), "error");
      assertEquals(rows(await ask(sandbox, of, "SELECT a FROM t")), [[expected]]);
    }
  }
});

Deno.test("openSandbox() starts a process more only where queries wait long", async () => {
  const { first, second, third, outcomes } = await told("more_processes.ts");
  assertEquals(outcomes, [...Array(5).fill([[3]]), "resource"]);
  assertEquals(first, 0);
  assert(second > 0, "another one was started");
  assert(third > second, "the one for urgent queries is started again as soon as there is one");
});

Deno.test("Sandbox.run() does not blame a query for what ends its process from outside", async () => {
  const [{ kind, reason }, next] = await told("killed_query.ts", "SIGKILL", "preferred");
  assertEquals([kind, next], ["resource", "done"]);
  assertMatch(reason, /^the query process was killed by SIGKILL/);
});

Deno.test("Sandbox.run() tells of a query process that breaks", async () => {
  // The first process of a namespace does not see this signal when it comes from outside.
  const [{ kind, reason }, next] = await told("killed_query.ts", "SIGABRT", "off");
  assertEquals([kind, reason, next], ["error", "the query process was ended by SIGABRT", "done"]);
});

Deno.test("openSandbox() answers from one image after the other, in a new process after many", async () => {
  assertEquals(await told("worn_process.ts"), { wrong: 0, exchanged: true, left: 0 });
});

/** What a module that lies beside this one prints, as a process of its own. */
// deno-lint-ignore no-explicit-any
async function told(name: string, ...args: string[]): Promise<any> {
  const module = new URL(name, import.meta.url).pathname;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-A", "--no-check", `--config=${CONFIG}`, module, ...args],
    stderr: "inherit",
  }).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** The configuration of a process that uses the toolkit. */
const CONFIG = new URL("../../../deno.json", import.meta.url).pathname;

Deno.test("openSandbox() fails queries on an image that is none", async () => {
  await using sandbox = await openSandbox({ policy: "preferred", size: 1 });
  reason(
    await ask(
      sandbox,
      sandbox.load(new TextEncoder().encode("no database at all")),
      "SELECT 1 FROM processes",
    ),
    "error",
  );
  assertEquals(rows(await ask(sandbox, sandbox.load(HOSTS), "SELECT count(*) FROM processes")), [[
    3,
  ]]);
});

Deno.test("Sandbox.close() fails what has not ended", async () => {
  const sandbox = await openSandbox({ policy: "preferred", size: 2 });
  const image = sandbox.load(HOSTS);
  const endless =
    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c";
  await ask(sandbox, image, "SELECT 1");
  const running = Array.from({ length: 4 }, () => ask(sandbox, image, endless));
  // One of them is running, the others wait.
  await new Promise((resolve) => setTimeout(resolve, 200));
  await sandbox.close();
  for (const outcome of await Promise.all(running)) reason(outcome, "unavailable");
  reason(await ask(sandbox, image, "SELECT 1"), "unavailable");
});

Deno.test("Sandbox.close() leaves no process", async () => {
  // In a process of its own: other tests of this one have query processes at the same time.
  const script = `
    import { openSandbox } from ${
    JSON.stringify(import.meta.resolve("../../../engine/sandbox/sandbox.ts"))
  };
    const children = () => [...Deno.readDirSync("/proc/self/task")].flatMap(({ name }) =>
      Deno.readTextFileSync(\`/proc/self/task/\${name}/children\`).trim().split(" ").filter((pid) => pid !== ""));
    const sandbox = await openSandbox({ policy: "preferred", size: 2 });
    const image = sandbox.load(Uint8Array.from(${
    JSON.stringify([...HOSTS.subarray(0, 8192 * 2)])
  }));
    const sql = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c";
    const run = () => sandbox.run({ image, sql, parameters: {}, timeout: 600_000 });
    const running = [run(), run(), run()];
    while (children().length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    await sandbox.close();
    await Promise.all(running);
    console.log(JSON.stringify(children()));
  `;
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, script);
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-q", "-A", "--no-check", `--config=${CONFIG}`, file],
      stderr: "inherit",
    }).output();
    assertEquals(new TextDecoder().decode(stdout), "[]\n");
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("query processes die with an agent that is killed", async () => {
  const script = `
    import { openSandbox } from ${
    JSON.stringify(import.meta.resolve("../../../engine/sandbox/sandbox.ts"))
  };
    const sandbox = await openSandbox({ policy: "preferred", size: 2 });
    const image = sandbox.load(Uint8Array.from(${
    JSON.stringify([...HOSTS.subarray(0, 8192 * 2)])
  }));
    for (let i = 0; i < 2; i++) {
      sandbox.run({ image, sql: "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c",
        parameters: {}, timeout: 600_000 });
    }
    console.log("running");
  `;
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, script);
    const agent = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--quiet",
        `--config=${CONFIG}`,
        file,
      ],
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const reader = agent.stdout.getReader();
    assertMatch(new TextDecoder().decode((await reader.read()).value), /running/);
    await until(() => ownQueryProcesses(agent.pid).length >= 2, "the agent's processes run");
    const pids = ownQueryProcesses(agent.pid);
    agent.kill("SIGKILL");
    await agent.status;
    await reader.cancel();
    await until(() => !queryProcesses().some((pid) => pids.includes(pid)), "they are gone");
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("Sandbox.run() lets urgent queries go before those that wait", async () => {
  await using sandbox = await openSandbox({ policy: "preferred", size: 1 });
  const image = sandbox.load(HOSTS);
  const done: string[] = [];
  const run = async (name: string, urgent?: true) => {
    const query = { image, sql: "SELECT 1", parameters: {}, timeout: 60_000 };
    const { status } = await sandbox.run({ ...query, ...(urgent && { urgent }) });
    done.push(`${name} ${status}`);
  };
  await Promise.all([run("a"), run("b"), run("c"), run("d", true), run("e", true)]);
  assertEquals(done, ["d", "e", "a", "b", "c"].map((name) => `${name} done`));
});

/** Counts for seconds, whatever the host. */
const LONG = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 8000000) " +
  "SELECT max(n) FROM c";

Deno.test("Sandbox.run() keeps a process free for urgent queries where there are two", async () => {
  await using sandbox = await openSandbox({ policy: "preferred", size: 2 });
  const image = sandbox.load(HOSTS);
  const done: string[] = [];
  const run = async (name: string, sql: string, urgent?: true) => {
    const query = { image, sql, parameters: {}, timeout: 120_000 };
    const { status } = await sandbox.run({ ...query, ...(urgent && { urgent }) });
    done.push(`${name} ${status}`);
  };
  const long = () => run("long", LONG);
  // The second one waits so long that another process is started.
  await Promise.all([long(), long(), run("urgent", "SELECT 1", true)]);
  done.length = 0;
  const soon = new Promise((resolve) => setTimeout(resolve, 100));
  await Promise.all([long(), long(), soon.then(() => run("urgent", "SELECT 1", true))]);
  assertEquals(done, ["urgent done", "long done", "long done"]);
});

Deno.test("Sandbox.run() runs urgent queries that stand behind one that ends the process", async () => {
  await using sandbox = await openSandbox({ policy: "preferred", size: 1 });
  const image = sandbox.load(HOSTS);
  const run = (sql: string, timeout: number) =>
    sandbox.run({ image, sql, parameters: {}, timeout, urgent: true });
  const outcomes = await Promise.all([
    run("SELECT 1", 60_000),
    run(LONG.replace("WHERE n < 8000000", ""), 300),
    run("SELECT 2", 60_000),
    run("SELECT 3 FROM nothing", 60_000),
    run("SELECT 4", 60_000),
  ]);
  assertEquals(outcomes.map((one) => one.status === "done" ? one.rows[0]![0] : one.kind), [
    1,
    "resource",
    2,
    "error",
    4,
  ]);
});
