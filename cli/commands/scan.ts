import { openCollectors } from "../../collectors/mod.ts";
import { escapeJson, escapeTerminal } from "../../diagnostics/escape.ts";
import { auditCollector, auditDetections } from "../../engine/audit.ts";
import { openDelivery } from "../../engine/delivery/mod.ts";
import { openSandbox } from "../../engine/sandbox/sandbox.ts";
import { meantFor, scan as runScan } from "../../engine/scan.ts";
import type { CompiledDetection } from "../../model/compiled.ts";
import { SEVERITIES, type Severity } from "../../model/detection.ts";
import type { ScanSummary } from "../../model/summary.ts";
import { CATALOGUE, type Catalogue } from "../../profiles/mod.ts";
import type { Settings } from "../../config/settings.ts";
import type { Alert } from "../../model/alert.ts";
import { openStore } from "../../store/mod.ts";
import type { Io } from "../io.ts";
import { createStdoutSink, type StdoutFormat } from "../../sinks/stdout.ts";
import { openAudited } from "../audited.ts";
import {
  CAPTURE_CATALOGUE,
  captureCollectors,
  lackedBy,
  PCAP_FLAG,
  withoutHost,
} from "../capture.ts";
import { type Arguments, type Command, EXIT, FailedError, formatFlag } from "../command.ts";
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
  details:
    "PATH is a detection file, a folder of them, or a repository with detections/. With --pcap, detections are evaluated " +
    "over the packets of a file: those that need more of a host are not evaluated, and nothing is stored or sent.",
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
    ...PCAP_FLAG,
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
    "daemoneye scan --pcap capture.pcapng",
  ],
  args: { min: 0, max: Infinity },
  async run(args, io) {
    const format = args.value("format") as StdoutFormat;
    const settings = await loadSettings(args, io);
    const file = args.value("pcap");
    if (file !== undefined) return await scanCapture(file, args, settings, io);
    const detections = await compiledDetections(args, settings, io);
    const all = args.has("deep") || args.args.length > 0;
    const [evaluated, leftOut] = all ? [detections, []] : splitByCost(detections);
    const platform = hostPlatform();
    const policy = confinementPolicy(args, settings);
    const { fsmond: { paths }, yara, memory: { values } } = settings.collectors;
    const onProblem = (message: string) => io.err(escapeTerminal(message));
    await using audited = await openAudited(
      statePath(args, settings),
      "scan",
      onProblem,
      settings.audit,
    );
    const { store, audit } = audited;
    await auditDetections(audit, detections);
    await using sandbox = await openSandbox({ policy });
    await using collectors = await openCollectors({
      platform,
      policy,
      cache: store.hashCache(),
      ...(paths && { paths }),
      yara: yara.engine,
      memoryValues: values,
      onStarted: (report) => void auditCollector(audit, report),
    });
    const write = (text: string) => io.out(text);
    // Alerts are printed whatever is configured.
    const sinks = settings.sinks?.filter(({ type }) => type !== "stdout") ?? [];
    await using delivery = await openDelivery({ store, sinks, onProblem, write });
    const { summary: told, alerts, problem } = await runScan({
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
    if (problem) throw problem;
    await store.retain(settings.retention, Date.now());
    const summary = withLeftOut(told, meantFor(leftOut, platform), () => LEFT_OUT);
    return finish(summary, alerts, detections, args, io);
  },
};

/** The detections of a command line, those that compile. */
async function compiledDetections(
  args: Arguments,
  settings: Settings,
  io: Io,
  catalogue: Catalogue = CATALOGUE,
): Promise<readonly CompiledDetection[]> {
  const loaded = await readDetections(detectionPaths(args, settings), io, catalogue);
  reportFaults(loaded, io);
  const detections = loaded.flatMap(({ compiled }) => compiled ? [compiled] : []);
  if (detections.length === 0) {
    throw new FailedError("no detection compiles, so there is nothing to evaluate");
  }
  return detections;
}

/** Evaluates detections over a capture instead of the host. It is another host's, mostly: its alerts are printed alone. */
async function scanCapture(
  file: string,
  args: Arguments,
  settings: Settings,
  io: Io,
): Promise<number> {
  const platform = hostPlatform();
  const policy = confinementPolicy(args, settings);
  const open = await captureCollectors(file, { platform, policy });
  const catalogue = CAPTURE_CATALOGUE;
  const detections = await compiledDetections(args, settings, io, catalogue);
  const lacking = (one: CompiledDetection) => lackedBy(one).length > 0;
  const { true: leftOut = [], false: evaluated = [] } = Object.groupBy(
    detections,
    (one) => `${lacking(one)}` as const,
  );
  using store = await openStore({
    path: ":memory:",
    mode: "write",
    holder: "daemoneye scan",
    catalogue,
  });
  await using sandbox = await openSandbox({ policy });
  await using opened = await open();
  const write = (text: string) => io.out(text);
  const { summary, alerts, problem } = await runScan({
    store,
    collectors: withoutHost(opened),
    sandbox,
    detections: evaluated,
    catalogue,
    platform,
    host: Deno.hostname(),
    sinks: [createStdoutSink({ format: args.value("format") as StdoutFormat, write })],
    onProgress: (text) => io.progress(text),
  });
  if (problem) throw problem;
  const why = (one: CompiledDetection) => `a capture has no ${lackedBy(one).join(", ")}`;
  return finish(
    withLeftOut(summary, meantFor(leftOut, platform), why),
    alerts,
    detections,
    args,
    io,
  );
}

/** Prints the summary of a scan; the exit status. */
function finish(
  summary: ScanSummary,
  alerts: readonly Alert[],
  detections: readonly CompiledDetection[],
  args: Arguments,
  io: Io,
): number {
  const format = args.value("format");
  if (format === "json") io.out(escapeJson(summary) + "\n");
  else io[format === "csv" ? "err" : "out"](renderSummary(summary, detections));
  if (summary.detections > 0 && summary.not_evaluated.length === summary.detections) {
    return EXIT.failed;
  }
  return alerts.some(({ severity }) => isAtLeast(severity, args.value("fail-on")!))
    ? EXIT.findings
    : EXIT.done;
}

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
function withLeftOut(
  summary: ScanSummary,
  leftOut: readonly CompiledDetection[],
  why: (detection: CompiledDetection) => string,
): ScanSummary {
  return {
    ...summary,
    detections: summary.detections + leftOut.length,
    not_evaluated: [
      ...summary.not_evaluated,
      ...leftOut.map((one) => ({ rule_id: one.detection.meta.id, reason: why(one) })),
    ],
  };
}

function isAtLeast(severity: Severity, least: string): boolean {
  return least !== "none" && SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least as Severity);
}
