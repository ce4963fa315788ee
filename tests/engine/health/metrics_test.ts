import { assert, assertEquals } from "@std/assert";
import { renderMetrics } from "../../../engine/health/exposition.ts";
import { metricsOf } from "../../../engine/health/metrics.ts";
import { promtool } from "./promtool.ts";
import { collector, QUIET, sink } from "./state.ts";

const STATE = {
  ...QUIET,
  collectors: [collector()],
  sinks: [sink({ sink: 'a "quoted"\nname', breaker: "open", waiting: 2, oldest: 990_000 })],
};

Deno.test("metricsOf() has what is counted, in seconds and bytes", () => {
  const lines = renderMetrics(metricsOf(STATE, "1.2.3")).split("\n");
  for (
    const line of [
      "daemoneye_scan_duration_seconds_total 0.7",
      'daemoneye_evaluations_total{result="not_evaluated"} 2',
      'daemoneye_alerts_total{severity="high"} 1',
      'daemoneye_collector_state{collector="procmond",state="running"} 1',
      'daemoneye_collector_state{collector="procmond",state="given_up"} 0',
      'daemoneye_sink_oldest_seconds{sink="a \\"quoted\\"\\nname"} 10',
      'daemoneye_sink_up{sink="a \\"quoted\\"\\nname"} 0',
      "daemoneye_store_size_bytes 4096",
    ]
  ) assert(lines.includes(line), line);
  const names = metricsOf(STATE, "1.2.3").map(({ name }) => name);
  assertEquals(names.length, new Set(names).size);
});

Deno.test("metricsOf() gives what Prometheus itself reads without a fault", async () => {
  await promtool(renderMetrics(metricsOf(STATE, "1.2.3")));
});
