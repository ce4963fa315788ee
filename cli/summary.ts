import { bold, dim, green, red, yellow } from "@std/fmt/colors";
import { escapeTerminal } from "../diagnostics/escape.ts";
import type { CompiledDetection } from "../model/compiled.ts";
import type { ScanSummary } from "../model/summary.ts";
import { plural } from "./plural.ts";

/** The summary of a scan as a person reads it: what was seen, what was judged, and above all what was not. */
export function renderSummary(
  summary: ScanSummary,
  detections: readonly CompiledDetection[],
): string {
  const names = new Map(detections.map(({ detection }) => [detection.meta.id, detection.name]));
  const name = (id: string) => escapeTerminal(names.get(id) ?? id);
  const { scan_id, host, duration_ms, rows, collectors, not_evaluated, partial } = summary;
  const rowCounts = Object.entries(rows).map(([table, count]) => `${count} ${table}`).join(", ");
  const evaluated = summary.detections - not_evaluated.length;
  const count = plural(summary.alerts, "alert");
  const alerts = summary.alerts > 0 ? red(bold(count)) : green(count);
  const lines = [
    `${bold(`scan ${scan_id}`)} of ${escapeTerminal(host)}: ${rowCounts || "no rows"} in ${
      seconds(duration_ms)
    }`,
    `detections: ${evaluated} of ${summary.detections} evaluated, ${summary.matched} matched; ${alerts}` +
    (summary.suppressed > 0 ? `, ${summary.suppressed} suppressed` : ""),
    ...notEvaluatedLines(not_evaluated, name),
    ...partialLines(partial, name),
    ...skippedLines(summary.skipped ?? [], name),
    ...missedLines(summary.missed ?? [], name),
    ...summary.stretched
      ? [`${yellow("memory is scarce")}: scans are ${summary.stretched} times as seldom`]
      : [],
    ...collectors.map(({ name, confinement, confinement_reason, dropped, duration_ms }) =>
      dim(
        `${name}: ${confinementText(confinement, confinement_reason)}, ${seconds(duration_ms)}` +
          (dropped > 0 ? `, ${dropped} dropped` : ""),
      )
    ),
  ];
  return lines.join("\n") + "\n";
}

/** One line for each reason, with the detections that it holds for. */
function notEvaluatedLines(
  not_evaluated: ScanSummary["not_evaluated"],
  name: (id: string) => string,
): string[] {
  return [...Map.groupBy(not_evaluated, ({ reason }) => reason)].map(([reason, group]) => {
    const names = group.map(({ rule_id }) => name(rule_id)).join(", ");
    return `${yellow("not evaluated")}: ${names}: ${escapeTerminal(reason)}`;
  });
}

/** One line for all detections that were judged on as many rows: on most hosts they lack the same few. */
function partialLines(partial: ScanSummary["partial"], name: (id: string) => string): string[] {
  const groups = Map.groupBy(partial, ({ evaluated, of }) => `on ${evaluated} of ${of} rows`);
  return [...groups].map(([rows, group]) => {
    const reasons = new Set(group.map(({ reason }) => reason));
    const why = reasons.size === 1
      ? escapeTerminal(group[0]!.reason)
      : "--format json tells why, for each";
    return `${yellow("partly evaluated")} ${rows}: ${
      group.map(({ rule_id }) => name(rule_id)).join(", ")
    } (${why})`;
  });
}

function skippedLines(
  skipped: NonNullable<ScanSummary["skipped"]>,
  name: (id: string) => string,
): string[] {
  if (skipped.length === 0) return [];
  const runs = skipped.reduce((sum, { count }) => sum + count, 0);
  const names = skipped.map(({ rule_id }) => name(rule_id));
  const shown = names.length > 5 ? `${names.length} detections` : names.join(", ");
  return [`${yellow("left out")}: ${plural(runs, "run")} of ${shown}: the one before took longer`];
}

function missedLines(
  missed: NonNullable<ScanSummary["missed"]>,
  name: (id: string) => string,
): string[] {
  return missed.map(({ rule_id, events }) =>
    `${yellow("not judged")}: ${plural(events, "event")} for ${name(rule_id)}; ` +
    "daemoneye rules list says why"
  );
}

function confinementText(confinement: string, reason: string | undefined): string {
  const text = confinement === "none" ? "not confined" : `confined by ${confinement}`;
  return reason ? `${text} (${escapeTerminal(reason)})` : text;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
