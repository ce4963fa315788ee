import { green, red, yellow } from "@std/fmt/colors";
import { escapeJson, escapeTerminal } from "../../diagnostics/escape.ts";
import { openSandbox } from "../../engine/sandbox/sandbox.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import { junit, type TimedResult } from "../../testing/junit.ts";
import type { CaseResult } from "../../testing/run.ts";
import { findCases, runCases, untestedDetections } from "../../testing/suite.ts";
import { type Command, EXIT, FailedError, formatFlag } from "../command.ts";
import { readDetections } from "../detections.ts";
import { measure, MEASURE_FLAGS, measuresOf } from "../measures.ts";
import {
  CONFINEMENT_FLAG,
  confinementPolicy,
  detectionPaths,
  DETECTIONS_FLAG,
} from "../options.ts";
import { plural } from "../plural.ts";
import { update, UPDATE_FLAG, wantsUpdate } from "../updates.ts";

/** `daemoneye test`: the fixtures of detections, played through the code that hosts run. */
export const test: Command = {
  name: "test",
  summary: "Run the fixtures of detections, offline.",
  usage: "[PATH…]",
  details:
    "The fixtures of a detection lie in <name>/ of the nearest fixtures/ at or above its folder.",
  flags: {
    format: formatFlag("json", "junit", "lcov"),
    filter: { value: "TEXT", description: "Only cases whose detection or name contains this" },
    ...UPDATE_FLAG,
    ...MEASURE_FLAGS,
    ...DETECTIONS_FLAG,
    ...CONFINEMENT_FLAG,
  },
  examples: [
    "daemoneye test",
    "daemoneye test detections/execution --filter tmp",
    "daemoneye test --update",
    "daemoneye test --coverage --format lcov > lcov.info",
    "daemoneye test --mutate --min-score 90",
  ],
  args: { min: 0, max: Infinity },
  async run(args, io) {
    const measures = measuresOf(args);
    const updates = wantsUpdate(args);
    const loaded = await readDetections(detectionPaths(args), io);
    const filter = args.value("filter")?.toLowerCase() ?? "";
    const wanted = (detection: string, name: string) =>
      `${detection} ${name}`.toLowerCase().includes(filter);
    const all = await findCases(loaded, CATALOGUE);
    const untested = untestedDetections(loaded, all).filter((name) => wanted(name, ""));
    const cases = all.filter((one) => wanted(one.detection, one.case));
    if (cases.length === 0) throw new FailedError(nothingToRun(all.length, filter));
    const format = args.value("format");
    const results: TimedResult[] = [];
    await using sandbox = await openSandbox({ policy: confinementPolicy(args) });
    for await (const played of runCases(cases, sandbox, navigator.hardwareConcurrency)) {
      let result = played;
      if (updates && !played.passed) {
        const updated = await update(cases[results.length]!, played, sandbox);
        result = updated.result;
        io.out(updated.text);
      }
      results.push(result);
      io.progress(progressText(results, cases.length));
      if (result.passed || format === "json") continue;
      if (format === "text") io.out(failureText(result));
      else io.err(failureText(result));
    }
    const measured = await measure(measures, loaded, wanted, sandbox, io);
    const failed = results.filter(({ passed }) => !passed).length;
    const passed = results.length - failed;
    const not_evaluated = results.filter(({ verdict }) => verdict === "not_evaluated").length;
    if (format === "json") {
      const counts = { passed, failed, not_evaluated, untested };
      io.out(escapeJson({ ...counts, cases: results, ...measured.json }) + "\n");
    } else if (format === "junit") io.out(junit(results, untested));
    else if (format === "lcov") io.out(measured.lcov);
    else {
      const tested = new Set(results.map(({ detection }) => detection)).size;
      const verdict = `${failed ? red("failed") : green("ok")}: ${plural(tested, "detection")}`;
      const lacking = untested.length > 0
        ? `${yellow("without fixtures")}: ${escapeTerminal(untested.join(", "))}\n`
        : "";
      io.out(`${measured.text}${lacking}${verdict}\n${passed} passed, ${failed} failed\n`);
    }
    return failed > 0 || measured.tooLow ? EXIT.findings : EXIT.done;
  },
};

function nothingToRun(all: number, filter: string): string {
  return all > 0
    ? `none of ${plural(all, "case")} has ${JSON.stringify(filter)} in its name or its detection's`
    : "there is no fixture to run; see docs/detections.md for their format";
}

function progressText(results: readonly CaseResult[], of: number): string {
  const failed = results.filter(({ passed }) => !passed).length;
  return `${results.length} of ${of} cases${failed > 0 ? `, ${failed} failed` : ""}`;
}

function failureText({ detection, case: name, file, diff }: CaseResult): string {
  const lines = diff.flatMap((fault) => fault.split("\n"))
    .map((line) => `    ${escapeTerminal(line)}`);
  return `${red("FAILED")} ${escapeTerminal(`${detection}: ${name}`)}\n  ${escapeTerminal(file)}\n${
    lines.join("\n")
  }\n\n`;
}
