import { assertEquals } from "@std/assert";
import { detect } from "../../../engine/detect.ts";
import type { CompiledDetection } from "../../../model/compiled.ts";
import { CATALOGUE } from "../../../profiles/mod.ts";
import { batchOf, detectionOf, NOW, storeScan, withEngine } from "../support.ts";
import { collectorsOf, type Host, scanHost } from "./support.ts";

const HOST: Host = {
  processes: [
    { pid: 7, process_key: "b:7:1", user_id: 0 },
    { pid: 8, process_key: "b:8:1", user_id: 5 },
  ],
  binary_analysis: [
    { pid: 7, process_key: "b:7:1", file_path: "/x", entropy: 7.9 },
    { pid: 8, process_key: "b:8:1", file_path: "/y", entropy: 7.9 },
  ],
};

const detectionFor = (condition: string, more = "") =>
  detectionOf(
    `SELECT p.pid FROM processes p LEFT AUTO JOIN binary_analysis b ON b.pid = p.pid WHEN ${condition} WHERE ${condition}`,
    more,
  );

Deno.test("a detection is judged on the keys that were asked for when the scan was made", () =>
  withEngine(async (store, sandbox) => {
    const { manifest } = await scanHost(store, sandbox, collectorsOf(HOST), [
      detectionFor("p.user_id = 0"),
    ]);
    const judged = async (compiled: CompiledDetection) => {
      const { runs } = await detect({
        store,
        manifest,
        sandbox,
        detections: [compiled],
        catalogue: CATALOGUE,
        now: manifest.started,
      });
      const [{ evaluation }] = runs as [(typeof runs)[number]];
      return evaluation.status === "evaluated"
        ? [evaluation.result.rows.flat(), evaluation.partial?.reason]
        : evaluation.why.reason;
    };
    assertEquals(await judged(detectionFor("p.pid = 7")), [[7], undefined]);
    assertEquals(await judged(detectionFor("p.pid > 6")), [
      [7],
      "binary_analysis: 1 of 2 keys were not answered (they were not asked for)",
    ]);
    assertEquals(
      await judged(detectionFor("p.user_id = 5")),
      "binary_analysis: 1 of 1 keys were not answered (they were not asked for)",
    );
  }));

Deno.test("rows that were given and not asked for are all that there are", () =>
  withEngine(async (store, sandbox) => {
    const manifest = await storeScan(
      store,
      Object.entries(HOST).map(([table, rows]) => [batchOf(table, rows.slice(0, 1))]),
    );
    const detections = [detectionFor("p.user_id = 0")];
    const { runs } = await detect({
      store,
      manifest,
      sandbox,
      detections,
      catalogue: CATALOGUE,
      now: NOW,
    });
    const [run] = runs;
    assertEquals(run?.evaluation.status === "evaluated" && run.evaluation.partial, undefined);
    assertEquals(run?.hits.map(({ row }) => row), [[7]]);
  }));

Deno.test("with lookback the keys that earlier scans asked for count, too", () =>
  withEngine(async (store, sandbox) => {
    const compiled = detectionOf(
      "SELECT p.pid, count(*) AS n FROM processes p JOIN binary_analysis b ON b.pid = p.pid AND b.scan_id = p.scan_id GROUP BY p.pid",
      "lookback: 1h",
    );
    await scanHost(store, sandbox, collectorsOf(HOST), [compiled]);
    const later = { ...HOST, processes: HOST["processes"]!.slice(0, 1) };
    const { runs } = await scanHost(store, sandbox, collectorsOf(later), [compiled]);
    const [run] = runs;
    assertEquals(run?.evaluation.status === "evaluated" && run.evaluation.partial, undefined);
    assertEquals(run?.hits.map(({ row }) => row).sort(), [[7, 2], [8, 1]]);
  }));
