import { assert, assertEquals } from "@std/assert";
import { SOURCES } from "../../collectors/sources.ts";
import { processes } from "../../profiles/processes.ts";
import { collectedColumns } from "../../schema/columns.ts";
import type { ColumnSource } from "../../schema/sources.ts";
import {
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
const ALL = collectedColumns(processes, "linux").map(({ name }) => name);
const sources = SOURCES.processes!.linux! as Readonly<Record<string, ColumnSource>>;

Deno.test("every column of processes has a source", () => {
  assertEquals(Object.keys(sources).sort(), ALL.filter((name) => name !== "platform_data").sort());
});

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

const CONTAINER = "0123456789abcdef".repeat(4);

/** A control group that is called as those of containers are; the process is moved into it. */
async function containerOf(pid: number): Promise<AsyncDisposable | undefined> {
  const mounts = textOf("/proc/self/mountinfo").split("\n");
  const [, place] = mounts.map((line) => /^\S+ \S+ \S+ \S+ (\S+) .* - cgroup2? /.exec(line) ?? [])
    .find(([line]) => line !== undefined) ?? [];
  if (!isRoot || place === undefined) return undefined;
  const folder = `${place}/${CONTAINER}`;
  try {
    await Deno.mkdir(folder);
    await Deno.writeTextFile(`${folder}/cgroup.procs`, `${pid}`);
  } catch {
    return undefined;
  }
  return {
    async [Symbol.asyncDispose]() {
      await Deno.writeTextFile(`${place}/cgroup.procs`, `${pid}`).catch(() => {});
      await Deno.remove(folder);
    },
  };
}

testWith(needs, "every column is there for some process, or is said never to be", async () => {
  await using sleeper = run("/bin/sleep", ["60"]);
  await until("it sleeps", () => textOf(`/proc/${sleeper.pid}/stat`).includes(") S "));
  await using container = await containerOf(sleeper.pid);
  const server = Deno.listen({ port: 0 });
  const { rows, byPid, outcome } = await collectProcesses({ project: ALL, deadline: 120_000 });
  server.close();
  assertEquals(outcome, { status: "complete" });

  /** What this host has nothing of. */
  const lacking: Readonly<Record<string, boolean>> = {
    security_context: textOf("/proc/self/attr/current") === "",
    autogroup: textOf("/proc/self/autogroup") === "",
    task_children: !isFile(`/proc/self/task/${Deno.pid}/children`),
    container_id: container === undefined,
    wchan: !/[a-z]/.test(textOf(`/proc/${sleeper.pid}/wchan`)),
  };
  for (const [column, source] of Object.entries(sources)) {
    const isThere = rows.some(({ values }) => values[column] != null);
    if (typeof source !== "string") assertEquals(isThere, false, `${column} is never there`);
    else if (lacking[column]) console.log(`this host has no ${column}`);
    else assert(isThere, `${column} is NULL everywhere`);
  }
  if (container) assertEquals(byPid.get(sleeper.pid)!.values.container_id, CONTAINER);
});

const PREPARED = `
import ctypes, os, socket, sys, threading, time
libc = ctypes.CDLL(None)
libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
libc.prctl(15, b"a\\nb\\\\c (1) R", 0, 0, 0)  # PR_SET_NAME
one, other = socket.socketpair()
server = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(server.getsockname())
accepted, _ = server.accept()
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
child = os.fork()
if child == 0:
    time.sleep(60)
    os._exit(0)
with open(sys.argv[1], "w") as file:
    file.write("%d %d %d" % (child, server.getsockname()[1], client.getsockname()[1]))
time.sleep(60)
`;

testWith(
  { ...needs, python3: has("python3") },
  "threads, sockets, mappings and limits of a process that has what it was told to",
  async () => {
    const folder = await Deno.makeTempDir();
    const told = `${folder}/told`;
    await using _shell = run("sh", [
      "-c",
      'ulimit -Sn 200; exec python3 -c "$0" "$1"',
      PREPARED,
      told,
    ]);
    await until("it is prepared", () => textOf(told).split(" ").length === 3);
    const [child, server, client] = textOf(told).split(" ").map(Number) as [number, number, number];
    const pid = Number(/^PPid:\t(\d+)/m.exec(textOf(`/proc/${child}/status`))![1]);
    const { byPid } = await collectProcesses({ project: ALL, deadline: 120_000 });
    const row = byPid.get(pid)!;
    const json = (column: string) => JSON.parse(row.values[column] as string);

    // The name is that of the thread that set it.
    assertEquals(row.values.name, "a\nb\\c (1) R");
    const threads = json("task_status");
    assertEquals(threads.length, 2);
    assertEquals([threads[0].tid, threads[0].name], [pid, "a\nb\\c (1) R"]);
    for (const thread of threads) {
      assertEquals([thread.no_new_privileges, thread.seccomp], [true, 0]);
      assertEquals(thread.effective.includes("CAP_SYS_ADMIN"), isRoot);
      assertEquals([thread.user_id, thread.effective_user_id], [Deno.uid(), Deno.uid()]);
    }
    const stat = json("task_stat");
    assertEquals(
      stat.map(({ tid, state }: { tid: number; state: string }) => [tid, state]),
      threads.map(({ tid }: { tid: number }) => [tid, "sleeping"]),
    );
    assertEquals(
      json("task_children").flatMap((thread: { children: number[] }) => thread.children),
      [
        child,
      ],
    );
    assertEquals(Object.keys(json("task_io")[0]), ["tid", "read_bytes", "write_bytes"]);

    const sockets: Readonly<Record<string, unknown>>[] = json("network_connections");
    const ends = sockets.filter(({ protocol }) => protocol === "tcp").map((
      socket,
    ) => [socket.state, socket.local_port, socket.remote_port]);
    assertEquals(
      ends.sort(),
      [["established", client, server], ["established", server, client], [
        "listening",
        server,
        null,
      ]]
        .sort(),
    );
    assertEquals(sockets.filter(({ protocol }) => protocol === "unix").length, 2);

    assertEquals(json("limits").open_files.soft, 200);
    assertEquals(json("namespaces").mnt, Number(/\d+/.exec(linkOf(`/proc/${pid}/ns/mnt`))![0]));
    const mapped = json("smaps").reduce((sum: number, { rss }: { rss: number }) => sum + rss, 0);
    assertAbout(mapped, json("smaps_rollup").rss);
    assertAbout(mapped, row.values.memory_rss as number);
    assertEquals(json("smaps").length, json("memory_maps").length);
    assert(json("clear_refs").referenced > 100_000);
    assertEquals(
      json("coredump_filter").mask,
      parseInt(textOf(`/proc/${pid}/coredump_filter`), 16),
    );
    const root = json("mountinfo").find((mount: { mount_point: string }) =>
      mount.mount_point === "/"
    );
    assert(root.filesystem.length > 0 && root.options.length > 0);
    assertEquals(json("mountstats").length, json("mountinfo").length);
    Deno.kill(child, "SIGKILL");
    await Deno.remove(folder, { recursive: true });
  },
);

/** Two readings of memory that is being used differ a little. */
function assertAbout(actual: number, expected: number): void {
  assert(Math.abs(actual - expected) < 0.2 * expected, `${actual} is not about ${expected}`);
}

testWith(
  {
    ...needs,
    lsof: has("lsof") || new Deno.Command("lsof", { args: ["-v"] }).outputSync().success,
  },
  "the same open files as lsof has",
  async () => {
    await using tail = run("sh", ["-c", "exec 7</dev/null 8>>/dev/null; exec sleep 60"]);
    await until("it sleeps", () => textOf(`/proc/${tail.pid}/comm`).trim() === "sleep");
    const { byPid } = await collectProcesses({
      project: ["pid", "file_descriptors", "memory_maps"],
    });
    const { stdout } = await new Deno.Command("lsof", {
      args: ["-n", "-w", "-p", `${tail.pid},${Deno.pid}`, "-F", "pftn"],
    }).output();
    let compared = 0;
    for (const text of new TextDecoder().decode(stdout).split(/^p/m).slice(1)) {
      const pid = Number(/^\d+/.exec(text)![0]);
      const files = [...text.matchAll(/^f(\d+)\nt(\w+)\nn(.*)$/gm)];
      const own = new Map<number, string>(
        JSON.parse(byPid.get(pid)!.values.file_descriptors as string)
          .map(({ fd, target }: { fd: number; target: string }) => [fd, target]),
      );
      for (const [, fd, type, name] of files) {
        // lsof has its own names for what is no file.
        if (type !== "REG" && type !== "CHR" && type !== "DIR") continue;
        if (pid === Deno.pid && !own.has(Number(fd))) continue;
        assertEquals(own.get(Number(fd)), name, `${fd} of ${pid}`);
        compared++;
      }
      if (pid === tail.pid) assertEquals(own.size, files.length);
    }
    assert(compared >= 5, `${compared} compared`);
  },
);

testWith(
  { ...needs, ps: has("ps") },
  "the same values as ps has for what else it shows",
  async () => {
    await using sleeper = run("nice", ["-n", "7", "sleep", "60"]);
    await until("it sleeps", () => textOf(`/proc/${sleeper.pid}/comm`).trim() === "sleep");
    const columns = ["pid", "cputimes", "rss", "stat", "tty", "pri", "exe", "cgroup", "wchan:40"];
    const ps = () => {
      const args = [
        "-ww",
        "-o",
        columns.map((column) => `${column}=`).join(","),
        "-p",
        `${sleeper.pid}`,
      ];
      const { stdout } = new Deno.Command("ps", { args }).outputSync();
      return new TextDecoder().decode(stdout).trim().split(/ +/);
    };
    const { byPid } = await collectProcesses({
      project: [
        ...["pid", "accumulated_cpu_time", "memory_rss", "state", "nice_value", "priority"],
        ...["executable_path", "cgroup", "wchan", "cpu_usage"],
      ],
    });
    const [pid, cpu, rss, state, , , exe, , wchan] = ps();
    const { values }: ReadRow = byPid.get(Number(pid))!;
    assertEquals(Math.floor((values.accumulated_cpu_time as number) / 1000), Number(cpu));
    assertAbout(values.memory_rss as number, 1024 * Number(rss));
    assertEquals([values.state, state![0]], ["sleeping", "S"]);
    assertEquals([values.nice_value, values.priority], [7, 27]);
    assertEquals(values.executable_path, exe);
    if (wchan !== "-") assertEquals(values.wchan, wchan);
    assert((values.cpu_usage as number) >= 0 && (values.cpu_usage as number) < 100);
  },
);
