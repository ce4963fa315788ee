import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { CollectorPermissions } from "../../../collectors/core/collector.ts";
import { launch } from "../../../collectors/core/launch.ts";
import {
  commandLine,
  PROC_CAPABILITIES,
  type ProcView,
  spawn,
} from "../../../collectors/core/means.ts";
import { COLLECTORS } from "../../../collectors/mod.ts";
import type { ConfinementPolicy } from "../../../model/collection.ts";
import { canConfine, isLinux, run, testWith } from "../support.ts";

const here = new URL("./", import.meta.url);
const module = new URL("hijacked.ts", here);
const needs = { "root that can make namespaces": canConfine() };

/** Lets a hijacked collector try everything; what it reports, attempt by attempt. */
async function attempts(
  start: (target: string) => Deno.ChildProcess | Promise<Deno.ChildProcess>,
): Promise<Readonly<Record<string, string>>> {
  await using victim = run("sleep", ["60"]);
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const folder = await Deno.makeTempDir();
  await Deno.chmod(folder, 0o755);
  await Deno.mkdir(`${folder}/everybody`);
  await Deno.chmod(`${folder}/everybody`, 0o777);
  await Deno.writeTextFile(`${folder}/roots-file`, "roots");
  const pipes = [`${folder}/roots-pipe`, `${folder}/everybody/pipe`];
  await new Deno.Command("mkfifo", { args: pipes }).output();
  await Deno.chmod(pipes[0]!, 0o600);
  await Deno.chmod(pipes[1]!, 0o666);
  using _roots = Deno.listen({ transport: "unix", path: `${folder}/roots-socket` });
  using _everybodys = Deno.listen({ transport: "unix", path: `${folder}/everybody/socket` });
  await Deno.chmod(`${folder}/everybody/socket`, 0o666);
  const abstract = `daemoneye-${crypto.randomUUID()}`;
  using _abstract = Deno.listen({ transport: "unix", path: `\0${abstract}` });

  const { port } = listener.addr as Deno.NetAddr;
  const { pid } = victim;
  const child = await start(
    JSON.stringify({ pid, agent: Deno.pid, port, folder, toolkit: here.pathname, abstract }),
  );
  await child.stdin.close();
  const text = await new Response(child.stdout).text();
  await child.status;
  assertEquals(await Deno.readTextFile(`${folder}/roots-file`), "roots");
  await Deno.remove(folder, { recursive: true });
  assert(await isAlive(victim), "the victim lives");
  assert(text !== "", "it has reported");
  return JSON.parse(text);
}

async function isAlive(child: Deno.ChildProcess): Promise<boolean> {
  const ended = child.status.then(() => false);
  return await Promise.race([ended, new Promise<true>((resolve) => setTimeout(resolve, 50, true))]);
}

/** What succeeded, besides what depends on the host: whether it has a way out, and who its process 1 is. */
const succeeded = (results: Readonly<Record<string, string>>) =>
  Object.keys(results).filter((name) =>
    results[name] === "succeeded" && name !== "natively connect out" &&
    name !== "read through the root of process 1"
  );

/** As collectors are started, with Deno's own permissions. */
const launched =
  (permissions: CollectorPermissions, policy: ConfinementPolicy = "required") =>
  async (target: string) => {
    const { process, confinement, lacks } = await launch({
      name: "hijacked",
      module,
      args: [target],
      permissions,
      sources: ["tests/collectors/core"],
      policy,
    });
    assertEquals(lacks, []);
    if (policy === "required") assertEquals(confinement, "namespaces");
    return process;
  };

const LIBC = `/lib/${Deno.build.arch}-linux-gnu/libc.so.6`;

/** As if Deno's own permissions had been overcome. */
const unleashed =
  (proc: ProcView, capabilities: readonly string[], network?: "host") => (target: string) => {
    const world = { proc, capabilities, shown: [here.pathname], ...(network && { network }) };
    const places = JSON.stringify({ procRoot: "/hostproc", libc: LIBC });
    // deno-fmt-ignore
    const child = spawn(commandLine("namespaces", world, [
      "run", "--quiet", "--no-prompt", "--no-config", "--no-lock", "--allow-all", module.href, places, target,
    ]), "piped");
    child.stderr.cancel();
    return child;
  };

const READS_MEMORY = ["read the memory of another process", "read the memory of the agent"];
const NATIVE = ["run Deno again", "load a library"];
const FOLLOWS = [
  "read through the root of another process",
  ...READS_MEMORY,
  "create a file in a folder of everybody through another root",
  "run a program through another root",
  ...NATIVE,
  "connect to a socket of everybody through another root",
];
const FILES = [
  "read any file of the host",
  "natively write to a pipe of everybody among the host's",
  "natively connect to a socket of everybody among the host's",
];
const NETWORK = ["natively connect to loopback", "natively connect to an abstract socket"];

testWith(
  needs,
  "a hijacked collector that looks at processes can only read their memory",
  async () => {
    assertEquals(succeeded(await attempts(launched({ proc: "look" }))), READS_MEMORY);
  },
);

testWith(needs, "with native code it can do little more", async () => {
  const results = await attempts(unleashed("look", PROC_CAPABILITIES));
  assert(Object.keys(results).some((name) => name.startsWith("natively")), "it has tried");
  assertEquals(succeeded(results), [...READS_MEMORY, ...NATIVE]);
});

testWith(
  needs,
  "a hijacked hasher can read files, and write only where everybody may",
  async () => {
    assertEquals(succeeded(await attempts(launched({ proc: "follow" }))), FOLLOWS);
  },
);

testWith(needs, "a hijacked collector of files can read them, and little more", async () => {
  assertEquals(succeeded(await attempts(launched({ files: "all" }))), [
    "read any file of the host",
  ]);
  const results = await attempts(launched({ files: "all", ffi: true }));
  assert("natively attach to the agent" in results, "it was loaded");
  assertEquals(succeeded(results), FILES);
});

testWith(needs, "a hijacked binmond can do what a hasher can, and read files", async () => {
  const results = await attempts(launched({ proc: "follow", files: "all", sys: ["statfs"] }));
  // It finds the processes a second time among the files.
  const again = " among the host's files";
  const others = succeeded(results).filter((name) => !name.endsWith(again));
  assertEquals(others.sort(), [...FOLLOWS, FILES[0]!].sort());
});

testWith(needs, "a hijacked configmond can read files and memory, and tell nobody", async () => {
  const { permissions } = COLLECTORS.map(({ collector }) => collector)
    .find(({ name }) => name === "configmond")!;
  const results = await attempts(launched(permissions));
  const again = " among the host's files";
  const others = succeeded(results).filter((name) => !name.endsWith(again));
  assertEquals(others.sort(), [...READS_MEMORY, FILES[0]!].sort());
});

testWith(needs, "a hijacked child that reads nothing can do nothing", async () => {
  assertEquals(succeeded(await attempts(launched({}))), []);
});

testWith(needs, "with native code it can do nothing to the host either", async () => {
  assertEquals(succeeded(await attempts(unleashed("none", []))), NATIVE);
});

testWith(
  needs,
  "files, events of the kernel and the host's network open no other door",
  async () => {
    const permissions: CollectorPermissions = {
      read: ["/etc/passwd", "/sys/class/net"],
      trace: ["sched/sched_process_exec"],
      network: "host",
    };
    assertEquals(succeeded(await attempts(launched(permissions))), []);
  },
);

testWith(needs, "being told of files opens no door to them", async () => {
  const results = await attempts(launched({ proc: "look", fileEvents: true }));
  assertEquals(succeeded(results), READS_MEMORY);
  assertEquals(
    succeeded(await attempts(launched({ fileEvents: true }))),
    [],
  );
});

testWith(needs, "the C library is stopped by the kernel alone, which refuses as much", async () => {
  const results = await attempts(launched({ proc: "look", ffi: true }));
  assert("natively attach to the agent" in results, "it was loaded");
  assertEquals(succeeded(results), READS_MEMORY);
});

testWith(needs, "with the C library in the host's network it can connect", async () => {
  const permissions: CollectorPermissions = { proc: "look", ffi: true, network: "host" };
  assertEquals(succeeded(await attempts(launched(permissions))), [...READS_MEMORY, ...NETWORK]);
  assertEquals(
    succeeded(await attempts(unleashed("look", PROC_CAPABILITIES, "host"))).filter((name) =>
      !name.startsWith("connect to")
    ),
    [...READS_MEMORY, ...NATIVE, ...NETWORK],
  );
});

testWith({ Linux: isLinux }, "Deno alone stops a child that reads little", async () => {
  for (const permissions of [{}, { read: ["/usr/share"] }, { network: "host" }] as const) {
    assertEquals(succeeded(await attempts(launched(permissions, "off"))), []);
  }
});

Deno.test("no collector that sees processes asks for native code", () => {
  const all = COLLECTORS.map(({ collector }) => collector);
  assertEquals(all.filter(({ permissions: { proc, ffi } }) => proc && ffi), []);
});

Deno.test("docs/confinement.md lists what namespaces do not stop", async () => {
  const text = (await Deno.readTextFile(new URL("../../../docs/confinement.md", import.meta.url)))
    .replaceAll(/\s+/g, " ");
  for (const name of [...FOLLOWS, ...FILES, ...NETWORK]) assertStringIncludes(text, name);
});
