import { at, type HygieneCheck, isMaintained } from "./check.ts";

/** One case that fires and one that does not. */
const LEAST = 2;

/** A detection is tested: it fires where it should, and is silent where it should. */
export const missingFixtures: HygieneCheck = {
  code: "missing-fixtures",
  docs: {
    what:
      "Fewer than two fixture cases in `fixtures/<name>/`. An error for status stable. What the cases show is for " +
      "`daemoneye test` to say.",
    why:
      "A rule that was never seen to fire may not fire, and one that was never seen to be silent may fire always.",
    bad: "status: stable",
    good: "status: stable # fixtures/<name>/ holds fires.yaml and silent.yaml",
  },
  *check({ detection, fixtures }) {
    if (!fixtures || fixtures.length >= LEAST || !isMaintained(detection)) return;
    const stable = detection.meta.status === "stable";
    yield {
      span: at(detection, "status"),
      message: `${stable ? "a stable" : "the"} detection has ${
        fixtures.length === 0 ? "no fixtures" : "one fixture case only"
      }`,
      hint: `add a case that fires and one that is silent in fixtures/${detection.name}/`,
      ...(stable && { severity: "error" as const }),
    };
  },
};
