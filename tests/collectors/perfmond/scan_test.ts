import { assert, assertEquals } from "@std/assert";
import type { Reading } from "../../../collectors/core/collector.ts";
import { createScans, INTERVAL } from "../../../collectors/perfmond/scan.ts";
import { performanceSources } from "../../../collectors/perfmond/sources.ts";
import { process_performance } from "../../../profiles/process_performance.ts";
import { collectedColumns } from "../../../schema/columns.ts";

const COLUMNS = collectedColumns(process_performance, "linux").map(({ name }) => name);

/** A folder that looks like a process tree whose host is 1,000 s old. */
async function fakeProc(): Promise<
  AsyncDisposable & {
    readonly root: string;
    put(pid: number, files: Readonly<Record<string, string>>): void;
    set(path: string, text: string): void;
  }
> {
  const root = await Deno.makeTempDir();
  const set = (path: string, text: string) => {
    Deno.mkdirSync(`${root}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    Deno.writeTextFileSync(`${root}/${path}`, text);
  };
  set("uptime", "1000.00 1\n");
  set("meminfo", "MemTotal:       1048576 kB\n");
  set("stat", "cpu  0 0 100 0 0 0 0 0 0 0\n");
  set("vmstat", "pgpgin 0\npgpgout 0\n");
  set("sys/kernel/random/boot_id", "boot\n");
  set("sys/kernel/task_delayacct", "1\n");
  return {
    root,
    set,
    put: (pid, files) => {
      for (const [name, text] of Object.entries(files)) set(`${pid}/${name}`, text);
    },
    [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }),
  };
}

interface Used {
  readonly cpu?: number;
  readonly start?: number;
  readonly waited?: number;
  readonly written?: number;
}

function filesOf({ cpu = 0, start = 100, waited = 0, written = 0 }: Used) {
  return {
    stat:
      `7 (x) S 1 7 7 0 -1 0 10 0 5 0 ${cpu} 0 0 0 20 0 1 0 ${start} 4096 9 0 1 1 1 0 0 0 0 0 0 0 0 0 17 0 0 0 ${waited} 0 0 1 2 3 4 5 6 7 0\n`,
    status:
      "Name:\tx\nVmRSS:\t1024 kB\nvoluntary_ctxt_switches:\t3\nnonvoluntary_ctxt_switches:\t4\n",
    io: `rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 4\nread_bytes: 0\nwrite_bytes: ${written}\n`,
    schedstat: "1000000000 2000000000 7\n",
    cgroup: "0::/a\n",
    "fd/0": "",
  };
}

async function rowsOf(
  readings: Promise<Iterable<Reading>>,
): Promise<ReadonlyMap<unknown, Reading>> {
  return new Map([...await readings].map((reading) => [reading.row.pid, reading]));
}

const soon = () => ({ deadline: performance.now() + 60_000 });

Deno.test("createScans() waits once for rates, and compares with the previous reading from then on", async () => {
  await using proc = await fakeProc();
  proc.put(7, filesOf({ cpu: 1000, waited: 20, written: 1000 }));
  const scans = createScans({ procRoot: proc.root });
  const started = performance.now();
  const first = scans({ project: COLUMNS }, soon());
  // The first sample is taken before the first wait.
  proc.put(7, filesOf({ cpu: 1050, waited: 70, written: 2_049_000 }));
  proc.set("vmstat", "pgpgin 2000\npgpgout 2000\n");
  const { row, gaps } = (await rowsOf(first)).get(7)!;
  const elapsed = performance.now() - started;
  assert(elapsed >= INTERVAL - 1);
  assertEquals(gaps, {});
  assertEquals([row.handle_count, row.gpu_usage, row.gpu_memory_used], [1, null, null]);
  // 500 ms of processor time in a second, more or less what reading takes.
  const cpu = row.cpu_usage_percent as number;
  assert(cpu >= 100 * 500 / elapsed && cpu < 500, `${cpu} in ${elapsed} ms`);
  assertEquals(row.io_wait, cpu);
  assert(Math.abs((row.disk_write_speed as number) / 2_048_000 * 50 - cpu) < 0.01);
  assertEquals([row.disk_usage_percent, row.disk_read_speed], [50, 0]);
  assertEquals(
    [row.process_key, row.context_switches, row.cpu_wait_time, row.io_wait_time, row.cgroup_id],
    ["boot:7:100", 7, 2, 0.7, "/a"],
  );
  assertEquals([row.memory_rss, row.memory_usage_percent], [2 ** 20, 100 / 1024]);
  assertEquals([row.cpu_time_total, row.page_faults], [10.5, 15]);
  // 999 s old: 10.5 s of work, 2 s of waiting for a processor, 0.7 s for storage.
  assert(Math.abs((row.cpu_idle_time as number) - (999 - 13.2)) < 60);

  const second = (await rowsOf(scans({ project: COLUMNS }, soon()))).get(7)!;
  assertEquals([second.row.cpu_usage_percent, second.row.disk_write_speed], [0, 0]);
});

Deno.test("createScans() does not take another process for the one that had its id", async () => {
  await using proc = await fakeProc();
  proc.put(7, filesOf({ cpu: 10, start: 100 }));
  proc.put(8, filesOf({ cpu: 90_000 }));
  const scans = createScans({ procRoot: proc.root });
  const first = scans({ project: ["cpu_usage_percent", "pid"] }, soon());
  proc.set("uptime", "1001.00 1\n");
  // It started when the host was 1,000 s old, after the first sample.
  proc.put(7, filesOf({ cpu: 100_000, start: 100_001 }));
  // Nobody can have started so early and not have been there.
  proc.put(9, filesOf({ cpu: 100 }));
  // A counter that goes back tells nothing.
  proc.put(8, filesOf({ cpu: 80_000 }));
  const rows = await rowsOf(first);
  const ofSeven = rows.get(7)!;
  assert((ofSeven.row.cpu_usage_percent as number) > 50_000, "all of it is since its start");
  assertEquals(ofSeven.gaps, {});
  for (const pid of [8, 9]) {
    const { row, gaps } = rows.get(pid)!;
    assertEquals([row.cpu_usage_percent, gaps], [
      undefined,
      { cpu_usage_percent: "not_collected" },
    ]);
  }
});

Deno.test("createScans() has gaps for rates that there is no time for, and reads the rest", async () => {
  await using proc = await fakeProc();
  proc.put(7, filesOf({ cpu: 10 }));
  const scans = createScans({ procRoot: proc.root });
  const wanted = { project: ["cpu_usage_percent", "disk_read_speed", "memory_rss"] };
  const { row, gaps } = (await rowsOf(scans(wanted, { deadline: performance.now() + 300 })))
    .get(7)!;
  assertEquals([row.memory_rss, gaps], [
    2 ** 20,
    { cpu_usage_percent: "deadline", disk_read_speed: "deadline" },
  ]);
});

Deno.test("createScans() does not wait where no rate is wanted", async () => {
  await using proc = await fakeProc();
  proc.put(7, filesOf({}));
  const scans = createScans({ procRoot: proc.root });
  const deadline = performance.now() + 300;
  const { gaps } = (await rowsOf(scans({ project: ["memory_rss"] }, { deadline }))).get(7)!;
  assertEquals(gaps, {});
});

Deno.test("createScans() leaves out what is cut off, and keeps what lacks a file", async () => {
  await using proc = await fakeProc();
  const whole = filesOf({});
  proc.put(7, { ...whole, stat: whole.stat.slice(0, 60) });
  proc.put(8, { ...whole, io: "read_bytes: \nwrite_bytes: 12", status: "Name:\tx\n" });
  proc.put(9, { stat: whole.stat, status: whole.status });
  const rows = await rowsOf(createScans({ procRoot: proc.root })({ project: COLUMNS }, soon()));
  assertEquals([...rows.keys()], [8, 9]);
  const { row, gaps } = rows.get(8)!;
  assertEquals([row.memory_rss, row.memory_peak, row.disk_read_bytes], [0, null, null]);
  assertEquals(gaps!.disk_read_speed, "not_collected");
  assertEquals(rows.get(9)!.gaps!.disk_read_bytes, "not_collected");
  assertEquals(rows.get(9)!.gaps!.cgroup_id, "not_collected");
});

Deno.test("createScans() leaves out a process that ends while it is read", async () => {
  await using proc = await fakeProc();
  proc.put(7, filesOf({}));
  proc.put(8, filesOf({}));
  const readings = await createScans({ procRoot: proc.root })({ project: ["pid"] }, soon());
  const pids = [];
  for (const { row } of readings) {
    pids.push(row.pid);
    Deno.removeSync(`${proc.root}/8`, { recursive: true });
  }
  assertEquals(pids, [7]);
});

Deno.test("columns that are never there are NULL without a gap, and no others", async () => {
  await using proc = await fakeProc();
  proc.put(7, filesOf({}));
  const { row, gaps } =
    (await rowsOf(createScans({ procRoot: proc.root })({ project: COLUMNS }, soon()))).get(7)!;
  for (const [column, source] of Object.entries(performanceSources)) {
    if (typeof source === "string") continue;
    assertEquals([row[column], gaps![column]], [null, undefined], column);
  }
});
