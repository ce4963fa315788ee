import { assertEquals } from "@std/assert";
import { createActors } from "../../../collectors/fsmond/actors.ts";
import type { Happening } from "../../../collectors/fsmond/happening.ts";
import { openProcFiles } from "../../../collectors/proc/files.ts";
import { readHost } from "../../../collectors/procmond/host.ts";
import { isLinux, linkOf, run, testWith, until } from "../support.ts";

const needs = { Linux: isLinux };

/** Somebody's actors, where the agent has this pid. */
function actorsFor(agent: number) {
  const files = openProcFiles("/proc");
  return createActors(files, readHost(files), agent);
}

const happening = (more: Partial<Happening>): Happening => ({
  at: Date.now(),
  types: ["create"],
  path: "/x",
  ...more,
});

testWith(needs, "a process that runs is told as it is", async () => {
  await using sleeper = run("sleep", ["60"]);
  await until("it sleeps", () => linkOf(`/proc/${sleeper.pid}/exe`) !== linkOf("/proc/self/exe"));
  const actor = actorsFor(1).of(happening({ pid: sleeper.pid, program: "/other" }))!;
  assertEquals([actor.process_pid, actor.process_name, actor.executable_path], [
    sleeper.pid,
    "sleep",
    linkOf(`/proc/${sleeper.pid}/exe`),
  ]);
});

testWith(needs, "a process that is gone, or another by now, is what it ran", async () => {
  const child = new Deno.Command("true").spawn();
  await child.status;
  const gone = { process_pid: child.pid, process_key: undefined };
  const actors = actorsFor(1);
  assertEquals(actors.of(happening({ pid: child.pid, program: "/usr/bin/x\xff" })), {
    ...gone,
    process_name: "x\ufffd",
    executable_path: "/usr/bin/x\ufffd",
  });
  assertEquals(actors.of(happening({ pid: child.pid })), {
    ...gone,
    process_name: undefined,
    executable_path: undefined,
  });
  const known = happening({ pid: child.pid, start: 12 });
  assertEquals(String(actors.of(known)!.process_key).split(":").slice(1), [`${child.pid}`, "12"]);
  const other = happening({ pid: Deno.pid, start: 12, program: "/bin/z" });
  assertEquals(actors.of(other)!.executable_path, "/bin/z");
  // This one was not yet there a day ago.
  const before = happening({ pid: Deno.pid, at: Date.now() - 864e5, program: "/bin/y" });
  assertEquals(actors.of(before)!.executable_path, "/bin/y");
});

testWith(needs, "what the agent and its own processes write is not told", async () => {
  assertEquals(actorsFor(Deno.pid).of(happening({ pid: Deno.pid })), undefined);
  const { pid, stdin, status } = new Deno.Command(Deno.execPath(), {
    args: ["eval", "await Deno.stdin.read(new Uint8Array(1))"],
    stdin: "piped",
  }).spawn();
  await until("it is Deno", () => linkOf(`/proc/${pid}/exe`) === Deno.execPath());
  assertEquals(actorsFor(Deno.pid).of(happening({ pid })), undefined);
  assertEquals(actorsFor(1).of(happening({ pid }))?.process_pid, pid);
  await stdin.close();
  await status;
  // Other programs that it starts are nobody's but an attacker's.
  await using sleeper = run("sleep", ["60"]);
  await until("it sleeps", () => linkOf(`/proc/${sleeper.pid}/exe`) !== Deno.execPath());
  assertEquals(actorsFor(Deno.pid).of(happening({ pid: sleeper.pid }))?.process_pid, sleeper.pid);
});

testWith(
  needs,
  "where nobody tells who did it, the files that the agent has open are its own",
  async () => {
    const path = await Deno.realPath(await Deno.makeTempFile());
    using _state = await Deno.open(path, { write: true });
    const actors = actorsFor(Deno.pid);
    assertEquals(actors.of(happening({ path })), undefined);
    assertEquals(actors.of(happening({ path: path + "x" }))?.process_pid, undefined);
    await Deno.remove(path);
  },
);
