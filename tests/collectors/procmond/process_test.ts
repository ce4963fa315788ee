import { assertEquals } from "@std/assert";
import { Failure, type ProcFiles } from "../../../collectors/proc/files.ts";
import { createMemory, type Memory } from "../../../collectors/procmond/memory.ts";
import { readProcess } from "../../../collectors/procmond/process.ts";
import { createScan, type Scan } from "../../../collectors/procmond/scan.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

function stat(
  more: { comm?: string; state?: string; flags?: number; threads?: number; vsize?: number } = {},
): Uint8Array {
  const { comm = "sh", state = "S", flags = 0, threads = 1, vsize = 4096 } = more;
  return bytes(
    `7 (${comm}) ${state} 0 7 7 0 -1 ${flags} 0 0 0 0 20 30 0 0 20 0 ${threads} 0 100 ${vsize} 9 0\n`,
  );
}

const STATUS = bytes("Name:\tsh\nUid:\t1000\t0\t0\t0\nGid:\t5\t6\t6\t6\nVmRSS:\t8 kB\n");

/** Answers by path; a list is answered one by one, its last one for ever. */
type Tree = Readonly<
  Record<string, Uint8Array | string | Failure | (Uint8Array | string | Failure)[]>
>;

const RUNNING: Tree = {
  "7/stat": stat(),
  "7/status": STATUS,
  "7/cmdline": bytes("sh\0-c\0"),
  "7/environ": bytes("A=1\0"),
  "7/io": bytes("rchar: 1\nread_bytes: 2\nwrite_bytes: 3\n"),
  "7/cgroup": bytes("0::/\n"),
  "7/exe": "/bin/sh",
  "7/cwd": "/tmp",
  "7/root": "/",
};

/** Columns of each file and link, besides those that are read in any case. */
const PARTS = [
  "executable_path",
  "command_line",
  "environment_variables",
  "disk_usage",
  "working_directory",
  "root_directory",
  "cgroup",
];

function scanOf(
  tree: Tree,
  project: readonly string[] = ["pid", "name", ...PARTS],
  memory: Memory = createMemory(),
  paths: string[] = [],
): Scan {
  const counts = new Map<string, number>();
  const answer = (path: string) => {
    const given = tree[path] ?? Failure.GONE;
    if (!Array.isArray(given)) return given;
    const count = counts.get(path) ?? 0;
    counts.set(path, count + 1);
    return given[Math.min(count, given.length - 1)]!;
  };
  const files: ProcFiles = {
    root: "/nowhere",
    read: (path) => (paths.push(path), answer(path) as Uint8Array | Failure),
    readPieces: (path) => answer(path) as Uint8Array | Failure,
    link: (path) => (paths.push(path), answer(path) as string | Failure),
  };
  const host = {
    bootId: "boot",
    bootTime: 1_000_000,
    uptime: () => 11_000,
    users: new Map([[1000, "ann"]]),
  };
  return createScan(project, files, host, memory);
}

Deno.test("readProcess() reads a process", () => {
  const { row, gaps } = readProcess(scanOf(RUNNING), 7)!;
  assertEquals(gaps, {});
  assertEquals(row, {
    pid: 7,
    ppid: 0,
    process_key: "boot:7:100",
    parent_key: null,
    name: "sh",
    executable_path: "/bin/sh",
    executable_deleted: false,
    command_line: "sh -c",
    arguments: '["sh","-c"]',
    state: "sleeping",
    kernel_thread: false,
    cpu_usage: 5,
    accumulated_cpu_time: 500,
    memory_rss: 8192,
    memory_vms: 4096,
    start_time: 1_001_000,
    run_time: 10,
    user_id: 1000,
    effective_user_id: 0,
    user_name: "ann",
    group_id: 5,
    effective_group_id: 6,
    working_directory: "/tmp",
    root_directory: "/",
    environment_variables: '{"A":"1"}',
    disk_usage: '{"read_bytes":2,"write_bytes":3}',
    thread_count: 1,
    priority: 20,
    nice_value: 0,
    session_id: 7,
    parent_process: null,
    parent_executable_path: null,
    parent_command_line: null,
    container_id: null,
    cgroup: '[{"hierarchy":0,"controllers":[],"path":"/"}]',
    accessible: true,
  });
});

Deno.test("readProcess() leaves out a process that ends while it is read", () => {
  assertEquals(readProcess(scanOf({ ...RUNNING, "7/stat": Failure.GONE }), 7), undefined);
  assertEquals(readProcess(scanOf({ ...RUNNING, "7/status": Failure.GONE }), 7), undefined);
  const ends = scanOf({ ...RUNNING, "7/stat": [stat(), Failure.GONE], "7/exe": Failure.GONE });
  assertEquals(readProcess(ends, 7), undefined);
});

Deno.test("readProcess() reads what has become a zombie meanwhile as one", () => {
  for (const gone of ["7/exe", "7/cmdline", "7/environ", "7/cwd", "7/io"]) {
    const zombie = stat({ state: "Z", vsize: 0 });
    const { row, gaps } = readProcess(
      scanOf({ ...RUNNING, "7/stat": [stat(), zombie], [gone]: Failure.GONE }),
      7,
    )!;
    assertEquals([row.state, row.executable_path, row.command_line, row.environment_variables], [
      "zombie",
      null,
      null,
      null,
    ]);
    assertEquals([gaps, row.accessible], [{}, true]);
  }
});

Deno.test("readProcess() does not take the arguments of a process that is ending for none", () => {
  const ending = [stat(), stat({ state: "D", vsize: 0 })];
  const { row } = readProcess(scanOf({ ...RUNNING, "7/stat": ending, "7/cmdline": bytes("") }), 7)!;
  assertEquals([row.command_line, row.arguments], [null, null]);
  const cleared = readProcess(scanOf({ ...RUNNING, "7/cmdline": bytes("") }), 7)!;
  assertEquals([cleared.row.command_line, cleared.row.arguments], ["", "[]"]);
});

Deno.test("readProcess() says what a running program has lacked twice", () => {
  const { row, gaps } = readProcess(scanOf({ ...RUNNING, "7/exe": Failure.GONE }), 7)!;
  assertEquals(row.executable_path, null);
  assertEquals(gaps, { executable_path: "not_collected", executable_deleted: "not_collected" });
});

Deno.test("readProcess() says what is denied, and what is too much", () => {
  const { row, gaps } = readProcess(
    scanOf({
      ...RUNNING,
      "7/exe": Failure.DENIED,
      "7/environ": Failure.TOO_BIG,
      "7/io": Failure.DENIED,
    }),
    7,
  )!;
  assertEquals([row.executable_path, row.environment_variables, row.disk_usage, row.accessible], [
    null,
    null,
    null,
    false,
  ]);
  assertEquals(gaps, {
    executable_path: "denied",
    executable_deleted: "denied",
    environment_variables: "budget",
    disk_usage: "denied",
  });
});

Deno.test("readProcess() keeps a process that the kernel tells nothing of", () => {
  const { row, gaps } = readProcess(scanOf({ "7/stat": Failure.DENIED }), 7)!;
  assertEquals(row, { pid: 7, accessible: false });
  assertEquals([gaps!.name, gaps!.command_line], ["denied", "denied"]);
});

Deno.test("readProcess() reads no program of a kernel thread", () => {
  const thread = stat({ flags: 0x0020_8040, vsize: 0 });
  const { row, gaps } = readProcess(
    scanOf({ ...RUNNING, "7/stat": thread, "7/exe": Failure.GONE }),
    7,
  )!;
  assertEquals([
    row.kernel_thread,
    row.executable_path,
    row.command_line,
    row.environment_variables,
  ], [true, null, null, null]);
  assertEquals(gaps, {});
});

Deno.test("readProcess() reads only what is asked for", () => {
  const { row } = readProcess(scanOf({ "7/stat": stat(), "7/status": STATUS }, ["pid"]), 7)!;
  const unread = Object.keys(row).filter((column) => row[column] === undefined);
  assertEquals(unread.length, 12);
  assertEquals([row.pid, row.user_name], [7, "ann"]);
});

Deno.test("readProcess() takes only a parent that is older than its child", () => {
  const child = (ticks: number) =>
    bytes(`7 (sh) S 5 7 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 ${ticks} 4096 9 0\n`);
  const parent = bytes("5 (init) S 0 5 5 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 60 4096 9 0\n");
  const tree = {
    ...RUNNING,
    "5/stat": parent,
    "5/exe": "/sbin/init (deleted)",
    "5/cmdline": bytes("init\0"),
  };
  const { row } = readProcess(scanOf({ ...tree, "7/stat": child(60) }), 7)!;
  assertEquals(
    [row.parent_key, row.parent_process, row.parent_executable_path, row.parent_command_line],
    ["boot:5:60", "init", "/sbin/init", "init"],
  );
  const orphan = readProcess(scanOf({ ...tree, "7/stat": child(59) }), 7)!;
  assertEquals([orphan.row.ppid, orphan.row.parent_key, orphan.row.parent_process], [
    5,
    null,
    null,
  ]);
});

/** A process that rests below one that lives, by the files that tell of its rest. */
function resting(more: Tree = {}): Tree {
  return {
    ...RUNNING,
    "7/stat": bytes("7 (sh) S 5 7 7 0 -1 0 0 0 0 0 20 30 0 0 20 0 1 0 100 4096 9 0\n"),
    "7/status": bytes(`${new TextDecoder().decode(STATUS)}${SWITCHES}`),
    "7/schedstat": bytes("100 20 3\n"),
    "5/stat": bytes("5 (init) S 0 5 5 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 60 4096 9 0\n"),
    "5/status": bytes(`Name:\tinit\n${SWITCHES}`),
    "5/exe": "/sbin/init",
    "5/cmdline": bytes("init\0"),
    ...more,
  };
}

const SWITCHES = "voluntary_ctxt_switches:\t4\nnonvoluntary_ctxt_switches:\t1\n";

Deno.test("readProcess() reads of a process that rests ever less", () => {
  const memory = createMemory();
  const read = (tree: Tree, project?: readonly string[]) => {
    const paths: string[] = [];
    const { row } = readProcess(scanOf(tree, project, memory, paths), 7)!;
    return { row, own: paths.filter((path) => path.startsWith("7/")).sort() };
  };
  const first = read(resting());
  assertEquals(first.own.length, 9);
  const second = read(resting());
  assertEquals(second.own, ["7/exe", "7/schedstat", "7/stat", "7/status"]);
  const third = read(resting({ "7/exe": "/bin/sh (deleted)" }));
  assertEquals(third.own, ["7/exe", "7/schedstat"]);
  assertEquals(second.row, first.row);
  assertEquals({ ...third.row, executable_deleted: false }, first.row);
  assertEquals(third.row.executable_deleted, true);
  // What was not asked for before is read now.
  assertEquals(read(resting({ "7/limits": bytes("") }), ["limits", "cgroup"]).own, [
    "7/limits",
    "7/schedstat",
  ]);
});

Deno.test("readProcess() reads one link for all that rest and ran one file in the scan before", () => {
  const memory = createMemory();
  const read = (more: Tree = {}) => {
    const paths: string[] = [];
    const twins = Object.entries(resting())
      .map(([path, content]) => [path.replace(/^7/, "8"), content]);
    const scan = scanOf(
      { ...Object.fromEntries(twins), ...resting(more) },
      undefined,
      memory,
      paths,
    );
    const rows = [7, 8].map((pid) => readProcess(scan, pid)!.row);
    return { rows, links: paths.filter((path) => /[78]\/exe/.test(path)) };
  };
  const deleted = "/bin/sh (deleted)";
  assertEquals(read().links, ["7/exe", "8/exe"]);
  assertEquals(read().links, ["7/exe"]);
  const third = read({ "8/exe": "/nowhere" });
  assertEquals([third.links, third.rows[1]!.executable_path], [["7/exe"], "/bin/sh"]);
  const fourth = read({ "7/exe": deleted, "8/exe": deleted });
  assertEquals(fourth.rows.map((row) => row.executable_deleted), [true, true]);
  // A name that is used again is another file.
  assertEquals(read({ "8/exe": deleted }).links, ["7/exe", "8/exe"]);
  const exec = read({ "7/schedstat": bytes("101 20 4\n"), "8/exe": deleted });
  assertEquals(exec.rows.map((row) => row.executable_deleted), [false, true]);
});

Deno.test("readProcess() reads all of a process again that has run, or has another parent", () => {
  const scan = (memory: Memory, tree: Tree) => readProcess(scanOf(tree, undefined, memory), 7)!.row;
  const rewritten = { "7/cmdline": bytes("[kworker/0:1]\0"), "7/cwd": "/" };
  const ran = {
    ...rewritten,
    "7/schedstat": bytes("101 20 4\n"),
    "7/status": bytes(`${new TextDecoder().decode(STATUS)}${SWITCHES.replace("4", "5")}`),
  };
  const orphan = {
    "7/stat": bytes("7 (sh) S 1 7 7 0 -1 0 0 0 0 0 20 30 0 0 20 0 1 0 100 4096 9 0\n"),
    "5/stat": Failure.GONE,
    "1/stat": bytes("1 (init) S 0 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 1 4096 9 0\n"),
  };
  const memory = createMemory();
  for (let scans = 0; scans < 3; scans++) scan(memory, resting());
  assertEquals(scan(memory, resting(rewritten)).command_line, "sh -c", "it cannot have done it");
  assertEquals(scan(memory, resting(ran)).command_line, "[kworker/0:1]");
  for (let scans = 0; scans < 3; scans++) scan(memory, resting());
  assertEquals(scan(memory, resting(orphan)).ppid, 1);
});
