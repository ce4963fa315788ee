import { type AuditEntry, readEntry } from "./entry.ts";
import { logFiles } from "./files.ts";

/** What the last writer of a log has entered in its last hour, where it has not ended as it should. */
export interface Crash {
  /** An hour before its last entry, ms since the epoch. */
  readonly since: number;
  /** The ids of the alerts that are entered since then. */
  readonly alerts: ReadonlySet<string>;
}

/** Alerts bear the time at which their scan began; none takes longer, ms. */
const LONGEST_SCAN = 3_600_000;

/** What opening a log may write: it says nothing of how the writer before has ended. */
const MENDING: ReadonlySet<string> = new Set(["mended", "gap", "continued", "removed", "lost"]);

/**
 * What was going on when the last writer of a log was killed.
 *
 * @returns `undefined` where it has ended as it should, or there was none
 */
export async function findCrash(path: string): Promise<Crash | undefined> {
  const alerts = new Set<string>();
  let since: number | undefined;
  for await (const { kind, time, data } of entriesBackwards(path)) {
    if (since === undefined) {
      if (MENDING.has(kind)) continue;
      if (kind === "stop") return undefined;
      since = time - LONGEST_SCAN;
    }
    if (time < since) break;
    if (kind === "alert") alerts.add(String(data["id"]));
  }
  return since === undefined ? undefined : { since, alerts };
}

/** The entries of a log that are whole, newest first. */
async function* entriesBackwards(path: string): AsyncGenerator<AuditEntry> {
  for (const file of (await logFiles(path)).reverse()) {
    const bytes = await Deno.readFile(file);
    for (let end = bytes.lastIndexOf(NEWLINE); end > 0;) {
      const before = bytes.lastIndexOf(NEWLINE, end - 1);
      const entry = readEntry(bytes.subarray(before + 1, end));
      if (typeof entry !== "string") yield entry;
      end = before;
    }
  }
}

const NEWLINE = 0x0a;
