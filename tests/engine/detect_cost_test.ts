import { assert, assertEquals } from "@std/assert";
import { detect } from "../../engine/detect.ts";
import type { Sandbox } from "../../engine/sandbox/sandbox.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import { batchOf, detectionOf, NOW, storeScan, withEngine } from "./support.ts";

Deno.test("detect() evaluates cheap detections side by side, and costly ones one at a time", async () => {
  const cheap = Array.from(
    { length: 4 },
    () => detectionOf("SELECT pid, 1 AS cheap FROM processes WHERE pid = 1"),
  );
  const costly = Array.from(
    { length: 3 },
    () =>
      detectionOf(
        "SELECT a.pid, 1 AS costly FROM processes a, processes b WHERE a.pid = 1",
      ),
  );
  assertEquals(costly[0]!.plan.cost.class, "high");
  await withEngine(async (store, sandbox) => {
    const manifest = await storeScan(store, [[batchOf("processes", [{ pid: 1, name: "a" }])]]);
    const running = { cheap: 0, costly: 0 };
    const most = { cheap: 0, costly: 0 };
    const counting: Sandbox = {
      ...sandbox,
      async run(job) {
        const kind = job.sql.includes("costly") ? "costly" : "cheap";
        most[kind] = Math.max(most[kind], ++running[kind]);
        const outcome = await sandbox.run(job);
        running[kind]--;
        return outcome;
      },
    };
    const { runs } = await detect({
      store,
      manifest,
      sandbox: counting,
      detections: [...costly, ...cheap],
      catalogue: CATALOGUE,
      now: NOW,
    });
    assert(runs.every(({ evaluation }) => evaluation.status === "evaluated"));
    assertEquals(most, { cheap: 4, costly: 1 });
  });
});
