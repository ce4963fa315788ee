import { openCollectors } from "../../collectors/mod.ts";
import { escapeJson, escapeTerminal } from "../../diagnostics/escape.ts";
import { auditCollector, auditDetections } from "../../engine/audit.ts";
import { openDelivery } from "../../engine/delivery/mod.ts";
import { openSandbox } from "../../engine/sandbox/sandbox.ts";
import { meantFor, scan as runScan } from "../../engine/scan.ts";
import type { CompiledDetection } from "../../model/compiled.ts";
import { SEVERITIES, type Severity } from "../../model/detection.ts";
import type { ScanSummary } from "../../model/summary.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import { createStdoutSink, type StdoutFormat } from "../../sinks/stdout.ts";
import { openAudited } from "../audited.ts";
import { type Command, EXIT, FailedError, formatFlag } from "../command.ts";
import { readDetections, reportFaults } from "../detections.ts";
import {
  CONFINEMENT_FLAG,
  confinementPolicy,
  detectionPaths,
  DETECTIONS_FLAG,
  STATE_FLAG,
  statePath,
} from "../options.ts";
import { hostPlatform } from "../platform.ts";
import { CONFIG_FLAG, loadSettings } from "../settings.ts";
import { renderSummary } from "../summary.ts";

/** How long alerts may be under way to sinks, ms; what has not arrived then waits in the store for the next run. */
const LAST_DELIVERIES = 10_000;

/** `daemoneye scan`: collect once, evaluate, alert. */
export const scan: Command = {
  name: "scan",
  summary: "Collect once from this host, evaluate detections, print alerts and a summary.",
  usage: "[PATH…]",
  details: "PATH is a detection file, a folder of them, or a repository with detections/.",
  flags: {
    format: formatFlag("json", "csv"),
    "fail-on": {
      value: "SEVERITY",
      description: "Exit with 1 when an alert of this severity or worse was raised",
      choices: ["none", ...SEVERITIES],
    },
    deep: {
      description: "Evaluate also what asks much of the host; what PATH names is, in any case",
    },
    ...DETECTIONS_FLAG,
    ...CONFINEMENT_FLAG,
    ...STATE_FLAG,
    ...CONFIG_FLAG,
  },
  examples: [
    "daemoneye scan",
    "daemoneye scan --deep",
    "daemoneye scan detections/execution --format json",
    "daemoneye scan --fail-on high",
  ],
  args: { min: 0, max: Infinity },
  async run(args, io) {
    const format = args.value("format") as StdoutFormat;
    const settings = await loadSettings(args, io);
    const loaded = await readDetections(detectionPaths(args, settings), io);
    reportFaults(loaded, io);
    const detections = loaded.flatMap(({ compiled }) => compiled ? [compiled] : []);
    if (detections.length === 0) {
      throw new FailedError("no detection compiles, so there is nothing to evaluate");
    }
    const all = args.has("deep") || args.args.length > 0;
    const [evaluated, leftOut] = all ? [detections, []] : splitByCost(detections);
    const platform = hostPlatform();
    const policy = confinementPolicy(args, settings);
    const { paths } = settings.collectors.fsmond;
    const onProblem = (message: string) => io.err(escapeTerminal(message));
    await using audited = await openAudited(statePath(args, settings), "scan", onProblem);
    const { store, audit } = audited;
    await auditDetections(audit, detections);
    await using sandbox = await openSandbox({ policy });
    await using collectors = await openCollectors({
      platform,
      policy,
      cache: store.hashCache(),
      ...(paths && { paths }),
      onStarted: (report) => void auditCollector(audit, report),
    });
    const write = (text: string) => io.out(text);
    // Alerts are printed whatever is configured.
    const sinks = settings.sinks?.filter(({ type }) => type !== "stdout") ?? [];
    await using delivery = await openDelivery({ store, sinks, onProblem, write });
    const { summary: told, alerts } = await runScan({
      store: delivery.store,
      collectors,
      sandbox,
      detections: evaluated,
      catalogue: CATALOGUE,
      platform,
      host: Deno.hostname(),
      sinks: [createStdoutSink({ format, write })],
      onProgress: (text) => io.progress(text),
    });
    if (!await delivery.drain(LAST_DELIVERIES)) {
      onProblem(
        "some alerts wait in the store for their sinks; see daemoneye alerts list --undelivered",
      );
    }
    await store.retain(settings.retention, Date.now());
    const summary = withLeftOut(told, meantFor(leftOut, platform));
    if (format === "json") io.out(escapeJson(summary) + "\n");
    else io[format === "csv" ? "err" : "out"](renderSummary(summary, detections));
    if (summary.detections > 0 && summary.not_evaluated.length === summary.detections) {
      return EXIT.failed;
    }
    return alerts.some(({ severity }) => isAtLeast(severity, args.value("fail-on")!))
      ? EXIT.findings
      : EXIT.done;
  },
};

/** Those that a single scan evaluates unasked, and those that ask so much of the host that it does not. */
function splitByCost(
  detections: readonly CompiledDetection[],
): [CompiledDetection[], CompiledDetection[]] {
  const { high = [], other = [] } = Object.groupBy(
    detections,
    ({ plan }) => plan.cost.class === "high" ? "high" : "other",
  );
  // Whoever has nothing else means these.
  return other.length > 0 ? [other, high] : [high, []];
}

const LEFT_OUT = "it asks much of the host, so that only scan --deep and the agent evaluate it";

/** A summary that tells of what was left out. */
function withLeftOut(summary: ScanSummary, leftOut: readonly CompiledDetection[]): ScanSummary {
  return {
    ...summary,
    detections: summary.detections + leftOut.length,
    not_evaluated: [
      ...summary.not_evaluated,
      ...leftOut.map(({ detection }) => ({ rule_id: detection.meta.id, reason: LEFT_OUT })),
    ],
  };
}

function isAtLeast(severity: Severity, least: string): boolean {
  return least !== "none" && SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least as Severity);
}
