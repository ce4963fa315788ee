import { openCollectors } from "../../collectors/mod.ts";
import { escapeJson, escapeTerminal } from "../../diagnostics/escape.ts";
import { runAgent } from "../../engine/agent.ts";
import { openSandbox } from "../../engine/sandbox/sandbox.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import { createStdoutSink } from "../../sinks/stdout.ts";
import { type Command, EXIT, FailedError, formatFlag, UsageError } from "../command.ts";
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
import { openForWriting } from "../store.ts";
import { renderSummary } from "../summary.ts";

const DEFAULT_PERIOD = "60s";

/** Scans kept: enough to look back a day. */
const RETENTION = { age: 86_400_000, count: 2_000 };

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** `daemoneye agent`: scan again and again, judge events as they arrive, alert. */
export const agent: Command = {
  name: "agent",
  summary:
    "Watch this host until stopped: scan by schedule, judge events as they arrive, print alerts.",
  usage: "[PATH…]",
  details:
    "PATH is a detection file, a folder of them, or a repository with detections/. SIGTERM and Ctrl-C end it cleanly.",
  flags: {
    format: formatFlag("json"),
    every: {
      value: "DURATION",
      description: `Between two scans, such as 30s or 5m; by default ${DEFAULT_PERIOD}`,
    },
    ...DETECTIONS_FLAG,
    ...CONFINEMENT_FLAG,
    ...STATE_FLAG,
  },
  examples: ["daemoneye agent", "daemoneye agent detections --every 5m --format json"],
  args: { min: 0, max: Infinity },
  async run(args, io) {
    const format = args.value("format") as "text" | "json";
    const every = period(args.value("every") ?? DEFAULT_PERIOD);
    const loaded = await readDetections(detectionPaths(args), io);
    reportFaults(loaded, io);
    const detections = loaded.flatMap(({ compiled }) => compiled ? [compiled] : []);
    if (detections.length === 0) {
      throw new FailedError("no detection compiles, so there is nothing to evaluate");
    }
    const platform = hostPlatform();
    const policy = confinementPolicy(args);
    using store = await openForWriting(statePath(args), "agent");
    await using sandbox = await openSandbox({ policy });
    await using collectors = await openCollectors({ platform, policy, cache: store.hashCache() });
    using stopped = untilStopped();
    const tell = (message: string) => io.err(`${escapeTerminal(message)}\n`);
    await runAgent({
      store,
      collectors,
      sandbox,
      detections,
      catalogue: CATALOGUE,
      platform,
      host: Deno.hostname(),
      sinks: [createStdoutSink({ format, write: (text) => io.out(text) })],
      every,
      signal: stopped.signal,
      onProblem: tell,
      async onScan({ summary }) {
        await store.retain(RETENTION, Date.now());
        if (format === "json") io.out(escapeJson(summary) + "\n");
        else io.err(renderSummary(summary, detections));
      },
    });
    return EXIT.done;
  },
};

function period(text: string): number {
  const [, count, unit] = /^(\d{1,6})([smh])$/.exec(text) ?? [];
  const ms = Number(count) * (UNITS[unit ?? ""] ?? NaN);
  if (!(ms >= 1_000)) {
    throw new UsageError(`--every ${text}: a duration of at least 1s, such as 30s or 5m`);
  }
  return ms;
}

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
