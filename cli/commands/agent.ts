import { lackingConfinement, openCollectors } from "../../collectors/mod.ts";
import type { Settings } from "../../config/mod.ts";
import { docsOf } from "../../diagnostics/docs.ts";
import { escapeJson, escapeTerminal } from "../../diagnostics/escape.ts";
import { runAgent } from "../../engine/agent.ts";
import {
  auditChanges,
  auditCollector,
  auditConfiguration,
  auditDetections,
} from "../../engine/audit.ts";
import { openControl } from "../../engine/control/mod.ts";
import { type Delivery, openDelivery } from "../../engine/delivery/mod.ts";
import { auditProblem, type Health, openHealth } from "../../engine/health/mod.ts";
import { watchMemory } from "../../engine/memory_pressure.ts";
import { memoryPlaces, readMemory } from "../../engine/memory_reading.ts";
import { oversizeProblem, unconfinedProblem } from "../../engine/operational.ts";
import { unusableProblem } from "../../engine/reload.ts";
import { openSandbox } from "../../engine/sandbox/sandbox.ts";
import type { CompiledDetection } from "../../model/compiled.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import { createStdoutSink, secretWarnings } from "../../sinks/mod.ts";
import type { Retention, Store } from "../../store/mod.ts";
import { type AgentOutput, openAgentOutput, tellingFailures } from "../agent_output.ts";
import { openAudited } from "../audited.ts";
import { canExchange, followChanges, isSame } from "../changes.ts";
import { createRetention } from "../clock_trust.ts";
import {
  type Arguments,
  type Command,
  EXIT,
  FailedError,
  formatFlag,
  UsageError,
} from "../command.ts";
import type { Io } from "../io.ts";
import { createLog, LOG_FLAGS, type LogLevel, logScan } from "../log.ts";
import {
  CONFINEMENT_FLAG,
  confinementPolicy,
  detectionPaths,
  DETECTIONS_FLAG,
  STATE_FLAG,
  statePath,
} from "../options.ts";
import { hostPlatform } from "../platform.ts";
import { plural } from "../plural.ts";
import { prepare, type Prepared } from "../reload.ts";
import { CONFIG_FLAG } from "../settings.ts";
import { renderSummary } from "../summary.ts";
import { VERSION } from "../version.ts";

/** `daemoneye agent`: scan by schedule, judge events as they arrive, alert. */
export const agent: Command = {
  name: "agent",
  summary:
    "Watch this host until stopped: scan by schedule, judge events as they arrive, print alerts.",
  usage: "[PATH…]",
  details: "PATH is a detection file, a folder of them, or a repository with detections/. " +
    "SIGTERM and Ctrl-C end it cleanly. When a detection or the configuration changes, and on SIGHUP, " +
    "everything is read anew; where there is a fault, what was in force goes on.",
  flags: {
    format: formatFlag("json"),
    "check-config": {
      description: "Read configuration and detections, say what is wrong with them, and end",
    },
    every: {
      value: "DURATION",
      description: "Between two runs of detections that do not say it, such as 30s or 5m",
    },
    ...DETECTIONS_FLAG,
    ...CONFINEMENT_FLAG,
    ...STATE_FLAG,
    ...CONFIG_FLAG,
    ...LOG_FLAGS,
  },
  examples: [
    "daemoneye agent",
    "daemoneye agent --config daemoneye.yaml --check-config",
    "daemoneye agent detections --every 5m --format json",
  ],
  args: { min: 0, max: Infinity },
  async run(args, io) {
    const checks = args.has("check-config");
    const output = openAgentOutput();
    const prepared = await prepareFirst(args, checks ? io : output);
    const { settings } = prepared.configured;
    if (checks) return check(prepared, args.value("format")!, io);
    if (!settings) throw new UsageError(`${prepared.configured.file} cannot be used`);
    if (prepared.detections.length === 0) {
      throw new FailedError("no detection compiles, so there is nothing to evaluate");
    }
    return await watch(args, output, prepared, settings);
  },
};

async function prepareFirst(args: Arguments, io: Pick<Io, "err">): Promise<Prepared> {
  const prepared = await prepare(args).catch((error) => {
    throw error instanceof UsageError ? error : new UsageError((error as Error).message);
  });
  for (const { text } of prepared.faults) io.err(`${text}\n`);
  const { loaded, configured: { settings } } = prepared;
  if (settings && loaded.length === 0) {
    throw new UsageError(`no detection (*.sql) under ${detectionPaths(args, settings).join(", ")}`);
  }
  return prepared;
}

function check({ configured, detections, faults }: Prepared, format: string, io: Io): number {
  const status = faults.length > 0 ? EXIT.usage : EXIT.done;
  if (format === "json") {
    const shape = {
      config: configured.file ?? null,
      detections: detections.length,
      diagnostics: faults.map(({ diagnostic }) => ({
        ...diagnostic,
        docs: docsOf(diagnostic.code),
      })),
    };
    io.out(escapeJson(shape) + "\n");
    return status;
  }
  const what = configured.file ?? "no configuration file: defaults";
  const count = plural(detections.length, "detection");
  const result = faults.length > 0 ? plural(faults.length, "fault") : "no faults";
  io.out(`${escapeTerminal(what)}, ${count}: ${result}\n`);
  return status;
}

async function watch(
  args: Arguments,
  output: AgentOutput,
  first: Prepared,
  settings: Settings,
): Promise<number> {
  const format = args.value("format") as "text" | "json";
  const platform = hostPlatform();
  const policy = confinementPolicy(args, settings);
  const { fsmond: { paths }, yara, memory: { values } } = settings.collectors;
  const log = createLog({
    format: args.value("log-format") as "text" | "json",
    level: args.value("log-level") as LogLevel,
    write: output.log,
  });
  const tell = (message: string) => log("warn", message);
  const state = statePath(args, settings);
  const unsound: string[] = [];
  await using audited = await openAudited(state, "agent", (message) => {
    unsound.push(message);
    tell(message);
  }, settings.audit);
  const { audit, store } = audited;
  await auditConfiguration(audit, first.configured.file, settings);
  await auditDetections(audit, first.detections);
  await using sandbox = await openSandbox({ policy });
  const places = await memoryPlaces();
  await using memory = watchMemory(() => readMemory(places));
  await using collectors = await openCollectors({
    platform,
    policy,
    cache: store.hashCache(),
    ...(paths && { paths }),
    yara: yara.engine,
    memoryValues: values,
    thrifty: () => memory.now().thrifty,
    onStarted(report) {
      const { name, confinement } = report;
      log("info", "collector started", { collector: name, confinement });
      void auditCollector(audit, report);
    },
  });
  using stopped = untilStopped();
  let detections: readonly CompiledDetection[] = first.detections;
  let { retention } = settings;
  const { sinks = [] } = settings;
  for (const warning of secretWarnings(sinks)) tell(warning);
  await using delivery = await openDelivery({ store, sinks, onProblem: tell, write: output.alert });
  void tellUnreachable(delivery, tell, stopped.signal);
  const outputs = settings.sinks
    ? []
    : [createStdoutSink({ format, write: tellingFailures(output.alert, tell) })];
  await using health = openHealth(
    {
      ...settings.health,
      store: delivery.store,
      collectors,
      delivery,
      audit,
      memory,
      state,
      sinks: outputs,
      host: Deno.hostname(),
      version: VERSION,
      onProblem: tell,
      onListen: (address) => log("info", "health is served", { address }),
    },
    ({ id, rule_id, scan_id, severity }) =>
      log("info", "alert raised", { alert_id: id, rule_id, scan_id, severity }),
  );
  await using _control = openControl({ state, store: health.store, collectors, onProblem: tell });
  for (const message of unsound) await health.raise(auditProblem(message));
  const lacking = await lackingConfinement(policy);
  if (lacking !== undefined) await health.raise(unconfinedProblem(lacking));
  if (first.faults.length > 0) {
    await health.raise(unusableProblem(first.faults.map(({ line }) => line)));
  }
  let configured = Promise.resolve();
  let sinksNow = settings.sinks;
  const changes = followChanges(
    args,
    first,
    stopped.signal,
    (message, prepared) => {
      tell(message);
      if (!prepared?.configured.settings) return;
      ({ detections } = prepared);
      ({ retention } = prepared.configured.settings);
      void auditConfiguration(audit, prepared.configured.file, prepared.configured.settings);
      const { sinks } = prepared.configured.settings;
      if (!canExchange(settings, prepared.configured.settings) || isSame(sinks, sinksNow)) return;
      sinksNow = sinks;
      for (const warning of secretWarnings(sinks!)) tell(warning);
      configured = configured.then(() => delivery.configure(sinks!))
        .then(() => void tellUnreachable(delivery, tell, stopped.signal))
        .catch((error) => tell(`sinks are as before: ${(error as Error).message}`));
    },
    (fault) => output.err(`${fault}\n`),
  );
  const retentionAt = createRetention();
  await runAgent({
    store: health.store,
    collectors,
    sandbox,
    detections,
    changes: auditChanges(audit, changes),
    catalogue: CATALOGUE,
    platform,
    host: Deno.hostname(),
    sinks: outputs,
    share: settings.budgets.share / 100,
    limits: settings.events,
    memory,
    signal: stopped.signal,
    onProblem: tell,
    async onScan({ summary, needed }) {
      health.scanned(summary);
      logScan(log, summary);
      const moment = { now: Date.now(), elapsed: performance.now() };
      const kept = { ...retentionAt(retention, moment), needed };
      await keepStore(store, kept, moment.now, health, tell);
      if (format === "json") output.out(escapeJson(summary) + "\n");
      else output.err(renderSummary(summary, detections));
    },
  });
  await configured;
  await delivery.drain(LAST_DELIVERIES);
  return EXIT.done;
}

/** Says which sinks alerts would not arrive at, before one has to. What is asked when the agent is stopped says nothing. */
async function tellUnreachable(
  delivery: Pick<Delivery, "check">,
  tell: (message: string) => void,
  stopped: AbortSignal,
): Promise<void> {
  for (const { sink, healthy, reason } of await delivery.check()) {
    if (!healthy && !stopped.aborted) {
      tell(`sink ${sink}: alerts would not arrive, and wait: ${reason}`);
    }
  }
}

/** Removes what is not to be kept. Where that cannot be done the agent goes on: the next scan tries again. */
async function keepStore(
  store: Store,
  retention: Retention,
  now: number,
  health: Pick<Health, "raise">,
  tell: (message: string) => void,
): Promise<void> {
  try {
    const { excess } = await store.retain(retention, now);
    if (excess > 0) await health.raise(oversizeProblem(excess));
  } catch (error) {
    tell(`old scans are not removed: ${(error as Error).message}`);
  }
}

/** How long alerts may still be delivered once the agent is to end, ms. The rest waits in the store. */
const LAST_DELIVERIES = 2_000;

/** A signal that is aborted when the operator or the system asks the program to end. */
function untilStopped(): { readonly signal: AbortSignal } & Disposable {
  const aborter = new AbortController();
  const stop = () => aborter.abort();
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  for (const name of signals) Deno.addSignalListener(name, stop);
  return {
    signal: aborter.signal,
    [Symbol.dispose]() {
      for (const name of signals) Deno.removeSignalListener(name, stop);
    },
  };
}
