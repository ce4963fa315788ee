import { assertEquals } from "@std/assert";
import { detect } from "../../engine/detect.ts";
import type { Sandbox } from "../../engine/sandbox/sandbox.ts";
import { createStates } from "../../engine/states.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import { batchOf, detectionOf, NOW, storeScan, withEngine } from "./support.ts";

const ON_EXEC = detectionOf(
  "SELECT e.pid, p.pid AS twin FROM process_events e JOIN processes p ON p.name = e.name",
  "mode: events\nidentity: [pid]",
);

const execOf = (pid: number, name: string) =>
  batchOf("process_events", [{ event_id: `${pid}`, event_type: "exec", event_time: 0, pid, name }]);

/** A sandbox that counts the images that it is given. */
function counting(sandbox: Sandbox) {
  const seen = { loaded: 0, laid: 0 };
  const counted: Sandbox = {
    ...sandbox,
    load: (bytes) => (seen.loaded++, sandbox.load(bytes)),
    lay: (bytes, image) => (seen.laid++, sandbox.lay(bytes, image)),
  };
  return { seen, counted };
}

Deno.test("createStates() gives batches of events one image of a scan, and a new one of the next scan", () =>
  withEngine(async (store, sandbox) => {
    const { seen, counted } = counting(sandbox);
    const states = createStates(store, CATALOGUE, counted);
    const judge = async (manifest: Awaited<ReturnType<typeof storeScan>>, pid: number) => {
      const { runs } = await detect({
        store,
        manifest,
        sandbox: counted,
        states,
        detections: [ON_EXEC],
        catalogue: CATALOGUE,
        now: NOW,
        events: [execOf(pid, "a")],
      });
      const { evaluation } = runs[0]!;
      return evaluation.status === "evaluated" ? evaluation.result.rows : evaluation.why;
    };
    const processes = (pid: number) => batchOf("processes", [{ pid, name: "a" }]);
    const one = await storeScan(store, [[processes(7)]]);
    assertEquals([await judge(one, 1), await judge(one, 2)], [[[1, 7]], [[2, 7]]]);
    assertEquals(seen, { loaded: 1, laid: 2 });
    const two = await storeScan(store, [[processes(8)]]);
    assertEquals(await judge(two, 3), [[3, 8]]);
    assertEquals(seen, { loaded: 2, laid: 3 });
  }));

Deno.test("createStates() makes another state where more is read, or rows are too old", () =>
  withEngine(async (store, sandbox) => {
    const { seen, counted } = counting(sandbox);
    const states = createStates(store, CATALOGUE, counted);
    await storeScan(store, [[batchOf("users", [{ username: "a" }])]], NOW - 5_000);
    const manifest = await storeScan(store, [[batchOf("processes", [{ pid: 1 }])]]);
    const tablesOf = async (oldest: number, ...reads: readonly [string, string][]) => {
      const only = reads.map(([table, column]) => ({ table, columns: [column] }));
      const { collected } = await states.of(manifest, { only, oldest, resources: {} });
      return [...collected.keys()].sort();
    };
    const both = [["processes", "pid"], ["users", "username"]] as const;
    assertEquals(await tablesOf(NOW - 9_000, [...both[0]]), ["processes"]);
    assertEquals(await tablesOf(NOW - 9_000, [...both[0]], [...both[1]]), ["processes", "users"]);
    assertEquals(await tablesOf(NOW - 9_000, [...both[1]]), ["processes", "users"]);
    assertEquals(seen.loaded, 2);
    assertEquals(await tablesOf(NOW - 1_000, [...both[1]]), []);
    assertEquals(await tablesOf(NOW - 9_000, ["processes", "name"]), ["processes"]);
    assertEquals(seen.loaded, 4);
  }));
