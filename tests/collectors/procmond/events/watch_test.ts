import { assert, assertEquals } from "@std/assert";
import { watch } from "../../../../collectors/procmond/events/watch.ts";
import { isLinux, testWith } from "../../support.ts";

testWith(
  { Linux: isLinux },
  "watch() compares what was told with what there is, also while events never pause",
  async () => {
    const root = await Deno.makeTempDir();
    await Deno.mkdir(`${root}/sys/kernel/random`, { recursive: true });
    await Deno.writeTextFile(`${root}/sys/kernel/random/boot_id`, "boot\n");
    await Deno.writeTextFile(`${root}/stat`, "btime 1700000000\n");
    await Deno.writeTextFile(`${root}/uptime`, "100.00 100.00\n");
    // A process of whose beginning nobody tells.
    await Deno.mkdir(`${root}/5`);
    await Deno.symlink("/dev/zero", `${root}/trace_pipe`);

    const aborter = new AbortController();
    const patience = performance.now() + 30_000;
    let compared = false;
    const events = watch({ project: ["pid"] }, {
      procRoot: root,
      traceRoot: root,
      deadline: Infinity,
      signal: aborter.signal,
      reconcileEvery: 1,
      dropped(_, reason) {
        compared ||= reason === "processes began or ended and nobody told";
        if (compared || performance.now() > patience) aborter.abort();
      },
    });
    // The next event always comes before any time is up.
    const { setTimeout } = globalThis;
    globalThis.setTimeout = (() => 0) as unknown as typeof setTimeout;
    try {
      assertEquals(await Array.fromAsync(events), []);
    } finally {
      globalThis.setTimeout = setTimeout;
    }
    assert(compared);
    await Deno.remove(root, { recursive: true });
  },
);
