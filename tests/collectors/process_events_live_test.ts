import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { type Collectors, openCollectors } from "../../collectors/mod.ts";
import { openTracing } from "../../collectors/core/tracing.ts";
import { openTracefs } from "../../collectors/procmond/events/tracefs.ts";
import { TRACE_EVENTS } from "../../collectors/procmond/events/trace_events.ts";
import { openProcFiles } from "../../collectors/proc/files.ts";
import { process_events } from "../../profiles/process_events.ts";
import { collectedColumns } from "../../schema/columns.ts";
import { has, isRoot, type ReadRow, testWith, textOf, toRows, until } from "./support.ts";

/** Why the kernel's events cannot be had; `undefined` where they can. */
async function whyNot(): Promise<string | undefined> {
  if (!isRoot) return "they need root";
  try {
    const tracing = await openTracing(TRACE_EVENTS);
    await tracing.close();
    return undefined;
  } catch (error) {
    return String(error);
  }
}

const reason = await whyNot();
const needs = { [`the kernel's events (${reason ?? "they are there"})`]: reason === undefined };

const COLUMNS = collectedColumns(process_events, "linux").map(({ name }) => name)
  .filter((name) => !["executable_hash", "hash_algorithm", "file_exists"].includes(name));

/** Events as they come, from when the collector watches. */
interface Watching extends AsyncDisposable {
  readonly rows: ReadRow[];
  readonly losses: unknown[];
  readonly collectors: Collectors;
  /** Runs something, and waits for the end of its process to be told. */
  run(program: string, args: readonly string[], cwd?: string): Promise<number>;
  /** Waits until there are such events. */
  until(what: string, isTrue: () => boolean): Promise<void>;
  /** The rows of a process. */
  of(pid: number): ReadRow["values"][];
}

async function startWatching(of?: Collectors): Promise<Watching> {
  const collectors = of ?? await openCollectors({ platform: "linux", policy: "preferred" });
  const aborter = new AbortController();
  const rows: ReadRow[] = [];
  const losses: unknown[] = [];
  let wake = () => {};
  const stream = collectors.watch({
    table: "process_events",
    project: COLUMNS,
    onLoss: (loss) => losses.push(loss),
  }, aborter.signal);
  const reading = (async () => {
    for await (const batch of stream) {
      rows.push(...toRows(batch));
      batch.acknowledge?.();
      wake();
    }
  })();
  const watching: Watching = {
    rows,
    losses,
    collectors,
    of: (pid) => rows.filter(({ values }) => values.pid === pid).map(({ values }) => values),
    async until(what, isTrue) {
      const late = Promise.withResolvers<never>();
      const timer = setTimeout(() => late.reject(new Error(`never happened: ${what}`)), 60_000);
      while (!isTrue()) {
        await Promise.race([new Promise<void>((resolve) => wake = resolve), late.promise]);
      }
      clearTimeout(timer);
    },
    async run(program, args, cwd) {
      const command = new Deno.Command(program, {
        args: [...args],
        ...(cwd && { cwd }),
        stdout: "null",
        stderr: "null",
      });
      const { pid, status } = command.spawn();
      await status;
      await watching.until(
        `the end of ${program}`,
        () => rows.some(({ values }) => values.pid === pid && values.event_type === "exit"),
      );
      return pid;
    },
    async [Symbol.asyncDispose]() {
      aborter.abort();
      await reading;
      if (!of) await collectors.close();
    },
  };
  // It watches once it has told of anything; what began before is not told.
  let ready = false;
  const ticking = (async () => {
    while (!ready) await new Deno.Command("true").output();
  })();
  await watching.until("it watches", () => rows.length > 0);
  ready = true;
  await ticking;
  return watching;
}

testWith(needs, "a program that runs for a while is three whole rows", async () => {
  await using watching = await startWatching();
  const started = Date.now();
  const program = new Deno.Command("/bin/cat", { args: ["-", "-"], stdin: "piped", stdout: "null" })
    .spawn();
  const { pid } = program;
  const has = (type: string) => watching.of(pid).some(({ event_type }) => event_type === type);
  await watching.until("it runs", () => has("exec"));
  await program.stdin.close();
  await program.status;
  await watching.until("it has ended", () => has("exit"));
  const rows = watching.of(pid);
  assertEquals(rows.map(({ event_type }) => event_type), ["fork", "exec", "exit"]);
  const [began, ran, ended] = rows;
  assertEquals(
    [ran!.command_line, ran!.arguments, ran!.name, ran!.accessible],
    ["/bin/cat - -", '["/bin/cat","-","-"]', "cat", true],
  );
  assert(/cat|coreutils/.test(String(ran!.executable_path)), `${ran!.executable_path}`);
  assertEquals([ran!.user_id, ran!.user_name], [0, "root"]);
  assertEquals([ended!.exit_code, ended!.command_line], [0, "/bin/cat - -"]);
  assert((ended!.duration_ms as number) <= Date.now() - started + 1000, `${ended!.duration_ms}`);
  const lived = (ended!.event_time as number) - (began!.event_time as number);
  assertAlmostEquals(ended!.duration_ms as number, lived, 50);
  assertEquals([began!.exit_code, ran!.exit_code, ran!.duration_ms], [null, null, null]);
  assertEquals(new Set(rows.map(({ event_id }) => event_id)).size, 3);
  for (const { ppid, parent_process, parent_key, event_time, process_key } of rows) {
    assertEquals([ppid, parent_process], [Deno.pid, textOf("/proc/self/comm").trim()]);
    assert(String(parent_key).includes(`:${Deno.pid}:`), `${parent_key}`);
    assert(String(process_key).includes(`:${pid}:`), `${process_key}`);
    assert(
      (event_time as number) >= started - 1000 && (event_time as number) <= Date.now() + 1000,
      `${started} ${event_time} ${Date.now()}`,
    );
  }
  assertEquals(watching.losses, []);
});

testWith(needs, "how a process ended: a status, a signal", async () => {
  await using watching = await startWatching();
  for (
    const [script, code] of [
      ["exit 3", 3],
      ["exit 0", 0],
      ["kill -SEGV $$", 139],
      ["kill -KILL $$", 137],
      ["trap : TERM; kill -TERM $$; exit 4", 4],
    ] as const
  ) {
    const pid = await watching.run("sh", ["-c", script]);
    assertEquals(watching.of(pid).at(-1)!.exit_code, code, script);
  }
});

const THREADS = `
import os, threading, time
t = [threading.Thread(target=time.sleep, args=(0.05,)) for _ in range(8)]
for one in t: one.start()
threading.Thread(target=lambda: os.execv("/bin/sh", ["sh", "-c", "exit 5"])).start()
time.sleep(60)
`;

testWith(
  { ...needs, python3: has("python3") },
  "threads are no processes, and one of them may run another program",
  async () => {
    await using watching = await startWatching();
    const python = new Deno.Command("python3", {
      args: ["-c", "import sys; print(sys.executable)"],
    }).outputSync();
    const path = new TextDecoder().decode(python.stdout).trim();
    const pid = await watching.run(path, ["-c", THREADS]);
    const rows = watching.of(pid);
    assertEquals(rows.map(({ event_type }) => event_type), ["fork", "exec", "exec", "exit"]);
    assertEquals([rows[2]!.name, rows[3]!.exit_code], ["sh", 5]);
    const children = watching.rows.filter(({ values }) =>
      values.event_type === "fork" && values.ppid === pid
    );
    assertEquals(children, []);
  },
);

const HEADLESS = `
import ctypes, os, threading
def wait():
    os.read(0, 1)
    os._exit(7)
threading.Thread(target=wait).start()
ctypes.CDLL(None).pthread_exit(None)
`;

testWith(
  { ...needs, python3: has("python3") },
  "a program whose first thread has ended goes on until the last one has",
  async () => {
    await using watching = await startWatching();
    const program = new Deno.Command("python3", { args: ["-c", HEADLESS], stdin: "piped" }).spawn();
    const { pid } = program;
    await until("its first thread has ended", () => /\) Z /.test(textOf(`/proc/${pid}/stat`)));
    await watching.run("true", []);
    const exits = () => watching.of(pid).filter(({ event_type }) => event_type === "exit");
    assertEquals(exits(), []);
    await program.stdin.close();
    await program.status;
    await watching.until("it has ended", () => exits().length > 0);
    await watching.run("true", []);
    assertEquals(exits().map(({ exit_code }) => exit_code), [7]);
  },
);

/** Lines that look like records of a trace, as a file may be called. */
const FORGERY = "x\n" + [
  "             foo-1       [000] .....     1.000000: sched_process_exit: comm=init pid=1 prio=120 group_dead=true",
  "            evil-4242    [000] ..... 99999.000000: sched_process_exec: filename=*forged pid=4242 old_pid=4242",
].join("\n") + "\n  y";

testWith(needs, "no name forges an event", async () => {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  await Deno.copyFile("/bin/true", `${folder}/${FORGERY}`);
  await Deno.chmod(`${folder}/${FORGERY}`, 0o755);
  await using watching = await startWatching();
  const pid = await watching.run(`${folder}/${FORGERY}`, []);
  const after = await watching.run("true", []);
  const [, ran] = watching.of(pid);
  assertEquals(ran!.executable_path, `${folder}/${FORGERY}`);
  assertEquals(watching.of(after).length, 3);
  for (const { values } of watching.rows) {
    assert(values.pid !== 1 && values.pid !== 4242, JSON.stringify(values));
    assert(!String(values.executable_path).startsWith("*"));
  }
  assertEquals(watching.losses, []);
  await Deno.remove(folder, { recursive: true });
});

testWith(
  { ...needs, perl: has("perl") },
  "a program whose path is too long for the kernel's own event is told all the same",
  async () => {
    await using watching = await startWatching();
    for (const length of [2000, 4090]) {
      const path = `"/bin/" . "./" x ${(length - 8) >> 1} . "cat"`;
      const program = new Deno.Command("perl", {
        args: ["-e", `my $path = ${path}; exec { $path } "cat", "-"`],
        stdin: "piped",
        stdout: "null",
      }).spawn();
      const execs = () =>
        watching.of(program.pid).filter(({ event_type }) => event_type === "exec");
      await watching.until("it runs", () => execs().length === 2);
      await program.stdin.close();
      await program.status;
      const last = execs().at(-1)!;
      assertEquals([last.command_line, last.accessible], ["cat -", true], `${length}`);
      assert(/cat|coreutils/.test(String(last.executable_path)), `${last.executable_path}`);
    }
  },
);

testWith(needs, "what is gone before it can be read is a row with what it left", async () => {
  await using watching = await startWatching();
  const shell = await watching.run("sh", [
    "-c",
    "i=0; while [ $i -lt 300 ]; do /bin/true; i=$((i+1)); done",
  ]);
  const rows = watching.rows.filter(({ values }) => values.ppid === shell);
  for (const type of ["fork", "exec", "exit"]) {
    assertEquals(rows.filter(({ values }) => values.event_type === type).length, 300, type);
  }
  const gone = rows.filter(({ values }) => !values.accessible);
  for (const { values, gaps } of gone) {
    assertEquals([values.ppid, values.parent_process], [shell, "sh"]);
    if (values.event_type === "exec") {
      assertEquals([values.name, values.executable_path], ["true", "/bin/true"]);
    }
    if (values.event_type === "exit") assertEquals(values.exit_code, 0);
    if (values.command_line === null) assertEquals(gaps.command_line, "not_collected");
  }
  assertEquals(watching.losses, []);
});

testWith(needs, "5,000 programs in a burst, none lost", async () => {
  await using watching = await startWatching();
  const shell = await watching.run("sh", [
    "-c",
    "i=0; while [ $i -lt 5000 ]; do /bin/true; i=$((i+1)); done",
  ]);
  const rows = watching.rows.filter(({ values }) => values.ppid === shell);
  for (const type of ["fork", "exec", "exit"]) {
    const told = rows.filter(({ values }) => values.event_type === type);
    assertEquals(told.length, 5000, type);
  }
  assertEquals(
    new Set(watching.rows.map(({ values }) => values.event_id)).size,
    watching.rows.length,
  );
  assertEquals(watching.losses, []);
});

testWith(needs, "watching may end and begin again, and goes on beside a scan", async () => {
  await using collectors = await openCollectors({ platform: "linux", policy: "preferred" });
  for (let round = 0; round < 3; round++) {
    await using watching = await startWatching(collectors);
    const scanned = Array.fromAsync(
      collectors.collect({ table: "processes", project: ["pid", "name"], deadline: 60_000 }),
    );
    const pid = await watching.run("sh", ["-c", "exit 9"]);
    assertEquals(watching.of(pid).at(-1)!.exit_code, 9);
    assert((await scanned).some(({ rows }) => rows > 3));
    assertEquals(watching.losses, []);
  }
});

testWith(needs, "what the kernel's buffer could not hold is counted", async () => {
  const tracing = await openTracing(TRACE_EVENTS);
  try {
    assert(tracing.path !== undefined);
    await Deno.writeTextFile(`${tracing.path}/buffer_size_kb`, "4");
    const losses: [number, string][] = [];
    const files = openProcFiles("/proc");
    const uptime = () => parseFloat(textOf("/proc/uptime")) * 1000;
    const source = openTracefs(tracing.path, files, uptime, {
      dropped: (count, reason) => losses.push([count, reason]),
    });
    await new Deno.Command("sh", {
      args: ["-c", "i=0; while [ $i -lt 300 ]; do /bin/true; i=$((i+1)); done"],
    }).output();
    const last = new Deno.Command("/bin/sh", { args: ["-c", "exit 0"] }).spawn();
    await last.status;
    let told = 0;
    for (let isOver = false; !isOver;) {
      const happenings = await source.next();
      told += happenings.length;
      isOver = happenings.some(({ type, pid }) => type === "exit" && pid === last.pid);
    }
    const lost = losses.reduce((sum, [count]) => sum + count, 0);
    assert(lost > 300, `${lost} lost, ${told} told`);
    assertEquals(
      new Set(losses.map(([, reason]) => reason)),
      new Set(["the kernel's buffer of events was full"]),
    );
    source.close();
    // What still waits for a record is let go by one more.
    const waiting = source.next().catch(() => []);
    await new Deno.Command("true").output();
    await waiting;
  } finally {
    await tracing.close();
  }
});
