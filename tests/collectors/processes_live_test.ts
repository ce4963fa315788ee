import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { strongestMeans } from "../../collectors/core/means.ts";
import { processes } from "../../profiles/processes.ts";
import { collectedColumns } from "../../schema/columns.ts";
import { isJsonText } from "../../schema/json.ts";
import {
  canConfine,
  collectProcesses,
  has,
  isLinux,
  isRoot,
  linkOf,
  type ReadRow,
  run,
  testWith,
  textOf,
  until,
} from "./support.ts";

const needs = { Linux: isLinux };

/** What ps says, by pid, of processes that say the same before and after. */
function ps(columns: readonly string[]): Map<number, string[]> {
  const args = ["-ww", "-eo", columns.map((column) => `${column}:40=`).join(",")];
  const { stdout } = new Deno.Command("ps", { args }).outputSync();
  const lines = new TextDecoder().decode(stdout).split("\n").filter((line) => line.trim() !== "");
  return new Map(lines.map((line) => {
    const cells = columns.map((_, index) => line.slice(41 * index, 41 * index + 40).trim());
    return [Number(cells[0]), cells];
  }));
}

testWith(
  { ...needs, ps: has("ps") },
  "the same processes as ps has, with the same values",
  async () => {
    const columns = [
      "pid",
      "ppid",
      "ruid",
      "euid",
      "rgid",
      "egid",
      "ni",
      "nlwp",
      "sess",
      "vsz",
      "lstart",
      "comm",
    ];
    const before = ps(columns);
    const { byPid, outcome } = await collectProcesses();
    const after = ps(columns);
    assertEquals(outcome, { status: "complete" });

    const steady = [...before].filter(([pid, cells]) => cells.join() === after.get(pid)?.join());
    assert(steady.length >= 3, "some processes lasted");
    for (
      const [pid, [, ppid, ruid, euid, rgid, egid, ni, nlwp, sess, vsz, lstart, comm]] of steady
    ) {
      const row = byPid.get(pid);
      assert(row, `process ${pid} is there`);
      const { values } = row;
      assertEquals(
        [
          values.ppid,
          values.user_id,
          values.effective_user_id,
          values.group_id,
          values.effective_group_id,
        ],
        // ps shows ids from 2^31 on as negative numbers.
        [ppid, ruid, euid, rgid, egid].map((id) => Number(id) >>> 0),
      );
      // What is not shared by all classes of scheduling, ps shows as a dash.
      if (ni !== "-") assertEquals(values.nice_value, Number(ni));
      assertEquals(values.session_id, Number(sess));
      // Programs with several threads start and end some between two looks.
      if (nlwp === "1") {
        assertEquals(values.thread_count, 1);
        assertEquals(Number(values.memory_vms), 1024 * Number(vsz));
      }
      assertAlmostEquals(values.start_time as number, Date.parse(lstart!), 2000);
      if (/^[\w.:/@-]+$/.test(comm!) && !values.kernel_thread) assertEquals(values.name, comm);
    }
    const unknown = [...byPid.keys()].filter((pid) =>
      !before.has(pid as number) && !after.has(pid as number)
    );
    assert(unknown.length < 50, "what ps has seen neither before nor after is short-lived");
  },
);

testWith(needs, "every column of a process that does what it was told to", async () => {
  const folder = await Deno.makeTempDir();
  await using sleeper = run("sleep", ["60"], {
    cwd: folder,
    clearEnv: true,
    env: { PATH: "/usr/bin:/bin", A: "b" },
  });
  await until("it runs", () => /sleep|coreutils/.test(linkOf(`/proc/${sleeper.pid}/exe`)));
  // The arguments are in place a moment after the program.
  await until("it has arguments", () => textOf(`/proc/${sleeper.pid}/cmdline`) !== "");
  const argv = textOf(`/proc/${sleeper.pid}/cmdline`).split("\0").slice(0, -1);
  const started = Date.now();
  const { byPid } = await collectProcesses();
  const { values, gaps } = byPid.get(sleeper.pid)!;
  const denied = Object.keys(gaps).filter((column) => gaps[column] === "denied");
  assertEquals(denied, []);
  assertEquals(values.ppid, Deno.pid);
  assertEquals(values.name, textOf(`/proc/${sleeper.pid}/comm`).trim());
  assertEquals(values.executable_path, linkOf(`/proc/${sleeper.pid}/exe`));
  assertEquals(values.executable_deleted, false);
  assertEquals(values.command_line, argv.join(" "));
  assertEquals(JSON.parse(values.arguments as string), argv);
  assertEquals(values.state, "sleeping");
  assertEquals([values.kernel_thread, values.accessible], [false, true]);
  assertEquals(values.working_directory, await Deno.realPath(folder));
  assertEquals(values.root_directory, "/");
  assertEquals(JSON.parse(values.environment_variables as string), {
    PATH: "/usr/bin:/bin",
    A: "b",
  });
  assertEquals(Object.keys(JSON.parse(values.disk_usage as string)), ["read_bytes", "write_bytes"]);
  assertEquals([values.thread_count, values.priority, values.nice_value], [1, 20, 0]);
  assertEquals(values.user_id, Deno.uid());
  if (isRoot) assertEquals(values.user_name, "root");
  assertAlmostEquals(values.start_time as number, started, 10_000);
  assert((values.run_time as number) < 60);
  assert((values.memory_rss as number) > 100_000 && (values.memory_vms as number) > 1_000_000);
  assert((values.cpu_usage as number) >= 0);
  assertEquals(values.parent_process, textOf(`/proc/${Deno.pid}/comm`).trim());
  assertEquals(values.parent_executable_path, Deno.execPath());
  assertEquals(values.parent_command_line, byPid.get(Deno.pid)!.values.command_line);
  assertEquals(values.parent_key, byPid.get(Deno.pid)!.values.process_key);
  const [bootId, pid, ticks] = String(values.process_key).split(":");
  assertEquals(bootId, textOf("/proc/sys/kernel/random/boot_id").trim());
  assertEquals([Number(pid), ticks], [
    sleeper.pid,
    textOf(`/proc/${sleeper.pid}/stat`).split(") ")[1]!.split(" ")[19],
  ]);
  await Deno.remove(folder, { recursive: true });
});

testWith(needs, "start times do not change from scan to scan", async () => {
  const [one, other] = [await collectProcesses(), await collectProcesses()];
  let compared = 0;
  for (const { values: { process_key, pid, start_time } } of one.rows) {
    const again = other.byPid.get(pid!)?.values;
    if (again?.process_key !== process_key) continue;
    assertEquals(again!.start_time, start_time);
    compared++;
  }
  assert(compared >= 3);
});

testWith(needs, "the collectors themselves are rows like all others", async () => {
  const { rows } = await collectProcesses();
  const own = rows.filter(({ values }) =>
    String(values.command_line).includes("collectors/procmond/linux.ts")
  );
  assert(own.length >= 1);
});

testWith(
  { ...needs, "kernel threads": textOf("/proc/2/comm").trim() === "kthreadd" },
  "kernel threads are told from programs that only look like them",
  async () => {
    const folder = await Deno.makeTempDir();
    await Deno.copyFile("/bin/sleep", `${folder}/kworker`);
    await Deno.chmod(`${folder}/kworker`, 0o755);
    await using imitation = run(`${folder}/kworker`, ["60"]);
    await until("it runs", () => textOf(`/proc/${imitation.pid}/comm`).trim() === "kworker");
    const { byPid, rows } = await collectProcesses();
    const { values, gaps } = byPid.get(2)!;
    assertEquals([values.kernel_thread, values.name], [true, "kthreadd"]);
    if (isRoot) assertEquals(values.accessible, true);
    for (
      const column of ["executable_path", "command_line", "arguments", "environment_variables"]
    ) {
      assertEquals([values[column], gaps[column]], [null, undefined], column);
    }
    assertEquals(byPid.get(imitation.pid)!.values.kernel_thread, false);
    assertEquals(byPid.get(imitation.pid)!.values.name, "kworker");
    for (const { values } of rows) {
      if (values.kernel_thread) assert(values.pid === 2 || values.ppid === 2, `${values.name}`);
    }
    await Deno.remove(folder, { recursive: true });
  },
);

testWith(
  needs,
  "only what is asked for is collected, and the rest is said to be missing",
  async () => {
    const { rows, reports } = await collectProcesses({
      project: ["pid", "command_line", "scan_id", "nonsense"],
    });
    const { values, gaps } = rows.at(-1)!;
    assert("command_line" in values && !("environment_variables" in values));
    for (
      const column of ["environment_variables", "executable_hash", "memory_maps", "container_id"]
    ) {
      assertEquals(gaps[column], "not_collected");
    }
    assertEquals(gaps.platform_data, undefined);
    assertEquals(reports.map(({ name }) => name), ["procmond"], "nothing had to be hashed");
  },
);

testWith(needs, "costly columns are read when they are asked for", async () => {
  const project = collectedColumns(processes, "linux").map(({ name }) => name);
  const { byPid, outcome } = await collectProcesses({ project });
  assertEquals(outcome, { status: "complete" });
  const { values }: ReadRow = byPid.get(Deno.pid)!;
  const json = (column: string) => JSON.parse(values[column] as string);
  assertEquals(json("namespaces").net, Number(/\d+/.exec(linkOf("/proc/self/ns/net"))![0]));
  assertEquals(
    json("limits").open_files.soft,
    Number(/^Max open files +(\d+)/m.exec(textOf("/proc/self/limits"))![1]),
  );
  assertEquals(
    json("file_descriptors").find(({ fd }: { fd: number }) => fd === 0).target,
    linkOf("/proc/self/fd/0"),
  );
  assert(json("memory_maps").some(({ path }: { path: string }) => path === Deno.execPath()));
  assertEquals(json("capabilities").effective.includes("CAP_SYS_ADMIN"), isRoot);
  assert(json("io_statistics").rchar > 0);
  assertEquals(values.oom_score_adj, Number(textOf("/proc/self/oom_score_adj")));
  for (const { name, type } of collectedColumns(processes, "linux")) {
    if (type !== "json" || typeof values[name] !== "string") continue;
    assert(isJsonText(values[name]), name);
  }
});

testWith({ ...needs, root: isRoot }, "confinement is part of the report", async () => {
  const { name, reason } = await strongestMeans();
  const confined = await collectProcesses();
  assertEquals(confined.reports[0]!.confinement, name === "namespaces" ? "namespaces" : "none");
  if (reason) assert(confined.reports[0]!.confinement_reason!.startsWith(reason));
  const open = await collectProcesses({ policy: "off" });
  assertEquals(open.reports[0]!.confinement, "none");
  assertEquals(Object.keys(confined.rows[0]!.values), Object.keys(open.rows[0]!.values));
});

testWith(
  { ...needs, "root that can make namespaces": canConfine() },
  "confinement costs no value",
  async () => {
    const stable = [
      "process_key",
      "executable_path",
      "command_line",
      "environment_variables",
      "working_directory",
      "root_directory",
      "user_name",
      "cgroup",
      "accessible",
      "executable_hash",
      "file_exists",
      "executable_deleted",
    ];
    const project = [...stable, "pid", "namespaces", "limits", "disk_usage"];
    await using sleeper = run("sleep", ["60"]);
    const [confined, open, again] = [
      await collectProcesses({ project }),
      await collectProcesses({ project, policy: "off" }),
      await collectProcesses({ project }),
    ];
    const pick = ({ values, gaps }: ReadRow) =>
      stable.map((column) => [column, values[column], gaps[column]]);
    let compared = 0;
    for (const row of confined.rows) {
      const other = open.byPid.get(row.values.pid!);
      if (other?.values.process_key !== row.values.process_key) continue;
      // A process that did anything meanwhile, such as an exec, shows other values anyway.
      const later = again.byPid.get(row.values.pid!);
      if (!later || JSON.stringify(pick(later)) !== JSON.stringify(pick(row))) continue;
      assertEquals(pick(row), pick(other!));
      compared++;
    }
    assert(compared >= 3 && confined.byPid.has(sleeper.pid));
  },
);
