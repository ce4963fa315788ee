import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { launch, type LaunchSpec } from "../../../collectors/core/launch.ts";
import { openTracing } from "../../../collectors/core/tracing.ts";
import { canConfine, canTrace, run, testWith, textOf, until } from "../support.ts";

const EXEC = "sched/sched_process_exec";
const INSTANCES = "/sys/kernel/tracing/instances";
const needs = { "root and tracefs": canTrace() };

/** The instances of this toolkit, seen without its code. */
const instances = () =>
  [...Deno.readDirSync(INSTANCES)].map(({ name }) => name).filter((name) =>
    name.startsWith("daemoneye-")
  );
const textOfInstance = (instance: string, file: string) =>
  textOf(`${INSTANCES}/${instance}/${file}`).trim();

testWith(needs, "openTracing() switches events on until it is closed", async () => {
  const tracing = await openTracing([EXEC]);
  const { instance } = tracing;
  assert(instances().includes(instance));
  assertEquals(tracing.path, `${INSTANCES}/${instance}`);
  assertEquals(textOfInstance(instance, `events/${EXEC}/enable`), "1");
  assertEquals(textOfInstance(instance, "events/sched/sched_switch/enable"), "0");
  assertMatch(textOfInstance(instance, "trace_clock"), /\[boot\]/);
  await tracing.close();
  await tracing.close();
  assert(!instances().includes(instance));
});

testWith(
  needs,
  "openTracing() filters events, and does without system calls that a kernel does not tell",
  async () => {
    const { instance, close } = await openTracing([`${EXEC} if pid == 7`, "syscalls/no_such_call"]);
    assertEquals(textOfInstance(instance, `events/${EXEC}/filter`), "pid == 7");
    assertEquals(textOfInstance(instance, `events/${EXEC}/enable`), "1");
    await close();
    await assertRejects(() => openTracing([`${EXEC} if nonsense`]), Error);
  },
);

testWith(needs, "openTracing() says why it cannot, and leaves nothing behind", async () => {
  const { message } = await assertRejects(() => openTracing(["nothing/of_the_kind"]), Error);
  const [, instance] = /(daemoneye-\S+?)\/events\/nothing\/of_the_kind/.exec(message)!;
  assert(!instances().includes(instance!));
});

testWith(needs, "openTracing() removes what a killed owner has left", async () => {
  const leave = async () => {
    const tracing = await openTracing([EXEC]);
    const [, pid] = /-(\d+)-\d+$/.exec(tracing.instance)!;
    Deno.kill(Number(pid), "SIGKILL");
    await tracing.close();
    return tracing;
  };
  let tracing = await leave();
  // Others who open theirs meanwhile remove it as well.
  for (let tries = 0; !instances().includes(tracing.instance); tries++) {
    assert(tries < 10, "there was nobody left to remove it");
    tracing = await leave();
  }
  const living = await openTracing([EXEC]);
  const next = await openTracing([EXEC]);
  assert(!instances().includes(tracing.instance));
  assert(instances().includes(living.instance), "only those of the dead are removed");
  await Promise.all([living.close(), next.close()]);
});

function spec(more: Partial<LaunchSpec> = {}): LaunchSpec {
  return {
    name: "tracer",
    module: new URL("tracer.ts", import.meta.url),
    sources: ["tests/collectors/core"],
    policy: "preferred",
    permissions: { trace: [EXEC] },
    ...more,
  };
}

for (
  const [how, more, root] of [
    ["confined", {}, "/hosttrace"],
    ["confined with a view of processes", {
      permissions: { trace: [EXEC], proc: "look" },
    }, "/hosttrace"],
    ["not confined", { policy: "off" }, undefined],
  ] as const
) {
  testWith(
    { ...needs, namespaces: canConfine() },
    `a child that is ${how} reads the events that it asked for, and nothing else`,
    async () => {
      const { process, stderr, lacks, places, close } = await launch(spec(more));
      assertEquals(lacks, []);
      const reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      const read = async (isEnough: () => boolean) => {
        while (!isEnough()) {
          const { value, done } = await reader.read();
          if (done) throw new Error(`it has ended: ${text} ${stderr.text()}`);
          text += value;
        }
      };
      await read(() => text.includes("\n"));
      const said = JSON.parse(text.split("\n")[0]!);
      assertEquals(said.traceRoot, root ?? places.traceRoot);
      if (root) {
        assertEquals(said.files, ["trace_pipe"]);
        assertEquals(said.written, "NotCapable");
      }
      await using _true = run("/bin/true");
      await read(() => /filename=\S*\/true pid=/.test(text));
      assert(!/sched_(?!process_exec)/.test(text));
      const mine = root ? instanceOf(process.pid) : said.traceRoot.split("/").at(-1);
      assert(instances().includes(mine));
      process.kill("SIGKILL");
      await reader.cancel();
      await process.status;
      await stderr.closed;
      await process.stdin.abort().catch(() => {});
      await close();
      assert(!instances().includes(mine));
    },
  );
}

/** The instance whose events a confined child reads. */
function instanceOf(pid: number): string {
  const child = textOf(`/proc/${pid}/task/${pid}/children`).trim();
  const [, name] = / \/instances\/(\S+)\/trace_pipe /.exec(textOf(`/proc/${child}/mountinfo`))!;
  return name!;
}

testWith(needs, "an instance of tracefs does not outlive an agent that is killed", async () => {
  const parent = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-all",
      "--quiet",
      new URL("parent.ts", import.meta.url).pathname,
      "trace",
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = parent.stdout.getReader();
  assertEquals(new TextDecoder().decode((await reader.read()).value).trim(), "ready");
  const children = textOf(`/proc/${parent.pid}/task/${parent.pid}/children`).trim().split(" ");
  const mine = instances().find((name) => children.some((pid) => name.includes(`-${pid}-`)))!;
  assert(mine !== undefined);
  parent.kill("SIGKILL");
  await parent.status;
  await reader.cancel();
  await until("the instance is removed", () => !instances().includes(mine));
});

testWith(
  { Linux: Deno.build.os === "linux" },
  "launch() does without events that cannot be had, and says so",
  async () => {
    const { process, stderr, lacks, places, close } = await launch(
      spec({ permissions: { trace: ["nothing/of_the_kind"] } }),
    );
    await process.stdin.close();
    const text = await new Response(process.stdout).text();
    await process.status;
    await stderr.closed;
    await close();
    assertEquals(JSON.parse(text).traceRoot, null);
    assertEquals(places, {});
    assertEquals(lacks.length, 1);
    assertMatch(lacks[0]!, /^events of the kernel \(/);
  },
);
