import stringWidth from "string-width";
import { bold, brightRed, cyan, dim, gray, red, yellow } from "@std/fmt/colors";
import { escapeCsvCell, escapeJson, escapeTerminal } from "../diagnostics/escape.ts";
import type { Alert } from "../model/alert.ts";
import type { Severity } from "../model/detection.ts";
import type { Sink } from "../model/sink.ts";

/** How alerts can be written to standard output. */
export const STDOUT_FORMATS = ["text", "json", "csv"] as const;
/** One of {@linkcode STDOUT_FORMATS}. */
export type StdoutFormat = (typeof STDOUT_FORMATS)[number];

/** Options of {@linkcode createStdoutSink}. */
export interface StdoutSinkOptions {
  /** Text is coloured where `setColorEnabled` of the standard library's `fmt/colors` says so. */
  readonly format: StdoutFormat;
  /** Writes text as it is. */
  readonly write: (text: string) => void;
}

/** Writes alerts for people (text), for machines (json, an object a line) or for spreadsheets (csv, with a header). */
export function createStdoutSink({ format, write }: StdoutSinkOptions): Sink {
  const render = renderAlert(format);
  return {
    name: "stdout",
    send(alert) {
      write(render(alert));
      return Promise.resolve();
    },
    healthCheck: () => Promise.resolve({ healthy: true }),
  };
}

/** A renderer of alerts in a format; csv puts a header before the first. */
export function renderAlert(format: StdoutFormat): (alert: Alert) => string {
  if (format === "text") return renderText;
  if (format === "json") return (alert) => escapeJson(alert) + "\n";
  let header = CSV_COLUMNS.join(",") + "\r\n";
  return (alert) => {
    const line = header +
      CSV_COLUMNS.map((name) => escapeCsvCell(csvValue(alert[name]))).join(",") + "\r\n";
    header = "";
    return line;
  };
}

const CSV_COLUMNS = [
  "id",
  "alert_time",
  "severity",
  "title",
  "rule_id",
  "host",
  "scan_id",
  "affected_processes",
  "suppressed_count",
  "alert_data",
] as const satisfies readonly (keyof Alert)[];

function csvValue(value: unknown): string | number {
  return typeof value === "string" || typeof value === "number" ? value : JSON.stringify(value);
}

const PAINT: Readonly<Record<Severity, (text: string) => string>> = {
  informational: gray,
  low: cyan,
  medium: yellow,
  high: red,
  critical: brightRed,
};

/** A smaller number is not a time in milliseconds but a duration. */
const EARLIEST = Date.UTC(1990, 0, 1);

/** Longer values are cut in text; json and csv carry them whole. */
const MAX_VALUE = 400;

function renderText(alert: Alert): string {
  const { id, severity, title, rule_id, host, alert_time, tags, suppressed_count, alert_data } =
    alert;
  const entries = Object.entries(alert_data).filter(([, value]) => value !== null);
  const names = entries.map(([name]) => escapeTerminal(name));
  const widths = names.map((name) => stringWidth(name));
  const width = Math.max(0, ...widths);
  const facts = [new Date(alert_time).toISOString(), host, rule_id, ...tags];
  return [
    `${PAINT[severity](bold(severity.toUpperCase()))} ${bold(escapeTerminal(title))}`,
    dim(`  ${facts.map(escapeTerminal).join("  ")}`),
    dim(`  alert ${escapeTerminal(id)}`),
    ...(suppressed_count > 0 ? [dim(`  and ${suppressed_count} more of the same`)] : []),
    ...entries.map(([name, value], index) =>
      `  ${names[index]}${" ".repeat(width - widths[index]!)}  ${shown(name, value)}`
    ),
    "",
    "",
  ].join("\n");
}

function shown(name: string, value: unknown): string {
  // Columns of such a name are timestamps throughout the catalogue; an alert does not carry types.
  if (name.endsWith("_time") && Number.isSafeInteger(value) && Number(value) > EARLIEST) {
    return new Date(Number(value)).toISOString();
  }
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const cut = text.length > MAX_VALUE
    ? `${text.slice(0, MAX_VALUE)}… (${text.length} characters)`
    : text;
  return escapeTerminal(cut);
}
