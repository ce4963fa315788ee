import { escapeJson, escapeTerminal } from "../diagnostics/escape.ts";
import type { JsonValue } from "../model/alert.ts";
import type { ScanSummary } from "../model/summary.ts";
import type { Flags } from "./command.ts";

/** How much something matters to an operator; least first. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
/** One of {@linkcode LOG_LEVELS}. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Flags of commands that go on for long. */
export const LOG_FLAGS = {
  "log-format": {
    value: "FORMAT",
    description: "How messages on standard error look",
    choices: ["text", "json"],
  },
  "log-level": {
    value: "LEVEL",
    description: "Only messages that matter so much",
    choices: ["warn", "error", "info", "debug"],
  },
} as const satisfies Flags;

/** What a message is about, by names that are the same everywhere: `scan_id`, `alert_id`, `rule_id`, `collector`. */
export type LogFields = Readonly<Record<string, JsonValue>>;

/** Writes what an operator may want to know, a line each. Nothing of the host in it can act in a terminal. */
export interface Log {
  (level: LogLevel, message: string, fields?: LogFields): void;
}

/** How a log looks and where it goes. */
export interface LogOptions {
  readonly format: "text" | "json";
  readonly level: LogLevel;
  /** Writes a line. */
  readonly write: (line: string) => void;
}

/** Makes a {@linkcode Log}. As JSON, each line has `time`, `level`, `message` and the fields. */
export function createLog({ format, level, write }: LogOptions): Log {
  const least = LOG_LEVELS.indexOf(level);
  return (level, message, fields = {}) => {
    if (LOG_LEVELS.indexOf(level) < least) return;
    if (format === "json") {
      write(escapeJson({ time: new Date().toISOString(), level, message, ...fields }));
      return;
    }
    const more = Object.entries(fields).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
    write(escapeTerminal(message + more.join("")));
  };
}

/** Tells of a scan, and of each detection that could not be judged in it. */
export function logScan(log: Log, summary: ScanSummary): void {
  const { scan_id, duration_ms, detections, matched, alerts, not_evaluated } = summary;
  log("info", "scan ended", {
    scan_id,
    duration_ms,
    detections,
    matched,
    alerts,
    not_evaluated: not_evaluated.length,
  });
  for (const { rule_id, reason } of not_evaluated) {
    log("debug", "detection not evaluated", { scan_id, rule_id, reason });
  }
}
