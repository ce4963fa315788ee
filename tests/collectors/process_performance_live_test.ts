import { assert, assertEquals } from "@std/assert";
import { openCollectors } from "../../collectors/mod.ts";
import { performanceSources } from "../../collectors/perfmond/sources.ts";
import { process_performance } from "../../profiles/process_performance.ts";
import { collectedColumns } from "../../schema/columns.ts";
import type { ConfinementPolicy } from "../../model/collection.ts";
import {
  canConfine,
  drain,
  has,
  isLinux,
  type ReadRow,
  run,
  testWith,
  textOf,
  until,
} from "./support.ts";

const needs = { Linux: isLinux };
const ALL = collectedColumns(process_performance, "linux").map(({ name }) => name);

async function collectAll(policy: ConfinementPolicy = "preferred", project = ALL) {
  await using collectors = await openCollectors({ platform: "linux", policy });
  const { rows, outcome } = await drain(
    collectors.collect({ table: "process_performance", project, deadline: 120_000 }),
  );
  const byPid = new Map(rows.map((row) => [row.values.pid, row]));
  return { rows, outcome, byPid, reports: collectors.reports() };
}

Deno.test("every column of process_performance has a source", () => {
  assertEquals(
    Object.keys(performanceSources).sort(),
    ALL.filter((name) => name !== "platform_data").sort(),
  );
});

/** Programs that use a processor, and write, until they are ended. */
const BUSY = ["-c", "while :; do :; done"];
const WRITING = [
  "-c",
  'while :; do dd if=/dev/zero of="$0" bs=1M count=4 conv=fsync 2> /dev/null; done',
];

testWith(needs, "every column is there for some process, or is said never to be", async () => {
  await using _busy = run("sh", BUSY);
  const { rows, outcome } = await collectAll();
  assertEquals(outcome, { status: "complete" });
  const lacks = (path: string) => {
    try {
      return [...Deno.readDirSync(path)].length === 0;
    } catch {
      return true;
    }
  };
  const waiting = textOf("/proc/sys/kernel/task_delayacct").trim() !== "1";
  /** What this host has nothing of, as far as can be told without the code under test. */
  const lacking: Readonly<Record<string, boolean>> = {
    io_wait_time: waiting,
    io_wait: waiting,
    cpu_idle_time: waiting,
    container_id: true,
    thermal_state: lacks("/sys/class/thermal"),
    cpu_temperature: lacks("/sys/class/thermal") && lacks("/sys/class/hwmon"),
    power_usage: lacks("/sys/class/powercap"),
    gpu_usage: lacks("/dev/dri"),
    gpu_memory_used: lacks("/dev/dri"),
  };
  for (const [column, source] of Object.entries(performanceSources)) {
    const isThere = rows.some(({ values }) => values[column] != null);
    const isMissing = rows.some(({ gaps }) => gaps[column] === "not_collected");
    if (typeof source !== "string") assertEquals([isThere, isMissing], [false, false], column);
    else if (lacking[column]) console.log(`this host need not have ${column}`);
    else assert(isThere, `${column} is NULL everywhere`);
  }
});

testWith(
  { ...needs, namespaces: canConfine() },
  "all of it can be read in an empty root",
  async () => {
    await using busy = run("sh", BUSY);
    const { byPid, outcome, reports } = await collectAll("required");
    assertEquals(outcome, { status: "complete" });
    assertEquals(reports.map(({ name, confinement }) => [name, confinement]), [
      ["perfmond", "namespaces"],
    ]);
    const { values, gaps } = byPid.get(busy.pid)!;
    assertEquals(gaps, {});
    const [group] = /^0::(.*)$/m.exec(textOf(`/proc/${busy.pid}/cgroup`))?.slice(1) ?? [];
    const stalls = ["/sys/fs/cgroup/unified", "/sys/fs/cgroup"]
      .map((mount) => textOf(`${mount}${group}/cpu.pressure`)).find((text) => text !== "");
    if (stalls === undefined) console.log("this host tells of no pressure");
    else {
      const { pressure } = JSON.parse(values.platform_data as string);
      assert(pressure.cpu.some >= 0 && pressure.cpu.some <= 100, JSON.stringify(pressure));
    }
    assert((values.cpu_usage_percent as number) > 0);
  },
);

testWith(
  needs,
  "processes that end while they are read are left out, and nothing fails",
  async () => {
    await using _burst = run("sh", ["-c", "while :; do /bin/true & /bin/true & /bin/true; done"]);
    await using collectors = await openCollectors({ platform: "linux", policy: "preferred" });
    for (let scan = 0; scan < 4; scan++) {
      const { rows, outcome } = await drain(
        collectors.collect({ table: "process_performance", project: ALL, deadline: 60_000 }),
      );
      assertEquals(outcome, { status: "complete" });
      assertEquals(new Set(rows.map(({ values }) => values.process_key)).size, rows.length);
      for (const { values, gaps } of rows) {
        assert(typeof values.cpu_time_total === "number", JSON.stringify(values));
        assert(!Object.values(gaps).some((reason) => reason === "deadline" || reason === "budget"));
        const share = values.cpu_usage_percent;
        assert(share === null || (share as number) >= 0, JSON.stringify(values));
      }
    }
    assert(collectors.reports().every(({ dropped }) => dropped === 0));
  },
);

testWith(needs, "one reading tells what a busy process and an idle one use", async () => {
  await using busy = run("sh", BUSY);
  await using idle = run("sleep", ["60"]);
  await until("it sleeps", () => textOf(`/proc/${idle.pid}/comm`).trim() === "sleep");
  const { byPid } = await collectAll();
  const [one, other] = [byPid.get(busy.pid)!, byPid.get(idle.pid)!];
  const cpu = one.values.cpu_usage_percent as number;
  assert(cpu > 2 && cpu <= 110, `${cpu}`);
  assertEquals([other.values.cpu_usage_percent, other.values.disk_write_speed], [0, 0]);
});

testWith(needs, "the speed of a process that writes is as its counter says", async () => {
  const file = await Deno.makeTempFile({ dir: "/var/tmp" });
  // A shell's own counter gains what its children had when they end.
  await using writer = run("sh", [...WRITING, file]);
  await using collectors = await openCollectors({ platform: "linux", policy: "preferred" });
  const read = async () => {
    const started = performance.now();
    const { rows } = await drain(collectors.collect({
      table: "process_performance",
      project: ["pid", "disk_write_bytes", "disk_write_speed", "disk_usage_percent"],
      deadline: 60_000,
    }));
    const { values } = rows.find(({ values }) => values.pid === writer.pid)!;
    return { values, ended: performance.now(), started };
  };
  const first = await read();
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const second = await read();
  await Deno.remove(file);
  const written = (second.values.disk_write_bytes as number) -
    (first.values.disk_write_bytes as number);
  if (written === 0) return console.log("ignored: this file system's writes are not counted");
  const speed = second.values.disk_write_speed as number;
  const least = 1000 * written / (second.ended - first.started);
  const most = 1000 * written / (second.started - first.ended);
  assert(speed >= least && speed <= most, `${least} ${speed} ${most}`);
  const share = second.values.disk_usage_percent as number;
  assert(share > 0 && share <= 100, `${share}`);
});

/** Lines of a program's output, split at white space, by a pid in one of the columns. */
function table(program: string, args: readonly string[], at: number): Map<number, string[]> {
  const { stdout } = new Deno.Command(program, { args: [...args], env: { LC_ALL: "C" } })
    .outputSync();
  const lines = new TextDecoder().decode(stdout).split("\n").map((line) => line.trim().split(/ +/));
  return new Map(
    lines.filter((words) => /^\d+$/.test(words[at] ?? "")).map((words) => [
      Number(words[at]),
      words,
    ]),
  );
}

testWith(
  { ...needs, ps: has("ps") },
  "the same as ps shows, for everything that does not change",
  async () => {
    await using idle = run("nice", ["-n", "5", "sleep", "60"]);
    await until("it sleeps", () => textOf(`/proc/${idle.pid}/comm`).trim() === "sleep");
    const { byPid } = await collectAll();
    const fields = "pid=,rss=,vsz=,nlwp=,ni=,min_flt=,maj_flt=,comm=";
    const [, rss, vsz, threads, nice, minor, major, name] = table(
      "ps",
      ["-o", fields, "-p", `${idle.pid}`],
      0,
    ).get(idle.pid)!;
    const { values } = byPid.get(idle.pid)!;
    assertEquals([
      values.memory_rss,
      values.memory_vms,
      values.thread_count,
      values.nice_value,
      values.page_faults,
      values.process_name,
    ], [
      1024 * Number(rss),
      1024 * Number(vsz),
      Number(threads),
      Number(nice),
      Number(minor) + Number(major),
      name,
    ]);
    assertEquals(values.working_set, values.memory_rss);
    assert((values.memory_peak as number) >= (values.memory_rss as number));
    assertEquals(
      (values.memory_shared as number) + (values.memory_private as number),
      values.memory_rss,
    );
  },
);

/** Whether a program says what it is; those that are asked here do not know --version. */
function succeeds(program: string, flag: string): boolean {
  try {
    return new Deno.Command(program, { args: [flag], stdout: "null", stderr: "null" })
      .outputSync().success;
  } catch {
    return false;
  }
}

testWith(
  {
    ...needs,
    "pidstat (sysstat)": succeeds("pidstat", "-V"),
    top: succeeds("top", "-v"),
    perl: has("perl"),
  },
  "the same shares as pidstat and top show for a process held to half of a processor",
  async () => {
    // Runs for 50 ms of each 100, so that what it uses does not depend on who looks.
    const script =
      "use Time::HiRes qw(time sleep); while (1) { my $end = time + 0.05; 1 while time < $end; sleep 0.05 }";
    await using half = run("perl", ["-e", script]);
    await until("it runs", () => textOf(`/proc/${half.pid}/comm`).trim() === "perl");
    await using collectors = await openCollectors({ platform: "linux", policy: "preferred" });
    const project = ["pid", "cpu_usage_percent", "cpu_time_total", "context_switches", "priority"];
    const read = async (): Promise<ReadRow> => {
      const { rows } = await drain(
        collectors.collect({ table: "process_performance", project, deadline: 60_000 }),
      );
      return rows.find(({ values }) => values.pid === half.pid)!;
    };
    const decoder = new TextDecoder();
    const lines = ({ stdout }: Deno.CommandOutput) =>
      decoder.decode(stdout).split("\n").map((line) => line.trim().split(/ +/));
    /** The share and the priority that we tell, and those that pidstat and top tell of the same three seconds. */
    const look = async () => {
      await read();
      const env = { LC_ALL: "C" };
      const pid = `${half.pid}`;
      const pidstat = new Deno.Command("pidstat", {
        args: ["-u", "-h", "-p", pid, "3", "1"],
        env,
      }).output();
      const top = new Deno.Command("top", { args: ["-b", "-n", "2", "-d", "3", "-p", pid], env })
        .output();
      await new Promise((resolve) => setTimeout(resolve, 3000));
      const { values } = await read();
      // … %CPU, CPU, Command
      const first = lines(await pidstat).findLast((words) => words.at(-1) === "perl")!.at(-3);
      // PID USER PR NI VIRT RES SHR S %CPU …
      const second = lines(await top).findLast((words) => words[0] === pid)!;
      assertEquals(values.priority, Number(second[2]));
      const share = values.cpu_usage_percent as number;
      return [share, Number(first), Number(second[8])] as const;
    };
    // Their three seconds begin a little later than ours, which shows where others take the processor in turns.
    for (let tries = 1;; tries++) {
      const [ours, pidstat, top] = await look();
      const isNear = Math.abs(ours - pidstat) <= 10 && Math.abs(ours - top) <= 10;
      if (isNear) break;
      assert(tries < 12, `${ours}, not ${pidstat} or ${top}`);
    }
  },
);
