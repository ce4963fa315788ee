import { basename } from "@std/path";
import { bold, dim, green, red, yellow } from "@std/fmt/colors";
import { escapeJson, escapeTerminal } from "../../diagnostics/escape.ts";
import { openSandbox, type Sandbox } from "../../engine/sandbox/sandbox.ts";
import type { CompiledDetection } from "../../model/compiled.ts";
import type { ScanManifest } from "../../model/scan.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import { type Platform, PLATFORMS } from "../../schema/types.ts";
import { openStore, type StoreReader } from "../../store/mod.ts";
import {
  backtest as runBacktest,
  type ResultRow,
  type ScanVerdict,
} from "../../testing/backtest/backtest.ts";
import { type Change, compareVerdicts } from "../../testing/backtest/compare.ts";
import { type BacktestSummary, summarise } from "../../testing/backtest/summary.ts";
import { storeRecording } from "../../testing/record/replay.ts";
import { readRecordings } from "../../testing/recorded.ts";
import { parseDuration, parseTime } from "../../testing/time.ts";
import {
  type Arguments,
  type Command,
  EXIT,
  FailedError,
  formatFlag,
  UsageError,
} from "../command.ts";
import { readDetections, reportFaults } from "../detections.ts";
import type { Io } from "../io.ts";
import { CONFINEMENT_FLAG, confinementPolicy, STATE_FLAG, statePath } from "../options.ts";
import { openForReading } from "../store.ts";

/** `daemoneye backtest`: a detection over what was recorded before. */
export const backtest: Command = {
  name: "backtest",
  summary: "Evaluate a detection over stored scans or recorded hosts, scan by scan.",
  usage: "FILE",
  details:
    "Alerts and states of the store are neither read nor changed: the detection begins anew.",
  flags: {
    format: formatFlag("json"),
    stored: { description: "Over the scans of the store; the default without --recorded" },
    recorded: {
      value: "FILE",
      description: "Over a recording made by record, instead of the store",
      repeatable: true,
    },
    platform: {
      value: "PLATFORM",
      description: "The operating system of recorded hosts",
      choices: [...PLATFORMS],
    },
    compare: {
      value: "OLD.sql",
      description: "Another version of the detection; shows the rows gained and lost since then",
    },
    since: {
      value: "TIME",
      description: "Only scans from then on: ISO time, or a duration back such as 7d",
    },
    ...CONFINEMENT_FLAG,
    ...STATE_FLAG,
  },
  examples: [
    "daemoneye backtest detections/impact/miner_command_line.sql --since 7d",
    "daemoneye backtest new.sql --compare old.sql --format json",
    "daemoneye backtest new.sql --recorded fixtures/hosts/debian-12-server.jsonl.gz",
  ],
  args: { min: 1, max: 1 },
  async run(args, io) {
    if (args.has("stored") && args.values("recorded").length > 0) {
      throw new UsageError("--stored and --recorded exclude each other");
    }
    const since = readSince(args.value("since"));
    const compiled = await readDetection(args.args[0]!, io);
    const compare = args.value("compare");
    const old = compare === undefined ? undefined : await readDetection(compare, io);
    const columns = old && commonColumns(compiled, old);
    await using sandbox = await openSandbox({ policy: confinementPolicy(args), size: 1 });
    const verdicts: ScanVerdict[] = [];
    const changes: Change[] = [];
    for await (const { history, scans } of histories(args, since)) {
      const mine = await run(compiled, history, scans, sandbox, io);
      verdicts.push(...mine);
      if (!old) continue;
      const before = await run(old, history, scans, sandbox, io);
      changes.push(...mine.map((one, index) => compareVerdicts(one, before[index]!, columns!)));
    }
    io.progress("");
    if (verdicts.length === 0) throw new FailedError("there is no scan to evaluate");
    const summary = summarise(verdicts);
    const report = { name: compiled.detection.name, summary, verdicts, ...(old && { changes }) };
    io.out(args.value("format") === "json" ? json(report) : text(report));
    return summary.evaluated === 0 ? EXIT.failed : EXIT.done;
  },
};

function readSince(text: string | undefined): number {
  if (text === undefined) return -Infinity;
  const back = parseDuration(text);
  const time = back === undefined ? parseTime(text, undefined) : Date.now() - back;
  if (time !== undefined) return time;
  throw new UsageError(`--since ${text} is neither a time nor a duration such as 7d`);
}

async function readDetection(path: string, io: Io): Promise<CompiledDetection> {
  const loaded = await readDetections([path], io);
  if (loaded.length > 1) {
    throw new UsageError(`${path} holds ${loaded.length} detections; name one`);
  }
  reportFaults(loaded, io);
  const { compiled } = loaded[0]!;
  if (!compiled) throw new UsageError(`${path} does not compile`);
  return compiled;
}

function commonColumns(compiled: CompiledDetection, old: CompiledDetection): readonly string[] {
  const names = new Set(old.columns.map(({ name }) => name));
  const common = compiled.columns.map(({ name }) => name).filter((name) => names.has(name));
  if (common.length === 0) throw new UsageError("the two versions have no result column in common");
  return common;
}

/** What the scans of one host are read from. */
interface History {
  readonly history: StoreReader;
  readonly scans: readonly ScanManifest[];
}

async function* histories(args: Arguments, since: number): AsyncGenerator<History> {
  const wanted = ({ started }: ScanManifest) => started >= since;
  const files = args.values("recorded");
  if (files.length === 0) {
    const path = statePath(args);
    using history = await openForReading(path, "backtest");
    if (!history) throw new FailedError(`there is no store at ${path}; daemoneye scan makes one`);
    yield { history, scans: (await history.scans()).filter(wanted) };
  }
  for (const file of files) {
    using history = await openStore({
      path: ":memory:",
      mode: "write",
      holder: "daemoneye backtest",
      catalogue: CATALOGUE,
    });
    const scans: ScanManifest[] = [];
    for (const recording of recordings(file, args.value("platform") as Platform)) {
      scans.push(await storeRecording(history, recording));
    }
    yield { history, scans: scans.filter(wanted) };
  }
}

function recordings(file: string, platform: Platform) {
  try {
    const host = basename(file).replace(/\.jsonl(\.gz)?$/, "");
    return readRecordings(file, CATALOGUE, platform).map((recording) => ({ ...recording, host }));
  } catch (error) {
    throw new UsageError(`${file}: ${(error as Error).message}`);
  }
}

async function run(
  compiled: CompiledDetection,
  history: StoreReader,
  scans: readonly ScanManifest[],
  sandbox: Sandbox,
  io: Io,
): Promise<readonly ScanVerdict[]> {
  const onProgress = (text: string) => io.progress(`${compiled.detection.name}: ${text}`);
  return await Array.fromAsync(
    runBacktest({ history, scans, compiled, catalogue: CATALOGUE, sandbox, onProgress }),
  );
}

interface Report {
  readonly name: string;
  readonly summary: BacktestSummary;
  readonly verdicts: readonly ScanVerdict[];
  readonly changes?: readonly Change[];
}

function json({ name, summary, verdicts, changes }: Report): string {
  const report = {
    detection: name,
    ...summary,
    history: verdicts.filter(({ rows, alerts, partial }) =>
      rows.length + alerts.length > 0 || partial
    ),
    ...(changes && {
      compare: {
        gained: count(changes, "gained"),
        lost: count(changes, "lost"),
        scans: changes.filter(isTold),
      },
    }),
  };
  return escapeJson(report) + "\n";
}

function text({ name, summary, verdicts, changes }: Report): string {
  return [
    ...verdicts.flatMap(verdictLines),
    ...(changes ?? []).filter(isTold).flatMap(changeLines),
    ...summaryLines(name, summary),
    ...(changes
      ? [`compared: ${count(changes, "gained")} rows gained, ${count(changes, "lost")} lost`]
      : []),
    "",
  ].join("\n");
}

function isTold({ gained, lost, not_comparable }: Change): boolean {
  return gained.length + lost.length > 0 || not_comparable !== undefined;
}

function count(changes: readonly Change[], side: "gained" | "lost"): number {
  return changes.reduce((sum, change) => sum + change[side].length, 0);
}

function heading({ scan_id, host, time }: Pick<Change, "scan_id" | "host" | "time">): string {
  return `${bold(`scan ${scan_id}`)} of ${escapeTerminal(host)}, ${timeText(time)}`;
}

function verdictLines(verdict: ScanVerdict): string[] {
  const { alerts, rows, suppressed } = verdict;
  if (alerts.length === 0) return [];
  const hidden = suppressed > 0 ? `, ${suppressed} suppressed` : "";
  return [
    `${heading(verdict)}: ${red(plural(alerts.length, "alert"))} of ${
      plural(rows.length, "row")
    }${hidden}`,
    ...alerts.map(({ severity, title }) => `  ${severity}: ${escapeTerminal(title)}`),
  ];
}

function changeLines(change: Change): string[] {
  const { gained, lost, not_comparable } = change;
  return [
    `${heading(change)}: ${
      not_comparable === undefined
        ? `${gained.length} gained, ${lost.length} lost`
        : yellow(`not compared (${escapeTerminal(not_comparable)})`)
    }`,
    ...gained.map((row) => green(`  + ${rowText(row)}`)),
    ...lost.map((row) => red(`  - ${rowText(row)}`)),
  ];
}

/** The values of a row; NULL says nothing in a line that is read by people. */
function rowText(row: ResultRow): string {
  return escapeJson(Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)));
}

function summaryLines(name: string, summary: BacktestSummary): string[] {
  const { scans, evaluated, not_evaluated, fired, alerts, hits, suppressed, cost } = summary;
  const { first, last } = summary;
  return [
    `${bold(escapeTerminal(name))}: ${evaluated} of ${plural(scans, "scan")} evaluated; ` +
    `fired in ${fired}: ${plural(alerts, "alert")} of ${
      plural(hits, "row")
    }, ${suppressed} suppressed`,
    ...(first === undefined ? [] : [`first alert ${timeText(first)}, last ${timeText(last!)}`]),
    ...not_evaluated.map(({ reason, scans }) =>
      `${yellow("not evaluated")} in ${plural(scans.length, "scan")}: ${escapeTerminal(reason)} ` +
      dim(`(${scans.slice(0, 10).join(", ")}${scans.length > 10 ? ", …" : ""})`)
    ),
    ...(cost.max_scan === undefined ? [] : [
      `cost: ${cost.mean_ms.toFixed(1)} ms a scan, at most ${cost.max_ms.toFixed(1)} ms ` +
      `(scan ${cost.max_scan})`,
    ]),
  ];
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function timeText(time: number): string {
  return new Date(time).toISOString().replace(".000Z", "Z");
}
