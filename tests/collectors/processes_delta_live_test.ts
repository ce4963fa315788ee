import { assert, assertEquals } from "@std/assert";
import { type Collectors, openCollectors } from "../../collectors/mod.ts";
import { processes } from "../../profiles/processes.ts";
import { collectedColumns } from "../../schema/columns.ts";
import {
  drain,
  has,
  isLinux,
  isRoot,
  type ReadRow,
  run,
  testWith,
  textOf,
  until,
} from "./support.ts";

const HASHED = ["executable_hash", "hash_algorithm", "file_exists"];
const COLUMNS = collectedColumns(processes, "linux")
  .filter(({ name, costly }) => !costly && !HASHED.includes(name));
const PROJECT = COLUMNS.map(({ name }) => name);
/** Columns that say what a process is. */
const LASTING = COLUMNS.filter(({ volatile, name }) => !volatile && name !== "state")
  .map(({ name }) => name);

async function scan(collectors: Collectors): Promise<ReadonlyMap<unknown, ReadRow>> {
  const { rows, outcome } = await drain(
    collectors.collect({ table: "processes", project: PROJECT, deadline: 120_000 }),
  );
  assertEquals(outcome, { status: "complete" });
  return new Map(rows.map((row) => [row.values.pid, row]));
}

/** Scans with a collector that has seen nothing yet. */
async function scanAnew(): Promise<ReadonlyMap<unknown, ReadRow>> {
  await using collectors = await openCollectors({ platform: "linux", policy: "preferred" });
  return await scan(collectors);
}

function whatItIs({ values, gaps }: ReadRow) {
  return LASTING.map((column) => [column, values[column], gaps[column]]);
}

/** Waits for a line, does something to itself, says so, and waits for ever. */
const ACTOR = `
import ctypes, os, sys, time
libc = ctypes.CDLL(None, use_errno=True)
act = sys.argv[1]
def rewrite(first, last, text):
    stat = open("/proc/self/stat", "rb").read().rsplit(b")", 1)[1].split()
    start, end = int(stat[first - 3]), int(stat[last - 3])
    ctypes.memmove(start, text.ljust(end - start, b"\\0"), end - start)
open(sys.argv[2], "w").write("ready")
sys.stdin.readline()
if act == "exec": os.execv("/bin/sleep", ["sleep", "61"])
if act == "setuid": os.setresuid(65534, 65534, 65534)
if act == "setgid": os.setresgid(65533, 65534, 65534)
if act == "name": libc.prctl(15, b"other", 0, 0, 0)
if act == "argv": rewrite(48, 49, b"[kworker/0:1]")
if act == "environ": rewrite(50, 51, b"HIDDEN=1")
if act == "chdir": os.chdir("/usr")
if act == "chroot": os.chroot("/usr")
if act == "setsid": os.setsid()
if act == "nice": os.nice(3)
try: open(sys.argv[2] + ".done", "w").write("done")
except OSError: pass
time.sleep(100)
`;

testWith(
  { Linux: isLinux, python3: has("python3") },
  "a collector that lives on sees what one that begins anew sees",
  async () => {
    const folder = await Deno.realPath(await Deno.makeTempDir());
    await using stack = new AsyncDisposableStack();
    stack.defer(() => Deno.remove(folder, { recursive: true }));
    const acts = ["exec", "name", "argv", "environ", "chdir", "setsid", "nice", "nothing"];
    if (isRoot) acts.push("setuid", "setgid", "chroot");
    const where = new TextDecoder().decode(
      new Deno.Command("python3", { args: ["-c", "import sys; print(sys.executable)"] })
        .outputSync().stdout,
    ).trim();
    const actors = acts.map((act) => {
      const child = new Deno.Command(where, {
        args: ["-c", ACTOR, act, `${folder}/${act}`],
        stdin: "piped",
        stdout: "null",
      }).spawn();
      stack.defer(async () => {
        child.kill("SIGKILL");
        await child.stdin.close().catch(() => {});
        await child.status;
      });
      return { act, child };
    });
    await Deno.copyFile("/bin/sleep", `${folder}/program`);
    await Deno.chmod(`${folder}/program`, 0o755);
    const program = stack.use(run(`${folder}/program`, ["100"]));
    // The child of a shell that will end.
    const shell = new Deno.Command("sh", {
      args: ["-c", "sleep 100 & echo $! > child; read line"],
      cwd: folder,
      stdin: "piped",
    }).spawn();
    await until("the shell has a child", () => textOf(`${folder}/child`).endsWith("\n"));
    const orphan = Number(textOf(`${folder}/child`));
    stack.defer(() => Deno.kill(orphan, "SIGKILL"));
    await until("all wait", () => acts.every((act) => textOf(`${folder}/${act}`) === "ready"));
    const subjects = [...actors.map(({ child }) => child.pid), program.pid, orphan];
    const resting = () =>
      until(
        "all rest",
        () => subjects.every((pid) => / S /.test(textOf(`/proc/${pid}/stat`).split(")").at(-1)!)),
      );
    await resting();

    const living = stack.use(await openCollectors({ platform: "linux", policy: "preferred" }));
    for (let scans = 0; scans < 3; scans++) await scan(living);
    for (const { child } of actors) {
      const writer = child.stdin.getWriter();
      await writer.write(new TextEncoder().encode("now\n"));
      writer.releaseLock();
    }
    await Deno.remove(`${folder}/program`);
    await shell.stdin.close();
    await shell.status;
    const comm = (act: string) => {
      const { pid } = actors.find((one) => one.act === act)!.child;
      return textOf(`/proc/${pid}/comm`).trim();
    };
    await until("all have acted", () =>
      acts.every((act) => {
        if (act === "exec") return /^(sleep|coreutils)$/.test(comm(act));
        // What is locked in cannot say so.
        if (act === "chroot" || act === "setuid" || act === "setgid") return true;
        return textOf(`${folder}/${act}.done`) === "done";
      }));
    await resting();

    for (let tries = 0;; tries++) {
      const before = await scanAnew();
      const delta = await scan(living);
      const after = await scanAnew();
      // What did anything meanwhile shows other values anyway, and may even have done so and be what it was.
      const steady = [...before].filter(([pid, row]) => {
        const later = after.get(pid);
        return !row.values.kernel_thread && later &&
          JSON.stringify(whatItIs(later)) === JSON.stringify(whatItIs(row));
      });
      const isWhole = subjects.every((pid) => steady.some(([one]) => one === pid));
      const same = steady.filter(([pid, row]) => {
        const one = delta.get(pid);
        return one && JSON.stringify(whatItIs(one)) === JSON.stringify(whatItIs(row));
      });
      if (tries < 5 && (!isWhole || same.length < steady.length)) continue;
      for (const [pid, row] of steady) {
        assertEquals(whatItIs(delta.get(pid)!), whatItIs(row), `process ${pid}`);
      }
      assert(isWhole, "those that rest are steady");
      const of = (act: string) =>
        delta.get(actors.find((one) => one.act === act)!.child.pid)!.values;
      assertEquals(of("exec").command_line, "sleep 61");
      assertEquals(of("name").name, "other");
      assertEquals(of("argv").command_line, "[kworker/0:1]");
      assertEquals(of("environ").environment_variables, '{"HIDDEN":"1"}');
      assertEquals(of("chdir").working_directory, "/usr");
      assertEquals(of("nice").nice_value, 3);
      if (isRoot) {
        assertEquals([of("setuid").user_id, of("setuid").effective_user_id], [65534, 65534]);
        assertEquals([of("setgid").group_id, of("setgid").effective_group_id], [65533, 65534]);
        assertEquals(of("chroot").root_directory, "/usr");
      }
      assertEquals(delta.get(program.pid)!.values.executable_deleted, true);
      assert(delta.get(orphan)!.values.ppid !== shell.pid);
      break;
    }
  },
);

/** Starts a program under an id that has just become free; the kernel can be told which one is next. */
async function startAs(pid: number): Promise<ReturnType<typeof run> | undefined> {
  for (let tries = 0; tries < 50; tries++) {
    await Deno.writeTextFile("/proc/sys/kernel/ns_last_pid", `${pid - 1}`);
    const child = run("/bin/sleep", [`${100 + tries}`]);
    if (child.pid === pid) return child;
    await child[Symbol.asyncDispose]();
  }
  return undefined;
}

testWith(
  { Linux: isLinux, root: isRoot },
  "an id that another process has got is another process",
  async () => {
    await using living = await openCollectors({ platform: "linux", policy: "preferred" });
    let first: ReturnType<typeof run> | undefined = run("/bin/sleep", ["99"]);
    const { pid } = first;
    await until("it sleeps", () => / S /.test(textOf(`/proc/${pid}/stat`)));
    for (let scans = 0; scans < 3; scans++) await scan(living);
    const old = (await scan(living)).get(pid)!.values;
    await first[Symbol.asyncDispose]();
    await using second = first = await startAs(pid);
    if (!second) return console.log(`no process could be started as ${pid}`);
    await until("it sleeps", () => / S /.test(textOf(`/proc/${pid}/stat`)));
    const now = (await scan(living)).get(pid)!.values;
    assert(now.process_key !== old.process_key);
    assert(String(now.command_line).startsWith("/bin/sleep 1"), `${now.command_line}`);
    assert((now.start_time as number) >= (old.start_time as number));
  },
);

const SPIN = "t = now = os.times(); \nwhile os.times().elapsed < t.elapsed + 60: pass";

testWith(
  { Linux: isLinux, python3: has("python3") },
  "cpu_usage is the share since the scan before",
  async () => {
    await using living = await openCollectors({ platform: "linux", policy: "preferred" });
    await using sleeper = run("/bin/sleep", ["60"]);
    const usage = async (pid: number) => (await scan(living)).get(pid)?.values.cpu_usage as number;
    await usage(sleeper.pid);
    await using spinner = run("python3", ["-c", `import os\n${SPIN}`]);
    const first = await usage(spinner.pid);
    assert(first >= 0, "since its start");
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const ticks = () => {
      const fields = textOf(`/proc/${spinner.pid}/stat`).split(") ")[1]!.split(" ");
      return 10 * (Number(fields[11]) + Number(fields[12]));
    };
    const [used, at] = [ticks(), performance.now()];
    await usage(spinner.pid);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const share = await usage(spinner.pid);
    const expected = 100 * (ticks() - used) / (performance.now() - at);
    // The host may have other things to do, and reading takes its time.
    assert(Math.abs(share - expected) < 40, `${share} %, about ${expected} %`);
    assertEquals(await usage(sleeper.pid), 0);
  },
);
