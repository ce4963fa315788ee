import { green, red } from "@std/fmt/colors";
import { escapeTerminal } from "../../diagnostics/escape.ts";
import { openSandbox } from "../../engine/sandbox/sandbox.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import { junit, type TimedResult } from "../../testing/junit.ts";
import type { CaseResult } from "../../testing/run.ts";
import { findCases, runCases } from "../../testing/suite.ts";
import { type Command, EXIT, FailedError, formatFlag } from "../command.ts";
import { readDetections } from "../detections.ts";
import { measure, MEASURE_FLAGS, measuresOf } from "../measures.ts";
import {
  CONFINEMENT_FLAG,
  confinementPolicy,
  detectionPaths,
  DETECTIONS_FLAG,
} from "../options.ts";

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
    ...MEASURE_FLAGS,
    ...DETECTIONS_FLAG,
    ...CONFINEMENT_FLAG,
  },
  examples: [
    "daemoneye test",
    "daemoneye test detections/execution --filter tmp",
    "daemoneye test --coverage --format lcov > lcov.info",
    "daemoneye test --mutate --min-score 90",
  ],
  args: { min: 0, max: Infinity },
  async run(args, io) {
    const measures = measuresOf(args);
    const loaded = await readDetections(detectionPaths(args), io);
    const filter = args.value("filter")?.toLowerCase() ?? "";
    const wanted = (detection: string, name: string) =>
      `${detection} ${name}`.toLowerCase().includes(filter);
    const cases = (await findCases(loaded, CATALOGUE))
      .filter((one) => wanted(one.detection, one.case));
    if (cases.length === 0) {
      throw new FailedError("there is no fixture to run; see docs/detections.md for their format");
    }
    const format = args.value("format");
    const results: TimedResult[] = [];
    await using sandbox = await openSandbox({ policy: confinementPolicy(args) });
    for await (const result of runCases(cases, sandbox, navigator.hardwareConcurrency)) {
      results.push(result);
      io.progress(`${results.length} of ${cases.length}`);
      if (result.passed || format === "json") continue;
      if (format === "text") io.out(failureText(result));
      else io.err(failureText(result));
    }
    const measured = await measure(measures, loaded, wanted, sandbox, io);
    const failed = results.filter(({ passed }) => !passed).length;
    const passed = results.length - failed;
    const not_evaluated = results.filter(({ verdict }) => verdict === "not_evaluated").length;
    if (format === "json") {
      const report = { passed, failed, not_evaluated, cases: results, ...measured.json };
      io.out(JSON.stringify(report, null, 2) + "\n");
    } else if (format === "junit") io.out(junit(results));
    else if (format === "lcov") io.out(measured.lcov);
    else {
      const verdict = `${failed ? red("failed") : green("ok")}: ${loaded.length} detections`;
      io.out(`${measured.text}${verdict}\n${passed} passed, ${failed} failed\n`);
    }
    return failed > 0 || measured.tooLow ? EXIT.findings : EXIT.done;
  },
};

function failureText({ detection, case: name, file, diff }: CaseResult): string {
  const lines = diff.map((fault) => `    ${escapeTerminal(fault)}`);
  return `${red("FAILED")} ${escapeTerminal(`${detection}: ${name}`)}\n  ${escapeTerminal(file)}\n${
    lines.join("\n")
  }\n\n`;
}
