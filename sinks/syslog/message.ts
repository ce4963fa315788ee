import { escapeJson, escapeTerminal } from "../../diagnostics/escape.ts";
import type { Alert } from "../../model/alert.ts";
import { type Facility, priority } from "./priority.ts";

/** How a message is written. */
export interface MessageOptions {
  readonly format: "rfc5424" | "rfc3164";
  readonly facility: Facility;
  readonly message: "text" | "json";
  /** Bytes that a message may have. */
  readonly maxSize: number;
}

const encoder = new TextEncoder();

/**
 * An alert as one syslog message. What hosts say stands in it without control characters and line feeds, so that nobody
 * can forge another message; one that is too long is cut, and says so.
 */
export function syslogMessage(alert: Alert, options: MessageOptions): Uint8Array<ArrayBuffer> {
  const { format, facility, message, maxSize } = options;
  const header = `<${priority(facility, alert.severity)}>` +
    (format === "rfc5424" ? header5424(alert) : header3164(alert));
  const body = message === "json"
    ? escapeJson(alert)
    : `${escapeTerminal(alert.title)} ${escapeJson(alert.alert_data)}`;
  const start = encoder.encode(header);
  const rest = cut(encoder.encode(body), Math.max(0, maxSize - start.length));
  const bytes = new Uint8Array(start.length + rest.length);
  bytes.set(start);
  bytes.set(rest, start.length);
  return bytes;
}

/** RFC 5424, section 6. The message has no byte order mark: its encoding counts as unknown, and every receiver copes. */
function header5424({ alert_time, host, id, rule_id, severity, scan_id, tags }: Alert): string {
  const parameters = Object.entries({ id, rule_id, severity, scan_id, tags: tags.join(",") })
    .map(([name, value]) => ` ${name}="${parameter(String(value))}"`).join("");
  return `1 ${new Date(alert_time).toISOString()} ${hostname(host)} daemoneye - alert ` +
    `[alert@${ENTERPRISE}${parameters}] `;
}

/** The number for documentation and examples (RFC 5612), since the toolkit has none of its own. */
const ENTERPRISE = 32473;

/** RFC 3164, section 4.1: local time, and what structured data would say as words. */
function header3164({ alert_time, host, id, rule_id, severity }: Alert): string {
  const time = new Date(alert_time);
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()]
    .map((part) => String(part).padStart(2, "0")).join(":");
  const day = String(time.getDate()).padStart(2, " ");
  const words = [severity, id, rule_id].map((word) => escapeTerminal(word).slice(0, MAX_PARAMETER));
  return `${MONTHS[time.getMonth()]} ${day} ${clock} ${hostname(host)} daemoneye: ${
    words.join(" ")
  } `;
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** Characters that a name or a parameter may have; everything longer is cut. */
const MAX_PARAMETER = 255;

/** A value of structured data: `"`, `\` and `]` are escaped (RFC 5424, section 6.3.3). */
function parameter(text: string): string {
  return escapeTerminal(text.slice(0, MAX_PARAMETER)).replace(/["\\\]]/g, "\\$&");
}

/** A host as headers name it: visible ASCII only (RFC 5424, section 6.2.4). */
function hostname(host: string): string {
  return host.replace(/[^\x21-\x7e]/gu, "?").slice(0, MAX_PARAMETER) || "-";
}

/** Cuts text in UTF-8 between characters, and says how long it was. */
function cut(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length <= length) return bytes;
  const mark = encoder.encode(` [cut from ${bytes.length} bytes]`);
  let end = Math.max(0, length - mark.length);
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--;
  const whole = new Uint8Array(end + mark.length);
  whole.set(bytes.subarray(0, end));
  whole.set(mark, end);
  return whole;
}
