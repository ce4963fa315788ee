import { fail } from "@std/assert";
import { join } from "@std/path";
import { detect } from "../../../engine/detect.ts";
import { openSandbox, type Sandbox } from "../../../engine/sandbox/sandbox.ts";
import type { Alert } from "../../../model/alert.ts";
import type { TableOutcome } from "../../../model/collection.ts";
import type { CompiledDetection } from "../../../model/compiled.ts";
import { CATALOGUE } from "../../../profiles/mod.ts";
import type { Cell } from "../../../schema/batch.ts";
import { openStore, type Store } from "../../../store/mod.ts";
import { batchOf, detectionOf, NOW, storeScan } from "../support.ts";

/**
 * A run: the minute, the processes that there are, and what it is to tell.
 *
 * Processes are words: `a` is a process of that name, `u.a` one of user `u`, `a7` one with the pid 7. `~` before them says
 * that rows are missing, `!` that the table was denied. In events mode `a | b c` is one process now and two that come as
 * events.
 *
 * Alerts are words as well: `+a7` was added, `-a7` removed; `a*3@2` is the third of three seen since minute 2. `?` says
 * that the run was not evaluated.
 */
export type Run = readonly [minute: number, rows: string, alerts: string];

/** A history, and the detection that sees it. */
export interface History {
  /** Front-matter besides what every detection needs. Without `suppression` nothing is suppressed. */
  readonly rule?: string;
  /** Its SQL; all processes in their order by default. */
  readonly sql?: string;
  readonly runs: readonly Run[];
}

const MINUTE = 60_000;
const SQL = "SELECT user_name, name, pid FROM processes";

/** A history as the detection told it, with the run's own alerts in the place of those asked for. */
export async function play(history: History, restart: boolean): Promise<readonly Run[]> {
  const folder = await Deno.makeTempDir({ prefix: "daemoneye-history-" });
  const path = restart ? join(folder, "state.kv") : ":memory:";
  const open = () => openStore({ path, mode: "write", holder: "a test", catalogue: CATALOGUE });
  const { rule = "", sql = SQL, runs } = history;
  const quiet = /^suppression:/m.test(rule) ? rule : `${rule}\nsuppression: { for: 1s }`;
  const compiled = detectionOf(sql, quiet);
  let store: Store | undefined = await open();
  try {
    const told: Run[] = [];
    for (const [minute, rows] of runs) {
      store ??= await open();
      told.push([minute, rows, await judge(compiled, minute, rows, store)]);
      if (!restart) continue;
      store.close();
      store = undefined;
    }
    return told;
  } finally {
    store?.close();
    await Deno.remove(folder, { recursive: true });
  }
}

let opened: Promise<Sandbox> | undefined;

/** The sandbox of all histories; give it back with {@linkcode closeSandbox}. */
function sandboxOfAll(): Promise<Sandbox> {
  return opened ??= openSandbox({ policy: "off", size: 1 });
}

/** Ends the processes of the sandbox. */
export async function closeSandbox(): Promise<void> {
  await (await opened)?.close();
  opened = undefined;
}

async function judge(
  compiled: CompiledDetection,
  minute: number,
  text: string,
  store: Store,
): Promise<string> {
  const now = NOW + minute * MINUTE;
  const outcome: TableOutcome = text.startsWith("!")
    ? { status: "unavailable", reason: "denied" }
    : text.startsWith("~")
    ? { status: "partial", reason: "some are missing" }
    : { status: "complete" };
  const [state = "", stream] = text.replace(/^[~!]/, "").split("|");
  const processes = batchOf("processes", wordsOf(state).map(processOf));
  const manifest = await storeScan(store, [[processes, outcome]], now);
  const { runs, alerts, problem } = await detect({
    store,
    manifest,
    sandbox: await sandboxOfAll(),
    detections: [compiled],
    catalogue: CATALOGUE,
    now,
    ...(stream !== undefined &&
      { events: [batchOf(streamOf(compiled), wordsOf(stream).map(processOf))] }),
  });
  if (problem) throw problem;
  return runs[0]!.evaluation.status === "evaluated" ? alerts.map(wordOf).join(" ") : "?";
}

function streamOf({ plan: { events } }: CompiledDetection): string {
  return events.possible ? events.stream : fail(events.reason);
}

function wordsOf(text: string): string[] {
  return text.split(" ").filter((word) => word !== "");
}

function processOf(word: string): Record<string, Cell> {
  const [, user = null, name = "", pid = null] = /^(?:(\w+)\.)?([a-z]+)(\d+)?$/.exec(word) ?? [];
  return { user_name: user, name, pid: pid === null ? null : Number(pid) };
}

function wordOf({ alert_data }: Alert): string {
  const { change, count, first_time, user_name, name, pid } = alert_data;
  const sign = change === undefined ? "" : change === "added" ? "+" : "-";
  const since = (Number(first_time) - NOW) / MINUTE;
  const counted = count === undefined ? "" : `*${count}@${since}`;
  return `${sign}${user_name ? `${user_name}.` : ""}${name}${pid ?? ""}${counted}`;
}
