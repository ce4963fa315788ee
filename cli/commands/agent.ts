import { openCollectors } from "../../collectors/mod.ts";
import type { Settings } from "../../config/mod.ts";
import { escapeJson, escapeTerminal } from "../../diagnostics/escape.ts";
import { runAgent } from "../../engine/agent.ts";
import { openDelivery } from "../../engine/delivery/mod.ts";
import { openSandbox } from "../../engine/sandbox/sandbox.ts";
import type { CompiledDetection } from "../../model/compiled.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import { createStdoutSink, secretWarnings } from "../../sinks/mod.ts";
import { canExchange, followChanges, isSame } from "../changes.ts";
import {
  type Arguments,
  type Command,
  EXIT,
  FailedError,
  formatFlag,
  UsageError,
} from "../command.ts";
import type { Io } from "../io.ts";
import {
  CONFINEMENT_FLAG,
  confinementPolicy,
  DETECTIONS_FLAG,
  STATE_FLAG,
  statePath,
} from "../options.ts";
import { hostPlatform } from "../platform.ts";
import { plural } from "../plural.ts";
import { prepare, type Prepared } from "../reload.ts";
import { CONFIG_FLAG } from "../settings.ts";
import { openForWriting } from "../store.ts";
import { renderSummary } from "../summary.ts";

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
  },
  examples: [
    "daemoneye agent",
    "daemoneye agent --config daemoneye.yaml --check-config",
    "daemoneye agent detections --every 5m --format json",
  ],
  args: { min: 0, max: Infinity },
  async run(args, io) {
    const prepared = await prepareFirst(args, io);
    const { settings } = prepared.configured;
    if (args.has("check-config")) return check(prepared, io);
    if (!settings) throw new UsageError(`${prepared.configured.file} cannot be used`);
    if (prepared.detections.length === 0) {
      throw new FailedError("no detection compiles, so there is nothing to evaluate");
    }
    return await watch(args, io, prepared, settings);
  },
};

async function prepareFirst(args: Arguments, io: Io): Promise<Prepared> {
  const prepared = await prepare(args).catch((error) => {
    throw error instanceof UsageError ? error : new UsageError((error as Error).message);
  });
  for (const { text } of prepared.faults) io.err(`${text}\n`);
  return prepared;
}

function check({ configured, detections, faults }: Prepared, io: Io): number {
  const what = configured.file ?? "no configuration file: defaults";
  const count = plural(detections.length, "detection");
  const result = faults.length > 0 ? plural(faults.length, "fault") : "no faults";
  io.out(`${escapeTerminal(what)}, ${count}: ${result}\n`);
  return faults.length > 0 ? EXIT.usage : EXIT.done;
}

async function watch(
  args: Arguments,
  io: Io,
  first: Prepared,
  settings: Settings,
): Promise<number> {
  const format = args.value("format") as "text" | "json";
  const platform = hostPlatform();
  const policy = confinementPolicy(args, settings);
  const { paths } = settings.collectors.fsmond;
  using store = await openForWriting(statePath(args, settings), "agent");
  await using sandbox = await openSandbox({ policy });
  await using collectors = await openCollectors({
    platform,
    policy,
    cache: store.hashCache(),
    ...(paths && { paths }),
  });
  using stopped = untilStopped();
  const tell = (message: string) => io.err(escapeTerminal(message));
  let detections: readonly CompiledDetection[] = first.detections;
  let { retention } = settings;
  const write = (text: string) => io.out(text);
  const { sinks = [] } = settings;
  for (const warning of secretWarnings(sinks)) tell(warning);
  await using delivery = await openDelivery({ store, sinks, onProblem: tell, write });
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
      const { sinks } = prepared.configured.settings;
      if (!canExchange(settings, prepared.configured.settings) || isSame(sinks, sinksNow)) return;
      sinksNow = sinks;
      for (const warning of secretWarnings(sinks!)) tell(warning);
      configured = configured.then(() => delivery.configure(sinks!))
        .catch((error) => tell(`sinks are as before: ${(error as Error).message}`));
    },
    (fault) => io.err(`${fault}\n`),
  );
  await runAgent({
    store: delivery.store,
    collectors,
    sandbox,
    detections,
    changes,
    catalogue: CATALOGUE,
    platform,
    host: Deno.hostname(),
    sinks: settings.sinks ? [] : [createStdoutSink({ format, write })],
    share: settings.budgets.share / 100,
    limits: settings.events,
    signal: stopped.signal,
    onProblem: tell,
    async onScan({ summary }) {
      await store.retain(retention, Date.now());
      if (format === "json") io.out(escapeJson(summary) + "\n");
      else io.err(renderSummary(summary, detections));
    },
  });
  await configured;
  await delivery.drain(LAST_DELIVERIES);
  return EXIT.done;
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
