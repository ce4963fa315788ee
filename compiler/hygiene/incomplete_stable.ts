import { at, type HygieneCheck } from "./check.ts";

/** A stable detection says who wrote it, when, and on what grounds. */
export const incompleteStable: HygieneCheck = {
  code: "incomplete-stable",
  docs: {
    what: "Status stable without `author`, `date` or `references`.",
    why:
      "Others rely on a stable detection: they need somebody to ask, and somewhere to read what it rests on.",
    bad: "status: stable\nauthor: [DaemonEye]",
    good:
      "status: stable\nauthor: [DaemonEye]\ndate: 2026-11-22\nreferences: [https://attack.mitre.org/techniques/T1620/]",
  },
  *check({ detection }) {
    const { status, author, date, references } = detection.meta;
    if (status !== "stable") return;
    const missing = [
      ...(author.length === 0 ? ["`author`"] : []),
      ...(date === undefined ? ["`date`"] : []),
      ...(references.length === 0 ? ["`references`"] : []),
    ];
    if (missing.length === 0) return;
    yield {
      span: at(detection, "status"),
      message: `a stable detection without ${missing.join(", ")}`,
      hint: "add them, or let it be of status test for now",
    };
  },
};
