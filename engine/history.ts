import type { TableRead } from "../model/compiled.ts";
import type { ScanManifest, ScanTable } from "../model/scan.ts";
import type { NotEvaluated } from "../model/verdict.ts";
import type { Catalogue } from "../profiles/mod.ts";
import type { StoreReader } from "../store/mod.ts";
import { ImageTooLarge } from "./image.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";
import {
  scansSince,
  stateOf,
  type TableSource,
  type View,
  type ViewOptions,
  viewOver,
} from "./view.ts";

/** The rows of history that a query may see. Every run reads them again, on a host that has other work to do. */
export const MAX_HISTORY_ROWS = 500_000;

/** The characters and numbers (at eight) that they may have in the columns that are read. */
export const MAX_HISTORY_SIZE = 128 << 20;

/** The stored history that is wanted. */
export interface HistoryOptions extends ViewOptions {
  readonly only: readonly TableRead[];
  /** Scans that began later count, ms since the epoch; the judged one is the last of them. */
  readonly since: number;
}

/**
 * Reads the rows of all scans since a time as one view, each with its own `scan_id` and `collection_time`. Where they are
 * too many the reason is the answer: part of a history would be another one.
 *
 * @throws {StoreError} where the rows cannot be read
 */
export async function loadHistory(
  store: StoreReader,
  manifest: ScanManifest,
  catalogue: Catalogue,
  sandbox: Sandbox,
  options: HistoryOptions,
): Promise<View | NotEvaluated> {
  const { only, since } = options;
  const scans = [manifest];
  for await (const earlier of scansSince(store, manifest, since + 1)) scans.push(earlier);
  scans.reverse();
  const names = new Set(only.map(({ table }) => table));
  const sources = scans.flatMap(({ scan_id, tables }) =>
    tables.filter(({ table }) => names.has(table)).map((table): TableSource => ({ scan_id, table }))
  );
  const rows = sources.reduce((sum, { table }) => sum + table.rows, 0);
  if (rows > MAX_HISTORY_ROWS) {
    return tooLarge(`${rows} rows in ${scans.length} scans, at most ${MAX_HISTORY_ROWS} are read`);
  }
  const collected = new Map(
    [...Map.groupBy(sources, ({ table }) => table.table)]
      .map(([name, list]) => [name, collectedOver(list.map(({ table }) => table))] as const),
  );
  try {
    const maxSize = MAX_HISTORY_SIZE;
    const state = await stateOf(store, manifest, catalogue, sandbox, {
      ...options,
      sources,
      collected,
      maxSize,
    });
    const view = await viewOver(state, catalogue, sandbox, { ...options, maxSize });
    return { ...view, since };
  } catch (error) {
    if (!(error instanceof ImageTooLarge)) throw error;
    return tooLarge(`the rows of ${scans.length} scans take more than ${error.maxSize >> 20} MiB`);
  }
}

function tooLarge(reason: string): NotEvaluated {
  return { kind: "resource", reason: `the history of \`lookback\` exceeds its budget: ${reason}` };
}

/** What is to be said of a table over scans, oldest first: how it is now, and whether earlier rows are missing. */
function collectedOver(scans: readonly ScanTable[]): ScanTable {
  const last = scans.at(-1)!;
  const lacking = scans.flatMap(({ outcome }) => outcome.status === "complete" ? [] : [outcome]);
  if (last.outcome.status === "unavailable" || lacking.length === 0) return last;
  const reason = `in ${lacking.length} of ${scans.length} scans, ${lacking.at(-1)!.reason}`;
  return { ...last, outcome: { status: "partial", reason } };
}
