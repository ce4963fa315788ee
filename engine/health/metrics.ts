import { COLLECTOR_STATES } from "../../model/collection.ts";
import type { MetricFamily, Sample } from "./exposition.ts";
import type { HealthState } from "./state.ts";

/** What is told of a state, as metrics: times in seconds, sizes in bytes. */
export function metricsOf(state: HealthState, version: string): MetricFamily[] {
  const { collectors, sinks, audit, space, last_scan } = state;
  const counter = (name: string, help: string, ...samples: Sample[]) =>
    ({ name: `${name}_total`, help, type: "counter", samples }) as const;
  const gauge = (name: string, help: string, ...samples: Sample[]) =>
    ({ name, help, type: "gauge", samples }) as const;
  const each = (values: ReadonlyMap<string, number>, label: string): Sample[] =>
    [...values].map(([key, value]) => ({ labels: { [label]: key }, value }));
  const reports = collectors.flatMap(({ name, report }) =>
    report ? [{ labels: { collector: name }, report }] : []
  );
  const ofSinks = (value: (sink: HealthState["sinks"][number]) => number): Sample[] =>
    sinks.map((sink) => ({ labels: { sink: sink.sink }, value: value(sink) }));
  return [
    gauge("build_info", "Version of the agent.", { labels: { version }, value: 1 }),
    gauge("start_time_seconds", "When the agent was started.", { value: state.started / 1000 }),
    counter("scans", "Scans.", { value: state.scans }),
    counter("scan_duration_seconds", "Time that scans took.", { value: state.scan_time / 1000 }),
    ...last_scan
      ? [
        gauge("last_scan_time_seconds", "When the last scan ended.", {
          value: last_scan.time / 1000,
        }),
        gauge("last_scan_duration_seconds", "How long the last scan took.", {
          value: last_scan.took / 1000,
        }),
      ]
      : [],
    counter("rows", "Rows that were collected, by table.", ...each(state.rows, "table")),
    counter(
      "evaluations",
      "Runs of detections, by what became of them; partial ones are evaluated ones, too.",
      { labels: { result: "evaluated" }, value: state.evaluated },
      { labels: { result: "partial" }, value: state.partial },
      { labels: { result: "not_evaluated" }, value: state.not_evaluated },
    ),
    counter("matches", "Runs of detections that matched.", { value: state.matched }),
    counter("skipped_runs", "Runs that were left out because others went on.", {
      value: state.skipped,
    }),
    counter(
      "unjudged_events",
      "Events that a detection has not judged, because it rested or was too slow for them.",
      ...each(state.missed, "rule_id"),
    ),
    gauge(
      "detections_idle",
      "Detections that are not run now.",
      { labels: { why: "off" }, value: state.off },
      { labels: { why: "suspended" }, value: state.resting },
    ),
    counter("alerts", "Alerts that were raised, by severity.", ...each(state.alerts, "severity")),
    counter("suppressed_hits", "Hits that an earlier alert stands for.", {
      value: state.suppressed,
    }),
    gauge(
      "collector_state",
      "1 for the state that a collector is in.",
      ...collectors.flatMap(({ name, state }) =>
        COLLECTOR_STATES.map((one) => ({
          labels: { collector: name, state: one },
          value: Number(one === state),
        }))
      ),
    ),
    gauge(
      "collector_confinement",
      "1 for the confinement of a collector.",
      ...reports.map(({ labels, report: { confinement } }) => ({
        labels: { ...labels, confinement },
        value: 1,
      })),
    ),
    counter(
      "collector_rows",
      "Rows of a collector.",
      ...reports.map(({ labels, report }) => ({ labels, value: report.rows })),
    ),
    counter(
      "collector_dropped",
      "Records and messages of a collector that were lost or refused.",
      ...reports.map(({ labels, report }) => ({ labels, value: report.dropped })),
    ),
    counter(
      "collector_restarts",
      "How often a collector was started again after it had failed.",
      ...reports.map(({ labels, report }) => ({ labels, value: report.restarts ?? 0 })),
    ),
    gauge(
      "collector_memory_bytes",
      "Resident memory of a collector.",
      ...reports.flatMap(({ labels, report: { memory } }) =>
        memory === undefined ? [] : [{ labels, value: memory }]
      ),
    ),
    gauge("sink_waiting", "Alerts that a sink is still to be told.", ...ofSinks((s) => s.waiting)),
    gauge("sink_dead_letters", "Alerts that a sink did not take.", ...ofSinks((s) => s.dead)),
    gauge(
      "sink_oldest_seconds",
      "Age of the oldest alert that waits for a sink; 0 where none does.",
      ...ofSinks(({ oldest }) => oldest === null ? 0 : Math.max(0, state.now - oldest) / 1000),
    ),
    gauge(
      "sink_up",
      "0 while a sink is down.",
      ...ofSinks(({ breaker }) => Number(breaker !== "open" && breaker !== "half_open")),
    ),
    counter("sink_delivered", "Alerts delivered.", ...ofSinks((s) => s.delivered ?? 0)),
    gauge("store_size_bytes", "Size of the store.", { value: space.store }),
    ...space.disk
      ? [
        gauge("disk_free_bytes", "What is left of the disk of the store.", {
          value: space.disk.free,
        }),
      ]
      : [],
    gauge("audit_sequence", "Number of the newest entry of the audit log.", { value: audit.seq }),
    gauge("audit_unwritten", "Entries that are not written yet, or lost.", {
      value: audit.waiting + audit.lost,
    }),
    gauge("memory_scarce", "1 while memory is scarce, and little of it is used at a time.", {
      value: Number(state.scarcity.thrifty),
    }),
    gauge("interval_factor", "Intervals are so many times as long because memory is scarce.", {
      value: state.scarcity.factor,
    }),
    gauge("memory_bytes", "Resident memory of the agent without its children.", {
      value: state.memory,
    }),
  ];
}
