import { at, type HygieneCheck } from "./check.ts";

/** Who takes a detection out of its experiments says what it can be wrong about. */
export const missingFalsepositives: HygieneCheck = {
  code: "missing-falsepositives",
  docs: {
    what: "A detection of status test that names no benign cause of a match.",
    why:
      "Whoever gets the alert asks first what else it could be. For status stable the absence is an error (missing-key).",
    bad: "status: test",
    good: "status: test\nfalsepositives: [Self-extracting installers]",
  },
  *check({ detection }) {
    const { status, falsepositives } = detection.meta;
    if (status !== "test" || falsepositives.length > 0) return;
    yield {
      span: at(detection, "status"),
      message: "`falsepositives` is missing",
      hint: "say which benign causes a match can have; status stable asks for them",
    };
  },
};
