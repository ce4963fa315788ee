import { assert, assertEquals } from "@std/assert";
import {
  collectProcesses,
  drain,
  has,
  isLinux,
  isRoot,
  run,
  testWith,
  textOf,
  toRows,
  UNHASHED,
  until,
} from "./support.ts";
import { openCollectors } from "../../collectors/mod.ts";

const needs = { Linux: isLinux };

testWith(
  needs,
  "a name may hold an escape sequence, parentheses, a line break and broken UTF-8",
  async () => {
    const folder = await Deno.makeTempDir();
    const names = ["\x1b[31m) S 1 1", "a\nUid:\t0\t0", ") Z 0 0 ((", "é".repeat(7) + "xé"];
    await using stack = new AsyncDisposableStack();
    const children: Deno.ChildProcess[] = [];
    for (const name of names) {
      await Deno.copyFile("/bin/sleep", `${folder}/${name}`);
      await Deno.chmod(`${folder}/${name}`, 0o755);
      children.push(stack.use(run(`${folder}/${name}`, ["60"])));
    }
    await until(
      "all run",
      () =>
        children.every(({ pid }) =>
          textOf(`/proc/${pid}/comm`).length > 3 && !textOf(`/proc/${pid}/comm`).startsWith("deno")
        ),
    );
    const { byPid, outcome } = await collectProcesses();
    assertEquals(outcome, { status: "complete" });
    const rows = children.map(({ pid }) => byPid.get(pid)!.values);
    // The kernel keeps 15 bytes; the last name is cut within a character.
    assertEquals(
      rows.map(({ name }) => name),
      [...names.slice(0, 3), "é".repeat(7) + "x"].map((name) => name.slice(0, 15)),
    );
    for (const [index, { ppid, executable_path, state, user_id }] of rows.entries()) {
      assertEquals([ppid, state, user_id], [Deno.pid, "sleeping", Deno.uid()]);
      assertEquals(executable_path, `${folder}/${names[index]}`);
    }
    await Deno.remove(folder, { recursive: true });
  },
);

testWith(needs, "a command line of 2 MB survives whole", async () => {
  const args = Array.from(
    { length: 16 },
    (_, index) => `${index}`.repeat(60_000 / `${index}`.length) + "\x07ü",
  );
  await using child = run("sh", ["-c", "sleep 60; :", ...args], {
    clearEnv: true,
    env: { PATH: "/usr/bin:/bin" },
  });
  await until("it runs", () => textOf(`/proc/${child.pid}/cmdline`).length > 900_000);
  const { byPid, rows, outcome } = await collectProcesses();
  assertEquals(outcome, { status: "complete" });
  const { values } = byPid.get(child.pid)!;
  assertEquals(JSON.parse(values.arguments as string).slice(3), args);
  assertEquals((values.command_line as string).endsWith(args.join(" ")), true);
  const sleeper = rows.find(({ values }) => values.ppid === child.pid)!;
  assertEquals(sleeper.values.parent_command_line, values.command_line);
});

testWith(
  needs,
  "a row that fits into no message loses its longest values, not itself",
  async () => {
    const args = Array.from({ length: 15 }, () => "\x01".repeat(120_000));
    await using child = run("sh", ["-c", "sleep 60; :", ...args], {
      clearEnv: true,
      env: { PATH: "/usr/bin:/bin" },
    });
    await until("it runs", () => textOf(`/proc/${child.pid}/cmdline`).length > 1_700_000);
    const { byPid, outcome } = await collectProcesses();
    assertEquals(outcome, { status: "complete" });
    const { values, gaps } = byPid.get(child.pid)!;
    assertEquals([values.arguments, gaps.arguments], [null, "budget"]);
    assertEquals(String(values.command_line).endsWith(args.join(" ")), true);
  },
);

testWith(
  needs,
  "processes that end while they are read are left out, and nothing fails",
  async () => {
    await using _burst = run("sh", [
      "-c",
      "while :; do /bin/true & /bin/true & /bin/true & /bin/true; done",
    ]);
    await using collectors = await openCollectors({ platform: "linux", policy: "preferred" });
    for (let scan = 0; scan < 10; scan++) {
      const { rows, outcome } = await drain(
        collectors.collect({ table: "processes", project: UNHASHED, deadline: 60_000 }),
      );
      assertEquals(outcome, { status: "complete" });
      for (const { values, gaps } of rows) {
        assert(
          typeof values.process_key === "string" && typeof values.start_time === "number",
          JSON.stringify(values),
        );
        assert(
          !Object.values(gaps).includes("deadline") && !Object.values(gaps).includes("budget"),
        );
        if (values.executable_path === null && values.accessible) {
          assert(
            values.kernel_thread || values.memory_vms === 0,
            JSON.stringify(values),
          );
        }
      }
      assertEquals(new Set(rows.map(({ values }) => values.process_key)).size, rows.length);
    }
    assert(collectors.reports().every(({ dropped }) => dropped === 0));
  },
);

testWith(needs, "a zombie is a row without a program", async () => {
  await using parent = run("sh", ["-c", "/bin/true & exec sleep 60"]);
  await until("it is a zombie", () => zombieOf(parent.pid) !== undefined);
  const pid = zombieOf(parent.pid)!;
  const { byPid } = await collectProcesses();
  const { values, gaps } = byPid.get(pid)!;
  assertEquals([values.state, values.ppid], ["zombie", parent.pid]);
  // What is left of it, such as its I/O counters, is shown to root alone.
  if (isRoot) assertEquals(values.accessible, true);
  for (const column of ["executable_path", "command_line", "arguments", "environment_variables"]) {
    assertEquals([values[column], gaps[column]], [null, undefined], column);
  }
});

function zombieOf(parent: number): number | undefined {
  return textOf(`/proc/${parent}/task/${parent}/children`).trim().split(" ").map(Number)
    .find((pid) => / Z /.test(textOf(`/proc/${pid}/stat`)));
}

const LEADERLESS = `
import ctypes, threading, time, platform
threading.Thread(target=lambda: time.sleep(60)).start()
ctypes.CDLL(None).syscall({"x86_64": 60, "aarch64": 93}[platform.machine()], 0)
`;

testWith(
  { ...needs, python3: has("python3") },
  "a process whose first thread has ended does not hide its program",
  async () => {
    await using child = run("python3", ["-c", LEADERLESS, "visible"]);
    let pid = 0;
    await until("its first thread has ended", () => {
      pid = [
        child.pid,
        ...textOf(`/proc/${child.pid}/task/${child.pid}/children`).trim().split(" ").map(Number),
      ]
        .find((pid) => /^State:\tZ[^]*^Threads:\t2/m.test(textOf(`/proc/${pid}/status`))) ?? 0;
      return pid > 0;
    });
    const { byPid } = await collectProcesses({
      project: ["pid", "state", "command_line", "executable_path", "executable_hash"],
    });
    const { values } = byPid.get(pid)!;
    assertEquals(values.state, "zombie");
    assert(String(values.command_line).endsWith(" visible"), `${values.command_line}`);
    assert(String(values.executable_path).includes("python"));
    assertEquals(String(values.executable_hash).length, 64);
  },
);

testWith({ ...needs, perl: has("perl") }, "an empty first argument is an argument", async () => {
  await using child = run("perl", ["-e", 'exec {"/bin/sleep"} "", "60"']);
  await until("it sleeps", () => textOf(`/proc/${child.pid}/comm`).trim() === "sleep");
  const { byPid } = await collectProcesses();
  const { values } = byPid.get(child.pid)!;
  assertEquals([values.command_line, values.arguments], [" 60", '["","60"]']);
});

testWith(needs, "long command lines of many processes stay within a budget", async () => {
  const args = Array.from({ length: 15 }, () => "x".repeat(120_000));
  const script = "i=0; while [ $i -lt 150 ]; do sleep 60 & i=$((i+1)); done; wait";
  await using parent = run("setpriv", ["--pdeathsig", "KILL", "sh", "-c", script, ...args], {
    clearEnv: true,
    env: { PATH: "/usr/bin:/bin" },
  });
  const children = () =>
    textOf(`/proc/${parent.pid}/task/${parent.pid}/children`).trim().split(" ").map(Number);
  await until("all are there", () => children().length === 150);
  const pids = children();
  try {
    await using collectors = await openCollectors({ platform: "linux", policy: "preferred" });
    let [whole, missing] = [0, 0];
    const project = ["pid", "ppid", "parent_command_line"];
    const batches = collectors.collect({ table: "processes", project, deadline: 60_000 });
    for await (const batch of batches) {
      for (const { values, gaps } of toRows(batch)) {
        if (values.ppid !== parent.pid) continue;
        if (values.parent_command_line !== null) {
          assert(String(values.parent_command_line).length > 1_800_000);
          whole++;
        } else {
          assertEquals(gaps.parent_command_line, "budget");
          missing++;
        }
      }
    }
    assertEquals(whole + missing, 150);
    assert(whole > 100 && missing > 0, `${whole} whole, ${missing} missing`);
  } finally {
    for (const pid of pids) Deno.kill(pid, "SIGKILL");
  }
});

testWith(needs, "a deadline ends a collection with what there is", async () => {
  const { outcome } = await collectProcesses({ deadline: 1 });
  assert(outcome.status === "partial" || outcome.status === "unavailable", outcome.status);
  assert("reason" in outcome && outcome.reason.length > 5);
});

/** Processes that a crowd is made of; 10,000 with `CROWD=10000`. */
const CROWD = Number(Deno.env.get("CROWD") ?? 2000);

testWith(needs, "a crowd of processes is read whole, again and again", async () => {
  const script = `i=0; while [ $i -lt ${CROWD} ]; do sleep 300 & i=$((i+1)); done; wait`;
  await using parent = run("setpriv", ["--pdeathsig", "KILL", "sh", "-c", script]);
  const children = () =>
    textOf(`/proc/${parent.pid}/task/${parent.pid}/children`).trim().split(" ").map(Number);
  await until("all are there", () => children().length === CROWD, 60_000);
  const pids = children();
  try {
    await using collectors = await openCollectors({ platform: "linux", policy: "preferred" });
    for (let scan = 0; scan < 3; scan++) {
      const { rows, outcome } = await drain(
        collectors.collect({ table: "processes", project: UNHASHED, deadline: 120_000 }),
      );
      assertEquals(outcome, { status: "complete" });
      const found = rows.filter(({ values }) => values.ppid === parent.pid);
      assertEquals(found.map(({ values }) => values.pid), pids.toSorted((a, b) => a - b));
      assertEquals(new Set(rows.map(({ values }) => values.process_key)).size, rows.length);
    }
    const memory = Number(/^VmHWM:\s+(\d+)/m.exec(textOf(`/proc/${collectorOf()}/status`))?.[1]);
    assert(memory < 300_000, `${memory} kB`);
  } finally {
    for (const pid of pids) Deno.kill(pid, "SIGKILL");
  }
});

/** The process of the collector that this one has started. */
function collectorOf(): string | undefined {
  const isBelow = (pid: string): boolean => {
    const parent = /^PPid:\t(\d+)/m.exec(textOf(`/proc/${pid}/status`))?.[1];
    return parent === String(Deno.pid) ||
      (parent !== undefined && parent !== "0" && isBelow(parent));
  };
  return [...Deno.readDirSync("/proc")].map(({ name }) => name).find((pid) =>
    /^(deno|DenoMain)\n/.test(textOf(`/proc/${pid}/comm`)) &&
    textOf(`/proc/${pid}/cmdline`).includes("procmond/linux.ts") && isBelow(pid)
  );
}

const MANY_MAPPINGS = `
import ctypes, mmap, time
area = mmap.mmap(-1, 30000 * 8192, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
start = ctypes.addressof(ctypes.c_char.from_buffer(area))
libc = ctypes.CDLL(None)
for page in range(30000):
    libc.mprotect(ctypes.c_void_p(start + page * 8192), ctypes.c_size_t(4096), 1)
time.sleep(60)
`;

testWith(
  { ...needs, python3: has("python3") },
  "a process with tens of thousands of mappings costs its row no more than their columns",
  async () => {
    await using child = run("python3", ["-c", MANY_MAPPINGS]);
    const mappings = () => textOf(`/proc/${child.pid}/maps`).split("\n").length;
    await until("it has them", () => mappings() > 50_000, 60_000);
    const project = ["pid", "name", "memory_maps", "smaps", "smaps_rollup"];
    const { byPid, outcome } = await collectProcesses({ project, deadline: 120_000 });
    assertEquals(outcome, { status: "complete" });
    const { values, gaps } = byPid.get(child.pid)!;
    assert(String(values.name).startsWith("python"));
    assertEquals([values.smaps, gaps.smaps], [null, "budget"]);
    assert(JSON.parse(values.smaps_rollup as string).rss > 0);
    if (values.memory_maps === null) assertEquals(gaps.memory_maps, "budget");
    else assert(JSON.parse(values.memory_maps as string).length > 50_000);
    assert(byPid.get(Deno.pid)!.values.smaps !== null, "others are whole");
  },
);
