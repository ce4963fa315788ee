import { createHash } from "node:crypto";

/**
 * Every key of the store. Values are what {@linkcode encode} makes, except that of {@linkcode formatKey}. Key parts that
 * order (scan ids, times) are numbers; what a host or an author could make long is a {@linkcode digest}.
 *
 * ```
 * ["format"]                                      version of this layout, plain text for all time
 * ["last_scan"]                                   the highest scan id given out
 * ["scan", scan_id]                               manifest; its presence is what makes a scan visible
 * ["page", scan_id, table, page, part]            rows: columnar pages, each cut into parts
 * ["page", scan_id, "keys of table", page, part]  the keys that a table was asked for
 * ["alert", time, alert_id]                       alert, or the number of its parts
 * ["alert_part", alert_id, part]                  a piece of an alert that does not fit one value
 * ["alert_time", alert_id]                        where to find an alert by its id
 * ["suppressed", alert_id]                        hits that an alert stands for besides its own
 * ["outbox", sink, sequence]                      an alert that a sink is still to be told of
 * ["dead_letter", sink, sequence]                 an alert that a sink did not take
 * ["last_outbox"]                                 the highest sequence given out
 * ["acknowledged", alert_id]                      that somebody has seen to an alert
 * ["rule", rule_id]                               rule state
 * ["evaluation", rule_id, kind, …]                what evaluating a rule remembers between runs; a kind each:
 * ["evaluation", rule_id, "window", digest(key)]  newest suppression window of a deduplication key
 * ["evaluation", rule_id, "state"]                what comparing and counting go on with, or where its parts are
 * ["state_part", state_id, part]                  a piece of such a state that does not fit one value
 * ["hash", digest(key)]                           hash of a file
 * ["ballast", piece]                              random bytes, given up for what must be stored on a full disk
 * ["unfinished", "scan" | "alert" | "state", id]  what lies below this id belongs to nothing: see sweep.ts
 * ```
 *
 * @module
 */

/**
 * Version of the store's format: of the keys and of the values. Earlier ones are read, and become this one with the next
 * scan. 2: values that repeat in a page are written once (`schema/packing.ts`).
 */
export const FORMAT_VERSION = 2;

/** What stands at {@linkcode formatKey}. */
export const FORMAT = `daemoneye-store ${FORMAT_VERSION}`;

/** Holds the text that tells the format. */
export const formatKey: Deno.KvKey = ["format"];

/** {@linkcode formatKey} as Deno KV writes it: the mark of a string, the string, a zero. */
export const FORMAT_KEY_BYTES: Uint8Array = new TextEncoder().encode("\x02format\0");

/** Holds the highest scan id that was ever given out. */
export const lastScanKey: Deno.KvKey = ["last_scan"];

/** Manifests, oldest first. */
export const scansKey: Deno.KvKey = ["scan"];

/** The manifest of a scan. */
export const scanKey = (scan_id: number): Deno.KvKey => ["scan", scan_id];

/** All pages of a scan. */
export const scanPagesKey = (scan_id: number): Deno.KvKey => ["page", scan_id];

/** All pages of a table of a scan. */
export const pagesKey = (scan_id: number, table: string): Deno.KvKey => ["page", scan_id, table];

/** What stands for a table where the keys are kept that it was asked for. */
export const keysOfTable = (table: string): string => `keys of ${table}`;

/** A part of a page. */
export const partKey = (scan_id: number, table: string, page: number, part: number): Deno.KvKey => [
  "page",
  scan_id,
  table,
  page,
  part,
];

/** Bound of a range of alerts, which stand oldest first. */
export const alertsFromKey = (time: number): Deno.KvKey => ["alert", time];

/** An alert. */
export const alertKey = (time: number, alert_id: string): Deno.KvKey => ["alert", time, alert_id];

/** All parts of an alert. */
export const alertPartsKey = (alert_id: string): Deno.KvKey => ["alert_part", alert_id];

/** A part of an alert. */
export const alertPartKey = (alert_id: string, part: number): Deno.KvKey => [
  "alert_part",
  alert_id,
  part,
];

/** The time of an alert. */
export const alertTimeKey = (alert_id: string): Deno.KvKey => ["alert_time", alert_id];

/** The number of hits that an alert stands for besides its own. */
export const suppressedKey = (alert_id: string): Deno.KvKey => ["suppressed", alert_id];

/** What waits for all sinks. */
export const waitingKey: Deno.KvKey = ["outbox"];

/** What waits for a sink, in the order in which it is told. */
export const outboxSinkKey = (sink: string): Deno.KvKey => ["outbox", sink];

/** An alert that waits for a sink. */
export const outboxKey = (sink: string, sequence: number): Deno.KvKey => ["outbox", sink, sequence];

/** Where a range begins of what waits for a sink after a sequence. */
export const outboxFromKey = (sink: string, after: number): Deno.KvKey =>
  outboxKey(sink, after + 1);

/** What all sinks did not take. */
export const deadLettersKey: Deno.KvKey = ["dead_letter"];

/** An alert that a sink did not take. */
export const deadLetterKey = (sink: string, sequence: number): Deno.KvKey => [
  "dead_letter",
  sink,
  sequence,
];

/** Holds the highest sequence that was ever given out. */
export const lastOutboxKey: Deno.KvKey = ["last_outbox"];

/** That somebody has seen to an alert. */
export const acknowledgedKey = (alert_id: string): Deno.KvKey => ["acknowledged", alert_id];

/** All rule states. */
export const rulesKey: Deno.KvKey = ["rule"];

/** The state of a rule. */
export const ruleKey = (rule_id: string): Deno.KvKey => ["rule", rule_id];

/** The newest suppression window of a deduplication key. */
export const windowKey = (rule_id: string, dedupe_key: string): Deno.KvKey => [
  "evaluation",
  rule_id,
  "window",
  digest(dedupe_key),
];

/** What evaluating rules remembers. */
export const evaluationKey: Deno.KvKey = ["evaluation"];

/** What comparing and counting the results of a rule go on with. */
export const stateKey = (rule_id: string): Deno.KvKey => ["evaluation", rule_id, "state"];

/** All parts of a state. */
export const statePartsKey = (state_id: string): Deno.KvKey => ["state_part", state_id];

/** A part of a state. */
export const statePartKey = (state_id: string, part: number): Deno.KvKey => [
  "state_part",
  state_id,
  part,
];

/** All remembered hashes. */
export const hashesKey: Deno.KvKey = ["hash"];

/** The remembered hash of a file. */
export const hashKey = (key: string): Deno.KvKey => ["hash", digest(key)];

/** A piece of ballast. */
export const ballastKey = (piece: number): Deno.KvKey => ["ballast", piece];

/** What a writer left unfinished. */
export const unfinishedKey: Deno.KvKey = ["unfinished"];

/** The mark of a scan whose pages no manifest names. */
export const unfinishedScanKey = (scan_id: number): Deno.KvKey => ["unfinished", "scan", scan_id];

/** The mark of an alert whose parts no alert names. */
export const unfinishedAlertKey = (alert_id: string): Deno.KvKey => [
  "unfinished",
  "alert",
  alert_id,
];

/** The mark of a state whose parts no state names. */
export const unfinishedStateKey = (state_id: string): Deno.KvKey => [
  "unfinished",
  "state",
  state_id,
];

/** SHA-256 in hex: keys of any length fit a key part. */
export function digest(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}
