import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { openCollectors } from "../../collectors/mod.ts";
import { scan } from "../../engine/scan.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import { processes } from "../../profiles/processes.ts";
import { detectionOf, withEngine } from "../engine/support.ts";
import { isLinux, testWith } from "./support.ts";

/** Scans with a collector of processes that misbehaves. */
async function scanWith(way: string) {
  const module = new URL(`core/unruly.ts?table=processes&way=${way}`, import.meta.url);
  await using collectors = await openCollectors({
    platform: "linux",
    policy: "off",
    collectors: [{
      collector: {
        name: "unruly",
        kind: "monitor",
        tables: ["processes"],
        permissions: {},
        modules: { linux: module },
      },
      specs: [processes],
    }],
  });
  const detections = [
    detectionOf("SELECT name FROM processes WHERE name = 'a'"),
    detectionOf("SELECT name FROM processes WHERE name = 'x'"),
  ];
  let statuses = collectors.statuses();
  assertEquals([statuses[0]!.state, statuses[0]!.report], ["idle", undefined]);
  const results: Awaited<ReturnType<typeof scan>>[] = [];
  await withEngine(async (store, sandbox) => {
    results.push(
      await scan({
        store,
        sandbox,
        collectors,
        detections,
        catalogue: CATALOGUE,
        platform: "linux",
        host: "host-a",
        sinks: [],
      }),
    );
    statuses = collectors.statuses();
    assertEquals((await store.latest())!.collectors, collectors.reports());
  });
  const [{ summary, alerts }] = results as [Awaited<ReturnType<typeof scan>>];
  return { summary, alerts, ids: detections.map(({ detection }) => detection.meta.id), statuses };
}

const needs = { Linux: isLinux };

testWith(needs, "what a collector loses makes detections partial, and is counted", async () => {
  for (const way of ["loses one", "one broken"]) {
    const { summary, alerts, ids, statuses } = await scanWith(way);
    assertEquals(summary.not_evaluated, [], way);
    assertEquals(summary.partial.map(({ rule_id }) => rule_id), ids, way);
    for (const { reason } of summary.partial) {
      assertStringIncludes(reason, "unruly: some of what it sent was lost");
    }
    assertEquals(alerts.map(({ alert_data }) => ({ ...alert_data })), [{ name: "a" }], way);
    assertEquals(summary.collectors.map(({ dropped }) => dropped), [1], way);
    assertEquals(statuses[0]!.report!.dropped, 1, way);
  }
});

testWith(needs, "a collector that tells nothing leaves detections not evaluated", async () => {
  for (const way of ["wrong columns", "other task", "dies at once"]) {
    const { summary, alerts, ids, statuses } = await scanWith(way);
    assertEquals(summary.not_evaluated.map(({ rule_id }) => rule_id), ids, way);
    assertEquals(alerts, [], way);
    assert(statuses[0]!.report!.problem !== undefined, way);
  }
});
