import { at, type HygieneCheck, isMaintained } from "./check.ts";

/** Who is woken by an alert is told what to do. */
export const missingRunbook: HygieneCheck = {
  code: "missing-runbook",
  docs: {
    what: "Severity high or critical without a `runbook`.",
    why:
      "Such an alert wakes somebody, who then should not have to find out what to look at first.",
    bad: "severity: high",
    good:
      "severity: high\nrunbook: Keep a copy through /proc/PID/exe, then look for what started it.",
  },
  *check({ detection }) {
    const { severity, runbook } = detection.meta;
    if (severity !== "high" && severity !== "critical") return;
    if (runbook !== undefined || !isMaintained(detection)) return;
    yield {
      span: at(detection, "severity"),
      message: `severity ${severity} without a \`runbook\``,
      hint: "say in Markdown what to look at first, what to keep, and when to close the alert",
    };
  },
};
