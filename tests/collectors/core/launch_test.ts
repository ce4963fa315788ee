import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { ConfinementRefused, launch, type LaunchSpec } from "../../../collectors/core/launch.ts";
import type { CollectorPermissions } from "../../../collectors/core/collector.ts";
import { PROGRAMS, strongestMeans } from "../../../collectors/core/means.ts";
import { EMPTY_ROOT_SCRIPT } from "../../../collectors/core/empty_root.ts";
import { TRACE_SCRIPT } from "../../../collectors/core/tracing.ts";
import {
  canConfine,
  canTrace,
  childProcesses,
  isLinux,
  isRoot,
  testWith,
  textOf,
  until,
} from "../support.ts";

const means = await strongestMeans();
const namespaces = canConfine();

testWith({ Linux: isLinux }, "strongestMeans() finds what this host can do", () => {
  assertEquals(means.name === "namespaces", namespaces, means.reason);
  assertEquals(means.reason === undefined, namespaces);
});

function spec(more: Partial<LaunchSpec> = {}): LaunchSpec {
  return {
    name: "echo",
    module: new URL("echo.ts", import.meta.url),
    sources: ["tests/collectors/core"],
    policy: "preferred",
    ...more,
  };
}

/** What a launched echo.ts says of itself. */
async function say(more: Partial<LaunchSpec> = {}) {
  const { process, stderr, ...launched } = await launch(spec(more));
  await process.stdin.close();
  const text = await new Response(process.stdout).text();
  const status = await process.status;
  await stderr.closed;
  return {
    ...launched,
    status,
    said: text === "" ? undefined : JSON.parse(text),
    stderr: stderr.text(),
  };
}

Deno.test("launch() starts a module with its arguments and an almost empty environment", async () => {
  const { said } = await say({ args: ["a b", "$(id)", "'\"\\", "--flag", ""] });
  assertEquals(said.args, ["a b", "$(id)", "'\"\\", "--flag", ""]);
  const known = ["DENO_DIR", "DENO_NO_UPDATE_CHECK", "NO_COLOR", "PATH"];
  assertEquals(said.environment.filter((name: string) => !known.includes(name)), []);
});

testWith({ namespaces }, "launch() confines in namespaces and says so", async () => {
  const { said, confinement, reason, places } = await say({ permissions: { proc: "follow" } });
  assertEquals([confinement, reason, places], ["namespaces", undefined, { procRoot: "/hostproc" }]);
  assertEquals(said.args, ['{"procRoot":"/hostproc"}']);
  // deno-fmt-ignore
  const known = ["cache", "deno", "hostfiles", "hostproc", "hostsys", "hosttrace", "lib", "lib64", "old", "proc", "setpriv", "usr"];
  const [top] = new URL(import.meta.url).pathname.split("/").filter(Boolean);
  assertEquals(said.root.filter((name: string) => !known.includes(name)), [top]);
});

testWith(
  { namespaces },
  "launch() leaves a child the capabilities it needs and no way to others",
  async () => {
    const capabilities = async (permissions: CollectorPermissions) => {
      const { process, stderr } = await launch(spec({ permissions, args: ["wait"] }));
      const pid = (await children(process.pid))[0]!;
      await until("Deno runs", () => textOf(`/proc/${pid}/comm`) === "deno\n");
      const status = textOf(`/proc/${pid}/status`);
      process.kill("SIGKILL");
      await process.stdout.cancel();
      await process.status;
      await stderr.closed;
      await process.stdin.abort().catch(() => {});
      return ["Prm", "Eff", "Bnd", "Inh", "Amb"].map((set) =>
        new RegExp(`^Cap${set}:\\t0*(\\w+)$`, "m").exec(status)?.[1]
      );
    };
    const ptraceAndSearch = (1 << 19 | 1 << 2).toString(16);
    assertEquals(await capabilities({ proc: "look" }), new Array(5).fill(ptraceAndSearch));
    assertEquals(await capabilities({}), ["0", "0", "0", "0", "0"]);
  },
);

Deno.test("launch() refuses where more is required than the host gives", async () => {
  if (namespaces) assertEquals((await say({ policy: "required" })).confinement, "namespaces");
  else await assertRejects(() => launch(spec({ policy: "required" })), ConfinementRefused);
  await assertRejects(
    () => launch(spec({ policy: "required", module: "https://example.invalid/module.ts" })),
    ConfinementRefused,
    "only modules on this host's disk",
  );
});

Deno.test("launch() without confinement says so, and keeps Deno's own for what reads nothing", async () => {
  const { confinement, reason, said, places } = await say({ policy: "off" });
  assertEquals([confinement, reason, places], ["none", "confinement is switched off", {}]);
  assertEquals(said.root, null);
});

testWith({ namespaces }, "launch() fails rather than go on with less", async () => {
  const { status, said, stderr } = await say({ permissions: { run: ["/nowhere/to/be found"] } });
  assertEquals(status.success, false);
  assertEquals(said, undefined);
  assertMatch(stderr, /nowhere/);
});

testWith({ namespaces }, "launch() does not need the files that a child may read", async () => {
  const { said, status } = await say({
    permissions: { read: ["/nowhere/to/be found"] },
    args: ["read", "/nowhere/to/be found"],
  });
  assertEquals([status.success, said.content], [true, null]);
});

testWith({ namespaces }, "launch() shows files at paths with odd characters", async () => {
  const folder = await Deno.makeTempDir({ prefix: "odd $(touch x) ' ;&" });
  const path = `${folder}/"file\\\nname`;
  await Deno.writeTextFile(path, "content");
  const { said, stderr } = await say({ permissions: { read: [path] }, args: ["read", path] });
  assertEquals(said?.content, "content", stderr);
  await Deno.remove(folder, { recursive: true });
});

testWith(
  { namespaces },
  "launch() shows what lies below /sys elsewhere, with what it links to",
  async () => {
    const read = (file: string) =>
      say({ permissions: { read: ["/sys/class/net"] }, args: ["read", `/hostsys/${file}`] });
    const { said, places } = await read("class/net/lo/address");
    assertEquals(places, { sysRoot: "/hostsys" });
    assertEquals(said.content, "00:00:00:00:00:00\n");
    const { said: other } = await read("kernel/uevent_seqnum");
    assertEquals(other.content, null, "what was not asked for is not there");
  },
);

testWith(
  { namespaces },
  "launch() lets a child run the programs that it names, no others",
  async () => {
    const { said, stderr } = await say({
      permissions: { run: ["/usr/bin/uname"] },
      args: ["run", "/usr/bin/uname"],
    });
    assertMatch(said.ran ?? stderr, /^uname \(GNU coreutils\)/);
    const { said: other } = await say({
      permissions: { run: ["/usr/bin/uname"] },
      args: ["run", "/usr/bin/id"],
    });
    assertEquals(other.ran, null);
  },
);

testWith(
  { namespaces },
  "launch() leaves a child in the host's network only if it asks",
  async () => {
    const ours = Deno.readLinkSync("/proc/self/ns/net");
    // Its own /proc is read only with all permissions, which a child that follows links has.
    const [host, own] = await Promise.all(
      [{ network: "host" }, {}].map((more) =>
        say({ permissions: { proc: "follow", ...more } as CollectorPermissions })
      ),
    );
    assertEquals(host!.said.network, ours);
    assert(own!.said.network !== ours && own!.said.network !== null);
  },
);

testWith(
  { Linux: isLinux },
  "launch() gives a child a C library to load only if it asks",
  async () => {
    const { places, lacks, confinement, process, stderr, close } = await launch(
      spec({ permissions: { ffi: true }, policy: "off" }),
    );
    process.kill("SIGKILL");
    await process.status;
    await process.stdout.cancel();
    await process.stdin.abort().catch(() => {});
    await stderr.closed;
    await close();
    assertEquals(lacks, []);
    assertMatch(places.libc!, /libc\.so\.6$/);
    assertEquals(confinement, "none", "Deno does not hold what calls it");
  },
);

testWith(
  { "root and tracefs": canTrace() },
  "launch() leaves nothing behind where the child cannot be started",
  async () => {
    await assertRejects(() =>
      launch(spec({ permissions: { trace: ["sched/sched_process_exec"] }, args: ["\0"] }))
    );
    assertEquals(childProcesses(), []);
  },
);

testWith({ Linux: isLinux }, "launch() gives a child a session of its own", async () => {
  const { process, stderr } = await launch(spec({ args: ["wait"] }));
  const session = () => textOf(`/proc/${process.pid}/stat`).split(") ").at(-1)!.split(" ")[3];
  await until("it has one", () => session() === String(process.pid));
  process.kill("SIGKILL");
  await process.status;
  await process.stdout.cancel();
  await process.stdin.abort().catch(() => {});
  await stderr.closed;
});

testWith({ namespaces }, "launch() has the kernel end a child before its parent", async () => {
  const bias = (pid: string | number) => textOf(`/proc/${pid}/oom_score_adj`).trim();
  const before = bias(Deno.pid);
  const { process, stderr } = await launch(spec({ args: ["wait"] }));
  const child = () => textOf(`/proc/${process.pid}/task/${process.pid}/children`).trim();
  await until("it is biased", () => child() !== "" && bias(child()) === "500");
  assertEquals(bias(Deno.pid), before);
  process.kill("SIGKILL");
  await process.status;
  await process.stdout.cancel();
  await process.stdin.abort().catch(() => {});
  await stderr.closed;
});

testWith({ namespaces }, "launch() lets a child give way to others", async () => {
  // proc_pid_stat(5): the nice value is the 19th field.
  const nice = (pid: string | number) =>
    Number(textOf(`/proc/${pid}/stat`).split(") ").at(-1)!.split(" ")[16]);
  const { process, stderr } = await launch(spec({ args: ["wait"], yielding: true }));
  const child = () => textOf(`/proc/${process.pid}/task/${process.pid}/children`).trim();
  const wanted = Math.min(19, nice(Deno.pid) + 5);
  await until("it is nicer", () => child() !== "" && nice(child()) === wanted);
  process.kill("SIGKILL");
  await process.status;
  await process.stdout.cancel();
  await process.stdin.abort().catch(() => {});
  await stderr.closed;
});

testWith({ namespaces }, "launch() says of a child that it was killed", async () => {
  const { process, stderr } = await launch(spec({ args: ["wait"] }));
  const child = () => textOf(`/proc/${process.pid}/task/${process.pid}/children`).trim();
  await until("it runs", () => child() !== "");
  Deno.kill(Number(child()), "SIGKILL");
  await process.status;
  await stderr.closed;
  assertEquals(stderr.text(), "killed by SIGKILL, as the kernel does where memory runs out");
  await process.stdout.cancel();
  await process.stdin.abort().catch(() => {});
});

testWith({ namespaces }, "launch() lets a child use npm packages from the cache", async () => {
  const { said, stderr } = await say({
    npm: true,
    module: new URL("echo_npm.ts", import.meta.url),
    sources: ["tests/collectors/core", "std"],
  });
  assertEquals(said, { joined: "a/b" }, stderr);
});

testWith(
  { Linux: isLinux, setpriv: means.name !== "plain" },
  "children die with their parent, also by SIGKILL",
  async () => {
    const parent = new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", "--quiet", new URL("parent.ts", import.meta.url).pathname],
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const reader = parent.stdout.getReader();
    const ready = new TextDecoder().decode((await reader.read()).value);
    assertEquals(ready.trim(), "ready");
    const family = await descendants(parent.pid);
    assert(
      family.length >= (isRoot && namespaces ? 6 : 3),
      `three children were started: ${family}`,
    );
    parent.kill("SIGKILL");
    await parent.status;
    await reader.cancel();
    await until(
      "all children are gone",
      () => family.every((pid) => textOf(`/proc/${pid}/cmdline`) === ""),
    );
  },
);

Deno.test("PROGRAMS lists every program that the scripts run", () => {
  // deno-fmt-ignore
  const shell = ["set", "shift", "cd", "for", "if", "elif", "while", "case", "exec", "exit", "unset", "export", "command",
    "then", "else", "fi", "do", "done", "esac", "trap", "echo", "read", "return", "bind", "place", "remove", "started",
    "continue", "decode", "printf", "seal", "umask"];
  for (const script of [EMPTY_ROOT_SCRIPT, TRACE_SCRIPT]) {
    // What stands in quotation marks, and the patterns of a case, are no programs.
    const bare = script.replaceAll(/"[^"]*"/g, '""').replaceAll(/^ *[a-z*]+\) *(;;)?/gm, "");
    const first = /(?<=^|\(|&& |; |\b(?:then|do|else|exec) |-v |\{ )\s*([a-z][a-z_]*)(?=[ \n)])/gm;
    const words = new Set([...bare.matchAll(first)].map(([, word]) => word!));
    assertEquals([...words].filter((word) => !(word in PROGRAMS) && !shell.includes(word)), []);
    assert(["mount", "mkdir"].every((name) => words.has(name)));
  }
});

async function children(pid: number): Promise<number[]> {
  await until("there is a child", () => textOf(`/proc/${pid}/task/${pid}/children`).trim() !== "");
  return textOf(`/proc/${pid}/task/${pid}/children`).trim().split(" ").map(Number);
}

async function descendants(pid: number): Promise<number[]> {
  const direct = textOf(`/proc/${pid}/task/${pid}/children`).trim().split(" ").filter(Boolean).map(
    Number,
  );
  return [...direct, ...(await Promise.all(direct.map(descendants))).flat()];
}
