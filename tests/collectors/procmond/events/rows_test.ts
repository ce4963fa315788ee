import { assertEquals } from "@std/assert";
import type { Happening } from "../../../../collectors/procmond/events/happening.ts";
import { createEventRows } from "../../../../collectors/procmond/events/rows.ts";
import { openProcFiles } from "../../../../collectors/proc/files.ts";
import { process_events } from "../../../../profiles/process_events.ts";
import { collectedColumns } from "../../../../schema/columns.ts";

const BOOT = 1_000_000;
const HOST = {
  bootId: "boot",
  bootTime: BOOT,
  uptime: () => 20_000,
  users: new Map([[1000, "ann"]]),
};
const COLUMNS = collectedColumns(process_events, "linux").map(({ name }) => name);

/** A process tree that a test writes, and rows made of it. */
async function playground(project: readonly string[] = COLUMNS) {
  const root = await Deno.makeTempDir();
  const rows = createEventRows(project, openProcFiles(root), () => HOST);
  return {
    rows,
    /** Writes a process that runs `/bin/<name>`. */
    write(pid: number, more: {
      ppid?: number;
      name?: string;
      ticks?: number;
      state?: string;
      vsize?: number;
      uid?: number;
      exitCode?: number;
    } = {}) {
      const { ppid = 5, name = "sh", ticks = 100, state = "S", vsize = 4096 } = more;
      const { uid = 1000, exitCode = 0 } = more;
      const folder = `${root}/${pid}`;
      const fields = [
        ...[pid, `(${name})`, state, ppid, 7, 7, 0, -1, 0, 0, 0, 0, 0, 20, 30, 0, 0, 20, 0, 1],
        ...[0, ticks, vsize, 9, ...new Array(27).fill(0), exitCode],
      ];
      Deno.mkdirSync(folder, { recursive: true });
      Deno.writeTextFileSync(`${folder}/stat`, `${fields.join(" ")}\n`);
      Deno.writeTextFileSync(`${folder}/status`, `Name:\t${name}\nUid:\t${uid}\t${uid}\n`);
      Deno.writeTextFileSync(`${folder}/cgroup`, "0::/\n");
      Deno.writeTextFileSync(`${folder}/io`, "read_bytes: 0\nwrite_bytes: 0\n");
      if (vsize === 0) return;
      Deno.writeTextFileSync(`${folder}/cmdline`, `${name}\0-c\0`);
      Deno.writeTextFileSync(`${folder}/environ`, "A=1\0");
      for (const [link, target] of [["exe", `/bin/${name}`], ["cwd", "/tmp"], ["root", "/"]]) {
        try {
          Deno.removeSync(`${folder}/${link}`);
        } catch {
          // It was not there.
        }
        Deno.symlinkSync(target!, `${folder}/${link}`);
      }
    },
    end: (pid: number) => Deno.removeSync(`${root}/${pid}`, { recursive: true }),
    [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }),
  };
}

/** When something happened, ms since the start of the host. */
const at = (ms: number) => ({ at: ms, time: BOOT + ms, mark: ms });

const fork = (pid: number, ms: number, more = {}): Happening =>
  ({ type: "fork", pid, ppid: 5, name: "sh", ...at(ms), ...more }) as Happening;
const exec = (pid: number, ms: number, filename?: string): Happening =>
  ({ type: "exec", pid, ...(filename && { filename }), ...at(ms) }) as Happening;
const exit = (pid: number, ms: number, code?: number): Happening =>
  ({ type: "exit", pid, name: "sh", ...(code !== undefined && { code }), ...at(ms) }) as Happening;

Deno.test("rowOf() reads a process at once, and remembers it until its end", async () => {
  await using place = await playground();
  const { rows } = place;
  place.write(5, { ppid: 0, name: "init", ticks: 1 });
  rows.meet(5);
  place.write(7);
  const began = rows.rowOf(fork(7, 1003)).row;
  assertEquals(
    [began.event_id, began.event_type, began.event_time, began.exit_code, began.duration_ms],
    ["boot:7:fork:1003000", "fork", BOOT + 1003, null, null],
  );
  assertEquals(
    [began.pid, began.ppid, began.name, began.executable_path, began.command_line],
    [7, 5, "sh", "/bin/sh", "sh -c"],
  );
  assertEquals(
    [began.process_key, began.parent_key, began.parent_process, began.user_name, began.accessible],
    ["boot:7:100", "boot:5:1", "init", "ann", true],
  );

  place.write(7, { name: "ls" });
  const ran = rows.rowOf(exec(7, 1010, "/usr/bin/ls"));
  assertEquals(ran.gaps, {});
  assertEquals(
    [ran.row.name, ran.row.executable_path, ran.row.arguments, ran.row.environment_variables],
    ["ls", "/bin/ls", '["ls","-c"]', '{"A":"1"}'],
  );

  place.end(7);
  const ended = rows.rowOf(exit(7, 1503, 3));
  assertEquals(
    [ended.row.exit_code, ended.row.duration_ms, ended.row.command_line, ended.row.accessible],
    [3, 500, "ls -c", true],
  );
  assertEquals(ended.row.process_key, "boot:7:100");
  // How much it used at last nobody knows.
  assertEquals([ended.row.memory_rss, ended.gaps!.memory_rss], [undefined, "not_collected"]);
  assertEquals(ended.gaps!.command_line, undefined);
  assertEquals([rows.knows(7), rows.knows(5)], [false, true]);
});

Deno.test("rowOf() keeps what a process leaves that is gone before it can be read", async () => {
  await using place = await playground();
  const { rows } = place;
  place.write(5, { ppid: 0, name: "init", ticks: 1 });
  rows.meet(5);
  const told = [fork(7, 1000), exec(7, 1001, "/usr/bin/curl"), exit(7, 1002, 0)]
    .map((happening) => rows.rowOf(happening));
  assertEquals(
    told.map(({ row }) => [row.event_type, row.pid, row.ppid, row.name, row.executable_path]),
    [
      ["fork", 7, 5, "sh", "/bin/init"],
      ["exec", 7, 5, "curl", "/usr/bin/curl"],
      ["exit", 7, 5, "curl", "/usr/bin/curl"],
    ],
  );
  assertEquals(
    told.map(({ row }) => [row.parent_process, row.parent_key, row.accessible]),
    new Array(3).fill(["init", "boot:5:1", false]),
  );
  const [begun, ran, ended] = told;
  assertEquals([begun!.row.command_line, begun!.gaps!.command_line], ["init -c", undefined]);
  for (const { row, gaps } of [ran!, ended!]) {
    for (const column of ["command_line", "environment_variables", "user_id", "process_key"]) {
      assertEquals([row[column], gaps![column]], [undefined, "not_collected"], column);
    }
  }
  assertEquals([ended!.row.exit_code, ended!.row.duration_ms], [0, 2]);
});

Deno.test("rowOf() does not take a program for the one that ran before", async () => {
  await using place = await playground();
  const { rows } = place;
  place.write(5, { ppid: 0, name: "init", ticks: 1 });
  rows.meet(5);
  place.write(7, { name: "third" });
  // By its name: it has moved on since the fork.
  const begun = rows.rowOf(fork(7, 1000)).row;
  assertEquals([begun.name, begun.executable_path, begun.command_line, begun.user_id], [
    "sh",
    "/bin/init",
    "init -c",
    1000,
  ]);
  const second = rows.rowOf(exec(7, 1001, "/bin/second"), "moved");
  assertEquals([second.row.name, second.row.executable_path, second.row.accessible], [
    "second",
    "/bin/second",
    false,
  ]);
  assertEquals(second.gaps!.command_line, "not_collected");
  assertEquals(rows.rowOf(exec(7, 1002, "/bin/third")).row.command_line, "third -c");
});

Deno.test("rowOf() does not take another process for one that had its id", async () => {
  await using place = await playground();
  const { rows } = place;
  place.write(7, { name: "later", ticks: 300 });
  const { row } = rows.rowOf(exec(7, 1000, "/bin/first"));
  assertEquals([row.name, row.executable_path, row.process_key], [
    "first",
    "/bin/first",
    undefined,
  ]);
  assertEquals(rows.rowOf(exec(7, 3001, "/bin/later")).row.process_key, "boot:7:300");
});

Deno.test("rowOf() reads what a zombie still tells", async () => {
  await using place = await playground();
  const { rows } = place;
  place.write(7, { state: "Z", vsize: 0, exitCode: 0x0b });
  const ran = rows.rowOf(exec(7, 1005, "/bin/ls"));
  assertEquals([ran.row.executable_path, ran.row.process_key, ran.row.accessible], [
    "/bin/ls",
    "boot:7:100",
    false,
  ]);
  assertEquals(ran.gaps!.command_line, "not_collected");
  const ended = rows.rowOf(exit(7, 1010)).row;
  assertEquals([ended.exit_code, ended.duration_ms, ended.accumulated_cpu_time], [139, 10, 500]);
  place.write(8, { state: "Z", vsize: 0, exitCode: 0x300 });
  assertEquals(rows.rowOf(exit(8, 1010)).row.exit_code, 3);
  place.write(8, { state: "Z", vsize: 0, exitCode: 0 });
  assertEquals(rows.rowOf(exit(8, 1010)).row.exit_code, null, "or the kernel does not show it");
  assertEquals(rows.rowOf(exit(9, 1010, 137)).row.exit_code, 137);
});

Deno.test("rowOf() takes no path that it does not know for one", async () => {
  await using place = await playground();
  const { row, gaps } = place.rows.rowOf(exec(7, 1000, "./x"));
  assertEquals([row.name, row.executable_path, gaps!.executable_path], [
    "x",
    undefined,
    "not_collected",
  ]);
  const long = place.rows.rowOf(exec(8, 1000, "/bin/" + "é".repeat(20))).row;
  assertEquals(long.name, "é".repeat(7) + "\ufffd", "15 bytes");
});

Deno.test("rowOf() reads what is wanted and says only of that that it is missing", async () => {
  await using place = await playground(["event_type", "pid", "command_line", "exit_code"]);
  place.write(7);
  const { row, gaps } = place.rows.rowOf(exec(7, 1010, "/bin/sh"));
  assertEquals([row.command_line, row.environment_variables, gaps], ["sh -c", undefined, {}]);
  assertEquals(place.rows.rowOf(exec(8, 1010, "/bin/sh")).gaps, { command_line: "not_collected" });
  const known = new Set(COLUMNS);
  assertEquals(Object.keys(row).filter((column) => !known.has(column)), []);
});

Deno.test("rowOf() knows of processes that it never saw whether they are of the kernel", async () => {
  await using place = await playground();
  const { rows } = place;
  place.write(5, { ppid: 0, name: "init" });
  rows.meet(5);
  assertEquals(rows.rowOf(fork(7, 1003)).row.kernel_thread, false, "no program begins one");
  assertEquals(rows.rowOf(fork(8, 1003, { ppid: 2 })).row.kernel_thread, undefined);
  assertEquals(rows.rowOf(exec(8, 1004, "/bin/x")).row.kernel_thread, false, "it runs a program");
  const { row, gaps } = rows.rowOf(exit(8, 1005));
  assertEquals([row.kernel_thread, gaps?.kernel_thread], [false, undefined]);
  assertEquals(rows.rowOf(exec(9, 1006, "/bin/x")).gaps?.user_name, "not_collected");
});
