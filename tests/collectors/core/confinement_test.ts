import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { launch, type ReadNeeds } from "../../../collectors/core/launch.ts";
import {
  commandLine,
  PROC_CAPABILITIES,
  type ProcView,
  spawn,
} from "../../../collectors/core/means.ts";
import { canConfine, run, testWith } from "../support.ts";

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
  using _roots = Deno.listen({ transport: "unix", path: `${folder}/roots-socket` });
  using _everybodys = Deno.listen({ transport: "unix", path: `${folder}/everybody/socket` });
  await Deno.chmod(`${folder}/everybody/socket`, 0o666);

  const { port } = listener.addr as Deno.NetAddr;
  const child = await start(
    JSON.stringify({ pid: victim.pid, port, folder, toolkit: here.pathname }),
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

const succeeded = (results: Readonly<Record<string, string>>) =>
  Object.keys(results).filter((name) => results[name] === "succeeded");

/** As collectors are started, with Deno's own permissions. */
const launched = (reads: ReadNeeds) => async (target: string) => {
  const { process, confinement, stderr } = await launch({
    name: "hijacked",
    module,
    args: [target],
    reads,
    sources: ["tests/collectors/core"],
    policy: "required",
  });
  assertEquals(confinement, "namespaces");
  void stderr;
  return process;
};

/** As if Deno's own permissions had been overcome. */
const unleashed = (proc: ProcView, capabilities: readonly string[]) => (target: string) => {
  const world = { proc, capabilities, shown: [here.pathname] };
  // deno-fmt-ignore
  const child = spawn(commandLine("namespaces", world, [
    "run", "--quiet", "--no-prompt", "--no-config", "--no-lock", "--allow-all", module.href, "/hostproc", target,
  ]), "piped");
  child.stderr.cancel();
  return child;
};

const READS_MEMORY = "read the memory of another process";
const NATIVE = ["run Deno again", "load a library"];
const FOLLOWS = [
  "read through the root of another process",
  READS_MEMORY,
  "create a file in a folder of everybody through another root",
  "run a program through another root",
  ...NATIVE,
  "connect to a socket of everybody through another root",
];

testWith(needs, "a hijacked procmond can only read the memory of others", async () => {
  assertEquals(succeeded(await attempts(launched({ proc: "look" }))), [READS_MEMORY]);
});

testWith(needs, "a hijacked procmond with native code can do little more", async () => {
  const results = await attempts(unleashed("look", PROC_CAPABILITIES));
  assertEquals(succeeded(results), [READS_MEMORY, ...NATIVE]);
});

testWith(
  needs,
  "a hijacked hasher can read files, and write only where everybody may",
  async () => {
    const { "read through the root of process 1": _, ...results } = await attempts(
      launched({ proc: "follow" }),
    );
    assertEquals(succeeded(results), FOLLOWS);
  },
);

testWith(needs, "a hijacked child that reads nothing can do nothing", async () => {
  assertEquals(succeeded(await attempts(launched({}))), []);
});

testWith(
  needs,
  "a hijacked child that reads nothing can do nothing to the host with native code",
  async () => {
    assertEquals(succeeded(await attempts(unleashed("none", []))), NATIVE);
  },
);

Deno.test("docs/confinement.md lists what namespaces do not stop", async () => {
  const text = await Deno.readTextFile(new URL("../../../docs/confinement.md", import.meta.url));
  for (const name of FOLLOWS) assertStringIncludes(text, name);
});
