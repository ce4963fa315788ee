import { dim, red, yellow } from "@std/fmt/colors";
import { escapeCsvCell, escapeJson, escapeTerminal } from "../../diagnostics/escape.ts";
import type { DeadLetter, OutboxEntry } from "../../model/outbox.ts";
import type { StoreReader } from "../../store/mod.ts";
import { type Arguments, EXIT } from "../command.ts";
import type { Io } from "../io.ts";
import { storePath } from "../settings.ts";
import { openForReading } from "../store.ts";
import { noStore, tellNone } from "./alerts_actions.ts";

/** An alert that a sink was not told of. */
type Undelivered = OutboxEntry & Partial<DeadLetter>;

/** `alerts list --undelivered`: by sink, what it did not take and then what it is still to be told. */
export async function listUndelivered(args: Arguments, io: Io): Promise<number> {
  const path = await storePath(args, io);
  using store = await openForReading(path, "alerts");
  if (!store) return tellNone(args, io, noStore(path));
  const only = args.value("sink");
  const format = args.value("format");
  if (format === "csv") io.out(CSV_COLUMNS.join(",") + "\r\n");
  const render = format === "json" ? asJson : format === "csv" ? asCsv : asText;
  let count = 0;
  for (const { sink } of await store.backlog()) {
    if (only !== undefined && sink !== only) continue;
    for await (const one of undeliveredOf(store, sink)) {
      io.out(render(one));
      count++;
    }
  }
  return count > 0 ? EXIT.done : tellNone(args, io, "nothing waits, and nothing was refused");
}

async function* undeliveredOf(store: StoreReader, sink: string): AsyncGenerator<Undelivered> {
  yield* store.deadLetters({ sink });
  yield* store.outbox(sink);
}

const stateOf = ({ since }: Undelivered) => since === undefined ? "waiting" : "dead";

function asText(one: Undelivered): string {
  const { sink, alert_id, alert_time, alert, reason } = one;
  const state = stateOf(one);
  const paint = state === "dead" ? red : yellow;
  const title = alert ? `${alert.severity} ${alert.title}` : "(the alert is gone)";
  const words = [sink, new Date(alert_time).toISOString(), alert_id, title].map(escapeTerminal);
  const why = reason === undefined ? [] : [dim(`         ${escapeTerminal(reason)}`)];
  return [`${paint(state.padEnd(7))}  ${words.join("  ")}`, ...why, ""].join("\n");
}

function asJson(one: Undelivered): string {
  const { sink, alert_id, alert_time, attempts, reason, since, alert } = one;
  return escapeJson({
    kind: "undelivered",
    sink,
    state: stateOf(one),
    alert_id,
    alert_time,
    attempts,
    ...(reason !== undefined && { reason, since }),
    alert,
  }) + "\n";
}

const CSV_COLUMNS = ["sink", "state", "alert_id", "alert_time", "attempts", "reason", "title"];

function asCsv(one: Undelivered): string {
  const { sink, alert_id, alert_time, attempts, reason = null, alert } = one;
  const cells = [sink, stateOf(one), alert_id, alert_time, attempts, reason, alert?.title ?? null];
  return cells.map((cell) => escapeCsvCell(cell)).join(",") + "\r\n";
}
