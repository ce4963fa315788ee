import { green, red } from "@std/fmt/colors";
import { escapeTerminal } from "../../diagnostics/escape.ts";
import { openSandbox } from "../../engine/sandbox/sandbox.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import type { CaseResult } from "../../testing/run.ts";
import { findCases, runCases } from "../../testing/suite.ts";
import { type Command, EXIT, FailedError, formatFlag } from "../command.ts";
import { readDetections } from "../detections.ts";
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
    format: formatFlag("json"),
    filter: { value: "TEXT", description: "Only cases whose detection or name contains this" },
    ...DETECTIONS_FLAG,
    ...CONFINEMENT_FLAG,
  },
  examples: ["daemoneye test", "daemoneye test detections/execution --filter tmp"],
  args: { min: 0, max: Infinity },
  async run(args, io) {
    const loaded = await readDetections(detectionPaths(args), io);
    const filter = args.value("filter")?.toLowerCase() ?? "";
    const cases = (await findCases(loaded, CATALOGUE))
      .filter((one) => `${one.detection} ${one.case}`.toLowerCase().includes(filter));
    if (cases.length === 0) {
      throw new FailedError("there is no fixture to run; see docs/detections.md for their format");
    }
    const json = args.value("format") === "json";
    const results: CaseResult[] = [];
    await using sandbox = await openSandbox({ policy: confinementPolicy(args) });
    for await (const result of runCases(cases, sandbox, navigator.hardwareConcurrency)) {
      results.push(result);
      io.progress(`${results.length} of ${cases.length}`);
      if (!json && !result.passed) io.out(failureText(result));
    }
    const failed = results.filter(({ passed }) => !passed).length;
    const passed = results.length - failed;
    const not_evaluated = results.filter(({ verdict }) => verdict === "not_evaluated").length;
    if (json) {
      io.out(JSON.stringify({ passed, failed, not_evaluated, cases: results }, null, 2) + "\n");
    } else {io.out(
        `${
          failed ? red("failed") : green("ok")
        }: ${loaded.length} detections\n${passed} passed, ${failed} failed\n`,
      );}
    return failed > 0 ? EXIT.findings : EXIT.done;
  },
};

function failureText({ detection, case: name, file, diff }: CaseResult): string {
  const lines = diff.map((fault) => `    ${escapeTerminal(fault)}`);
  return `${red("FAILED")} ${escapeTerminal(`${detection}: ${name}`)}\n  ${escapeTerminal(file)}\n${
    lines.join("\n")
  }\n\n`;
}
