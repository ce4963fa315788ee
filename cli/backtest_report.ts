import { bold, dim, green, red, yellow } from "@std/fmt/colors";
import { escapeJson, escapeTerminal } from "../diagnostics/escape.ts";
import type { ResultRow, ScanVerdict } from "../testing/backtest/backtest.ts";
import type { Change } from "../testing/backtest/compare.ts";
import type { BacktestSummary } from "../testing/backtest/summary.ts";
import { plural } from "./plural.ts";

/** What a backtest came to. */
export interface BacktestReport {
  /** Of the detection. */
  readonly name: string;
  readonly summary: BacktestSummary;
  readonly verdicts: readonly ScanVerdict[];
  /** How it differs from another version. */
  readonly compared?: { readonly changes: readonly Change[]; readonly alerts_before: number };
}

/** A report for machines. */
export function backtestJson({ name, summary, verdicts, compared }: BacktestReport): string {
  const report = {
    detection: name,
    ...summary,
    history: verdicts.filter(({ rows, alerts, partial }) =>
      rows.length + alerts.length > 0 || partial
    ),
    ...(compared && {
      compare: {
        gained: count(compared.changes, "gained"),
        lost: count(compared.changes, "lost"),
        alerts_before: compared.alerts_before,
        scans: compared.changes.filter(isTold),
      },
    }),
  };
  return escapeJson(report) + "\n";
}

/** A report for people. */
export function backtestText({ name, summary, verdicts, compared }: BacktestReport): string {
  return [
    ...verdicts.flatMap(verdictLines),
    ...(compared?.changes ?? []).filter(isTold).flatMap(changeLines),
    ...summaryLines(name, summary),
    ...(compared ? [comparedLine(compared, summary)] : []),
    "",
  ].join("\n");
}

function comparedLine(
  { changes, alerts_before }: NonNullable<BacktestReport["compared"]>,
  { alerts }: BacktestSummary,
): string {
  const gained = plural(count(changes, "gained"), "row");
  const told = alerts === alerts_before
    ? `${plural(alerts, "alert")} as before`
    : `${plural(alerts, "alert")} instead of ${alerts_before}`;
  return `compared: ${gained} gained, ${count(changes, "lost")} lost; ${told}`;
}

function isTold({ gained, lost, not_comparable }: Change): boolean {
  return gained.length + lost.length > 0 || not_comparable !== undefined;
}

function count(changes: readonly Change[], side: "gained" | "lost"): number {
  return changes.reduce((sum, change) => sum + change[side].length, 0);
}

function heading({ scan_id, host, time }: Pick<Change, "scan_id" | "host" | "time">): string {
  return `${bold(`scan ${scan_id}`)} of ${escapeTerminal(host)}, ${timeText(time)}`;
}

function verdictLines(verdict: ScanVerdict): string[] {
  const { alerts, rows, suppressed } = verdict;
  if (alerts.length === 0) return [];
  const hidden = suppressed > 0 ? `, ${suppressed} suppressed` : "";
  return [
    `${heading(verdict)}: ${red(plural(alerts.length, "alert"))} of ${
      plural(rows.length, "row")
    }${hidden}`,
    ...alerts.map(({ severity, title }) => `  ${severity}: ${escapeTerminal(title)}`),
  ];
}

function changeLines(change: Change): string[] {
  const { gained, lost, not_comparable } = change;
  return [
    `${heading(change)}: ${
      not_comparable === undefined
        ? `${gained.length} gained, ${lost.length} lost`
        : yellow(`not compared (${escapeTerminal(not_comparable)})`)
    }`,
    ...gained.map((row) => green(`  + ${rowText(row)}`)),
    ...lost.map((row) => red(`  - ${rowText(row)}`)),
  ];
}

/** The values of a row; NULL says nothing in a line that is read by people. */
function rowText(row: ResultRow): string {
  return escapeJson(Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)));
}

function summaryLines(name: string, summary: BacktestSummary): string[] {
  const { scans, evaluated, not_evaluated, fired, alerts, hits, suppressed, cost } = summary;
  const { first, last, from, to } = summary;
  return [
    `${bold(escapeTerminal(name))}: ${evaluated} of ${plural(scans, "scan")} evaluated; ` +
    `fired in ${fired}: ${plural(alerts, "alert")} of ${
      plural(hits, "row")
    }, ${suppressed} suppressed`,
    ...(from === undefined ? [] : [
      `history from ${timeText(from)} to ${timeText(to!)}${rateText(alerts, to! - from)}`,
    ]),
    ...(first === undefined ? [] : [`first alert ${timeText(first)}, last ${timeText(last!)}`]),
    ...not_evaluated.map(({ reason, scans }) =>
      `${yellow("not evaluated")} in ${plural(scans.length, "scan")}: ${escapeTerminal(reason)} ` +
      dim(`(${scans.slice(0, 10).join(", ")}${scans.length > 10 ? ", …" : ""})`)
    ),
    ...(cost.max_scan === undefined ? [] : [
      `cost: ${cost.mean_ms.toFixed(1)} ms a scan, at most ${cost.max_ms.toFixed(1)} ms ` +
      `(scan ${cost.max_scan})`,
    ]),
  ];
}

const HOUR = 3_600_000;

/** How often it would alert, where the history is long enough to say so. */
function rateText(alerts: number, length: number): string {
  return length < HOUR ? "" : `: ${(alerts / length * 24 * HOUR).toFixed(1)} alerts a day`;
}

function timeText(time: number): string {
  return new Date(time).toISOString().replace(".000Z", "Z");
}
