// What code that has taken over a collector would try; confinement_test.ts starts it and reads what it reports. Its
// arguments are JSON: where it finds what it may read of the host, and what to aim at.
import { nativeAttempts } from "./native.ts";

const [places, target] = Deno.args.map((text) => JSON.parse(text));
const { procRoot = "", filesRoot, libc } = places;
const { pid, agent, port, folder, toolkit } = target;
const otherRoot = `${procRoot}/${pid}/root`;

const write = (path: string) => () => Deno.writeTextFileSync(path, "x");
const run = (program: string, ...args: string[]) => () => {
  // The usual /dev/null is not there.
  const { success } = new Deno.Command(program, { args, stdin: "inherit" }).outputSync();
  if (!success) throw new Error("it failed");
};

const connect = (path: string) => async () =>
  (await Deno.connect({ transport: "unix", path })).close();

const ATTEMPTS: Record<string, () => unknown> = {
  "read /etc/shadow": () => Deno.readTextFileSync("/etc/shadow"),
  "read /proc/self/root/etc/shadow": () => Deno.readTextFileSync("/proc/self/root/etc/shadow"),
  "read /proc/self/../../etc/shadow": () => Deno.readTextFileSync("/proc/self/../../etc/shadow"),
  "read the old root": () => [...Deno.readDirSync("/old")].length || fail(),
  "read through the root of process 1": () =>
    Deno.readTextFileSync(`${procRoot}/1/root/etc/shadow`),
  "read through the root of another process": () =>
    Deno.readTextFileSync(`${otherRoot}/etc/shadow`),
  "read through its own root": () => Deno.readTextFileSync(`${procRoot}/self/root/etc/shadow`),
  "read the memory of another process": () => {
    const [start] = Deno.readTextFileSync(`${procRoot}/${pid}/maps`).split("-");
    using memory = Deno.openSync(`${procRoot}/${pid}/mem`);
    memory.seekSync(BigInt(`0x${start}`), Deno.SeekMode.Start);
    if (!memory.readSync(new Uint8Array(16))) fail();
  },
  "read the memory of the agent": () => {
    const [start] = Deno.readTextFileSync(`${procRoot}/${agent}/maps`).split("-");
    using memory = Deno.openSync(`${procRoot}/${agent}/mem`);
    memory.seekSync(BigInt(`0x${start}`), Deno.SeekMode.Start);
    if (!memory.readSync(new Uint8Array(16))) fail();
  },
  "write the memory of another process": () => {
    using _memory = Deno.openSync(`${procRoot}/${pid}/mem`, { write: true });
  },
  "write a kernel setting": write(`${procRoot}/sys/kernel/core_pattern`),
  "write an out-of-memory bias": write(`${procRoot}/${pid}/oom_score_adj`),
  "write into its root": write("/evil"),
  "write to /tmp": write("/tmp/evil"),
  "write to /usr/lib": write("/usr/lib/evil"),
  "write into the toolkit": write(`${toolkit}/evil.ts`),
  "write over a program": () => {
    using _program = Deno.openSync("/setpriv", { write: true });
  },
  "write a file of root through another root": write(`${otherRoot}${folder}/roots-file`),
  "create a file for root through another root": write(`${otherRoot}/etc/evil`),
  "create a file in a folder of everybody through another root": write(
    `${otherRoot}${folder}/everybody/evil`,
  ),
  "make a device": run("/usr/bin/mknod", "/cache/disk", "b", "8", "0"),
  "run a shell": run("/bin/sh", "-c", "true"),
  "run a program through another root": run(`${otherRoot}/usr/bin/true`),
  "run what it has written": () => {
    Deno.copyFileSync("/setpriv", "/cache/program");
    Deno.chmodSync("/cache/program", 0o755);
    run("/cache/program", "--version")();
  },
  "run Deno again": run("/deno", "--version"),
  "gain a capability": run("/setpriv", "--inh-caps", "+sys_admin", "--", "/deno", "--version"),
  "signal another process": () => Deno.kill(pid, "SIGTERM"),
  "load a library": () =>
    Deno.dlopen("libc.so.6", { getpid: { parameters: [], result: "i32" } }).close(),
};

const LATER: Record<string, () => Promise<unknown>> = {
  "connect out": async () =>
    (await Deno.connect({ hostname: "192.0.2.1", port: 80, signal: AbortSignal.timeout(3000) }))
      .close(),
  "connect to loopback": async () => (await Deno.connect({ hostname: "127.0.0.1", port })).close(),
  "connect to a socket of everybody": connect(`${folder}/everybody/socket`),
  "connect to a socket of root through another root": connect(`${otherRoot}${folder}/roots-socket`),
  "connect to a socket of everybody through another root": connect(
    `${otherRoot}${folder}/everybody/socket`,
  ),
};

/** What is tried by whoever sees every file. */
const AMONG_FILES: Record<string, () => unknown> = filesRoot === undefined ? {} : {
  "read any file of the host": () => Deno.readTextFileSync(`${filesRoot}/etc/shadow`),
  "write a file of root among the host's": write(`${filesRoot}${folder}/roots-file`),
  "create a file in a folder of everybody among the host's": write(
    `${filesRoot}${folder}/everybody/evil`,
  ),
  "write a kernel setting among the host's files": write(
    `${filesRoot}/proc/sys/kernel/core_pattern`,
  ),
  "open a device among the host's files": () => {
    using _device = Deno.openSync(`${filesRoot}/dev/zero`);
  },
  "read the memory of another process among the host's files": () => {
    using _memory = Deno.openSync(`${filesRoot}/proc/${pid}/mem`);
  },
  "read the environment of another process among the host's files": () =>
    Deno.readTextFileSync(`${filesRoot}/proc/${pid}/environ`),
  "read through the root of another process among the host's files": () =>
    Deno.readTextFileSync(`${filesRoot}/proc/${pid}/root/etc/shadow`),
  "run a program among the host's files": run(`${filesRoot}/usr/bin/true`),
};

function fail(): never {
  throw new Error("nothing came of it");
}

function natives(): Readonly<Record<string, () => unknown>> {
  if (libc === undefined) return {};
  const attempts = nativeAttempts(libc, { procRoot, filesRoot, ...target });
  return Object.fromEntries(
    Object.entries(attempts).map(([name, attempt]) => [name, () => attempt() || fail()]),
  );
}

const results: Record<string, string> = {};
for (
  const [name, attempt] of [
    ...Object.entries(ATTEMPTS),
    ...Object.entries(AMONG_FILES),
    ...Object.entries(natives()),
    ...Object.entries(LATER),
  ]
) {
  try {
    await attempt();
    results[name] = "succeeded";
  } catch (error) {
    results[name] = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}
console.log(JSON.stringify(results));
