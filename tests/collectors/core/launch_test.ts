import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { ConfinementRefused, launch, type LaunchSpec } from "../../../collectors/core/launch.ts";
import { PROGRAMS, strongestMeans } from "../../../collectors/core/means.ts";
import { EMPTY_ROOT_SCRIPT } from "../../../collectors/core/empty_root.ts";
import { canConfine, isLinux, isRoot, testWith, textOf, until } from "../support.ts";

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
  const { said, confinement, reason, procRoot } = await say({ reads: { proc: "follow" } });
  assertEquals([confinement, reason, procRoot], ["namespaces", undefined, "/hostproc"]);
  assertEquals(said.args, ["/hostproc"]);
  const known = ["cache", "deno", "hostproc", "lib", "lib64", "old", "proc", "setpriv", "usr"];
  const [top] = new URL(import.meta.url).pathname.split("/").filter(Boolean);
  assertEquals(said.root.filter((name: string) => !known.includes(name)), [top]);
});

testWith(
  { namespaces },
  "launch() leaves a child the capabilities it needs and no way to others",
  async () => {
    const capabilities = async (reads: LaunchSpec["reads"]) => {
      const { process, stderr } = await launch(spec({ ...(reads && { reads }), args: ["wait"] }));
      const pid = (await children(process.pid))[0]!;
      await until("Deno runs", () => /^NoNewPrivs:\t1$/m.test(textOf(`/proc/${pid}/status`)));
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
  const { confinement, reason, said, procRoot } = await say({ policy: "off" });
  assertEquals([confinement, reason, procRoot], ["none", "confinement is switched off", "/proc"]);
  assertEquals(said.root, null);
});

testWith({ namespaces }, "launch() fails rather than go on with less", async () => {
  const { status, said, stderr } = await say({ reads: { paths: ["/nowhere/to/be found"] } });
  assertEquals(status.success, false);
  assertEquals(said, undefined);
  assertMatch(stderr, /nowhere/);
});

testWith({ namespaces }, "launch() shows files at paths with odd characters", async () => {
  const folder = await Deno.makeTempDir({ prefix: "odd $(touch x) ' ;&" });
  const path = `${folder}/"file\\\nname`;
  await Deno.writeTextFile(path, "content");
  const { said, stderr } = await say({ reads: { paths: [path] }, args: ["read", path] });
  assertEquals(said?.content, "content", stderr);
  await Deno.remove(folder, { recursive: true });
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

Deno.test("PROGRAMS lists every program that the empty root is built with", () => {
  const bare = EMPTY_ROOT_SCRIPT.replaceAll(/"[^"]*"/g, '""');
  const first = /(?<=^|\(|&& |; |then |exec |-v |\{ )\s*([a-z][a-z_]*)(?=[ )])/gm;
  const words = new Set([...bare.matchAll(first)].map(([, word]) => word!));
  // deno-fmt-ignore
  const shell = ["set", "shift", "show", "cd", "for", "if", "elif", "while", "case", "exec", "exit", "unset", "export",
    "command", "cache", "shown", "then", "none", "look", "follow"];
  assertEquals([...words].filter((word) => !(word in PROGRAMS) && !shell.includes(word)), []);
  assert(
    ["mount", "umount", "pivot_root", "mkdir", "cp"].every((name) => words.has(name)),
  );
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
