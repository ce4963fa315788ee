import { basename } from "@std/path";
import { openSandbox, type Sandbox } from "../../engine/sandbox/sandbox.ts";
import type { CompiledDetection } from "../../model/compiled.ts";
import type { ScanManifest } from "../../model/scan.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import { type Platform, PLATFORMS } from "../../schema/types.ts";
import { openStore, type StoreReader } from "../../store/mod.ts";
import { backtest as runBacktest, type ScanVerdict } from "../../testing/backtest/backtest.ts";
import { compareVerdicts } from "../../testing/backtest/compare.ts";
import { summarise } from "../../testing/backtest/summary.ts";
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
import { backtestJson, backtestText } from "../backtest_report.ts";
import { readDetections, reportFaults } from "../detections.ts";
import type { Io } from "../io.ts";
import { CONFINEMENT_FLAG, confinementPolicy, STATE_FLAG, statePath } from "../options.ts";
import { CONFIG_FLAG, loadSettings } from "../settings.ts";
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
    ...CONFIG_FLAG,
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
    const before: ScanVerdict[] = [];
    for await (const { history, scans } of histories(args, since, io)) {
      verdicts.push(...await run(compiled, history, scans, sandbox, io));
      if (old) before.push(...await run(old, history, scans, sandbox, io));
    }
    io.progress("");
    if (verdicts.length === 0) throw new FailedError("there is no scan to evaluate");
    const summary = summarise(verdicts);
    const compared = columns && {
      changes: verdicts.map((one, index) => compareVerdicts(one, before[index]!, columns)),
      alerts_before: summarise(before).alerts,
    };
    const { name } = compiled.detection;
    const report = { name, summary, verdicts, ...(compared && { compared }) };
    io.out(args.value("format") === "json" ? backtestJson(report) : backtestText(report));
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

async function* histories(args: Arguments, since: number, io: Io): AsyncGenerator<History> {
  const wanted = ({ started }: ScanManifest) => started >= since;
  const files = args.values("recorded");
  if (files.length === 0) {
    const path = statePath(args, await loadSettings(args, io));
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
    if (error instanceof Deno.errors.NotFound) throw new UsageError(`${file} does not exist`);
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
