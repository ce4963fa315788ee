import { dim } from "@std/fmt/colors";
import { escapeJson, escapeTerminal } from "../../diagnostics/escape.ts";
import type { Alert } from "../../model/alert.ts";
import type { Severity } from "../../model/detection.ts";
import { renderAlert, type StdoutFormat } from "../../sinks/stdout.ts";
import type { AlertQuery, DeadLetterQuery, StoreReader } from "../../store/mod.ts";
import { parseDuration, parseTime } from "../../testing/time.ts";
import { type Arguments, EXIT, UsageError } from "../command.ts";
import { openChanges } from "../control.ts";
import type { Io } from "../io.ts";
import { statePath } from "../options.ts";
import { outFault } from "../out.ts";
import { plural } from "../plural.ts";
import { loadSettings, storePath } from "../settings.ts";
import { openForReading } from "../store.ts";

/** `alerts list`. */
export async function list(args: Arguments, io: Io): Promise<number> {
  const query = readQuery(args);
  const path = await storePath(args, io);
  using store = await openForReading(path, "alerts");
  if (!store) return tellNone(args, io, noStore(path));
  // The newest are wanted, and shown in the order in which they came.
  const chosen = await Array.fromAsync(store.alerts({ ...query, reverse: true }));
  if (chosen.length === 0) return tellNone(args, io, "no alerts");
  const render = renderAlert(args.value("format") as StdoutFormat);
  for (const alert of chosen.reverse()) io.out(render(alert));
  return EXIT.done;
}

/** Says to people that a list is empty; machines see it. */
export function tellNone(args: Arguments, io: Io, text: string): number {
  if (args.value("format") === "text") io.out(`${escapeTerminal(text)}\n`);
  return EXIT.done;
}

/** What is said where there is nothing to list from. */
export function noStore(path: string): string {
  return `no alerts: there is no store at ${path}`;
}

/** `alerts show`. */
export async function show(args: Arguments, io: Io, ids: readonly string[]): Promise<number> {
  using store = await openForReading(await storePath(args, io), "alerts");
  const found = await Promise.all(ids.map((id) => readAlert(store, id)));
  const format = args.value("format") as StdoutFormat;
  const render = renderAlert(format);
  for (const alert of found) {
    io.out(render(alert));
    if (format === "text") io.out(await renderMore(store!, alert));
  }
  return EXIT.done;
}

async function readAlert(store: StoreReader | undefined, id: string): Promise<Alert> {
  const alert = await store?.alert(id);
  if (alert) return alert;
  throw new UsageError(`there is no alert ${id}`);
}

/** What a list leaves out: description, evidence, who has seen to it, who was not told. */
async function renderMore(store: StoreReader, alert: Alert): Promise<string> {
  const { description, evidence, acknowledged } = alert;
  const letters = await Array.fromAsync(store.deadLetters({ alert_id: alert.id }));
  const lines = [
    description,
    ...evidence.map(({ scan_id, table, key }) =>
      `scan ${scan_id}, ${table}: ${JSON.stringify(key)}`
    ),
    ...letters.map(({ sink, reason }) => `not taken by ${sink}: ${reason}`),
    ...acknowledged
      ? [
        `seen to at ${new Date(acknowledged.time).toISOString()}: ${
          acknowledged.note ?? "no note"
        }`,
      ]
      : [],
  ];
  return lines.map((line) => dim(`  ${escapeTerminal(line)}`)).join("\n") + "\n\n";
}

/** `alerts ack`. */
export async function acknowledge(
  args: Arguments,
  io: Io,
  ids: readonly string[],
): Promise<number> {
  const note = args.value("note");
  const settings = await loadSettings(args, io);
  const path = statePath(args, settings);
  {
    using reader = await openForReading(path, "alerts");
    for (const id of ids) await readAlert(reader, id);
  }
  const tell = (text: string) => io.err(escapeTerminal(text));
  await using store = await openChanges(path, "alerts", tell, settings.audit);
  for (const id of ids) {
    await store.acknowledge(id, { time: Date.now(), ...(note !== undefined && { note }) });
    io.out(`${escapeTerminal(id)} is acknowledged\n`);
  }
  return EXIT.done;
}

/** `alerts export`: every alert, in full; text would not be, so it stands for JSON lines. */
export async function exportAlerts(args: Arguments, io: Io): Promise<number> {
  const query = readQuery(args);
  const render = args.value("format") === "csv"
    ? renderAlert("csv")
    : (alert: Alert) => escapeJson(alert) + "\n";
  using store = await openForReading(await storePath(args, io), "alerts");
  const out = args.value("out");
  const newest = query.limit === undefined ? undefined : await oldestOf(store, query);
  const found = newest ?? store?.alerts(query) ?? [];
  if (out === undefined) {
    for await (const alert of found) io.out(render(alert));
    return EXIT.done;
  }
  const count = await writeAlerts(out, found, render);
  io.out(`${plural(count, "alert")} written to ${escapeTerminal(out)}\n`);
  return EXIT.done;
}

async function oldestOf(store: StoreReader | undefined, query: AlertQuery): Promise<Alert[]> {
  if (!store) return [];
  return (await Array.fromAsync(store.alerts({ ...query, reverse: true }))).reverse();
}

/** Writes a new file, whole or not at all; how many alerts it holds. */
async function writeAlerts(
  path: string,
  alerts: AsyncIterable<Alert> | Iterable<Alert>,
  render: (alert: Alert) => string,
): Promise<number> {
  let count = 0;
  using file = createFile(path);
  try {
    for await (const alert of alerts) {
      writeAll(file, path, render(alert));
      count++;
    }
    return count;
  } catch (error) {
    // Whoever reads it must not take a part for all.
    Deno.removeSync(path);
    throw error;
  }
}

function createFile(path: string): Deno.FsFile {
  try {
    return Deno.openSync(path, { write: true, createNew: true, mode: 0o600 });
  } catch (error) {
    throw outFault(path, error);
  }
}

function writeAll(file: Deno.FsFile, path: string, text: string): void {
  const bytes = new TextEncoder().encode(text);
  try {
    for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
  } catch (error) {
    throw outFault(path, error);
  }
}

/** `alerts retry`. */
export async function retry(args: Arguments, io: Io, ids: readonly string[]): Promise<number> {
  const sink = args.value("sink");
  const tell = (text: string) => io.err(escapeTerminal(text));
  const settings = await loadSettings(args, io);
  const path = statePath(args, settings);
  await using store = await openChanges(path, "alerts", tell, settings.audit);
  const queries: readonly DeadLetterQuery[] = ids.length > 0
    ? ids.map((alert_id) => ({ alert_id }))
    : [{}];
  let count = 0;
  for (const query of queries) {
    count += await store.retryDeadLetters({ ...query, ...(sink !== undefined && { sink }) });
  }
  io.out(`${plural(count, "alert")} put back; the agent delivers what waits\n`);
  return EXIT.done;
}

function readQuery(args: Arguments): AlertQuery {
  const severity = args.value("severity")!;
  const since = readSince(args.value("since"));
  const rule_id = args.value("rule");
  const limit = readLimit(args.value("limit"));
  return {
    ...(severity !== "any" && { severity: severity as Severity }),
    ...(since !== undefined && { since }),
    ...(rule_id !== undefined && { rule_id }),
    ...(limit !== undefined && { limit }),
  };
}

/**
 * The time that `--since` means, ms since the epoch.
 *
 * @throws {UsageError} where it is none
 */
export function readSince(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const back = parseDuration(text);
  const time = back === undefined ? parseTime(text, undefined) : Date.now() - back;
  if (time === undefined) {
    throw new UsageError(`--since ${text} is neither a time nor a duration such as 2h`);
  }
  return time;
}

function readLimit(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(text)) throw new UsageError(`--limit ${text} is not a number of alerts`);
  return Number(text);
}
