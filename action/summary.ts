/**
 * Prints what the steps of the action have found as the Markdown of a job summary, or with `--outputs` as the outputs of
 * the action.
 *
 * @module
 */
import { escapeTerminal } from "../diagnostics/escape.ts";
import { readResults, type Results } from "./results.ts";

/** So many of a kind are shown; the log has all. */
const MAX_SHOWN = 50;

/** The job summary. */
export function summary({ lint, test, permissions }: Results): string {
  const { coverage, mutation } = test ?? {};
  const rows = [
    [
      "Lint",
      lint
        ? [
          count(lint.files, "detection"),
          count(lint.errors, "error"),
          count(lint.warnings, "warning"),
        ].join(", ")
        : NONE,
    ],
    ["Fixtures", test ? `${test.passed} passed, ${test.failed} failed` : NONE],
    ...coverage ? [["Coverage", `${coverage.percent} % of outcomes`]] : [],
    ...mutation ? [["Mutation score", `${mutation.score} %`]] : [],
  ];
  const faults = lint?.diagnostics.filter(({ severity }) => severity !== "info") ?? [];
  const failures = test?.cases.filter(({ passed }) => !passed) ?? [];
  return [
    "## Detections",
    "| Check | Result |\n| --- | --- |\n" +
    rows.map((cells) => `| ${cells.join(" | ")} |`).join("\n"),
    ...section(
      "Faults",
      faults.map(({ severity, code, file, line, column, message }) =>
        `- **${severity}** ${text(`${code}: ${message}`)}<br>${text(`${file}:${line}:${column}`)}`
      ),
    ),
    ...section(
      "Failing fixtures",
      failures.map((one) =>
        `- **${text(one.detection)}: ${text(one.case)}**<br>${
          one.diff.slice(0, MAX_FAULTS).map(text).join("<br>")
        }`
      ),
    ),
    ...section(
      "What these detections make a host grant",
      (permissions?.permissions ?? []).map((one) =>
        `- **${text(one.collector)}** for ${count(one.detections.length, "detection")}<br>${
          [
            ...one.permissions,
            `tables: ${one.tables.join(", ")}`,
            ...one.privileged_columns.length > 0
              ? [`kept from ordinary users: ${one.privileged_columns.join(", ")}`]
              : [],
            ...one.triggers.map((trigger) => `asked for ${trigger}`),
          ].map(text).join("<br>")
        }`
      ),
    ),
  ].join("\n\n") + "\n";
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? "" : "s"}`;
}

/** Of a failing case. */
const MAX_FAULTS = 10;

const NONE = "no result; the log says why";

function section(title: string, items: readonly string[]): readonly string[] {
  if (items.length === 0) return [];
  const more = items.length - MAX_SHOWN;
  const shown = [...items.slice(0, MAX_SHOWN), ...more > 0 ? [`- … and ${more} more`] : []];
  return [`### ${title}`, shown.join("\n")];
}

/** No longer text is shown. */
const MAX_TEXT = 500;

/** Text of detections and fixtures, in which no character means anything to Markdown or HTML. */
function text(any: string): string {
  const line = escapeTerminal(any.length > MAX_TEXT ? `${any.slice(0, MAX_TEXT)}…` : any);
  return line.replace(/[\\`*_{}[\]<>()#+!|~&@:$]/g, (mark) => `&#${mark.charCodeAt(0)};`);
}

/** The outputs of the action, a line each. */
export function outputs({ lint, test }: Results): string {
  const values = {
    errors: lint?.errors,
    warnings: lint?.warnings,
    passed: test?.passed,
    failed: test?.failed,
  };
  return Object.entries(values).map(([name, value]) => `${name}=${value ?? ""}\n`).join("");
}

if (import.meta.main) {
  const [folder, ...flags] = Deno.args;
  const results = await readResults(folder!);
  const render = flags.includes("--outputs") ? outputs : summary;
  console.log(render(results).trimEnd());
}
