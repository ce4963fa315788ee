import type { TableOutcome } from "../model/collection.ts";
import type { ScanManifest } from "../model/scan.ts";
import type { Catalogue } from "../profiles/mod.ts";
import type { RecordBatch } from "../schema/batch.ts";
import { columnsOf, PROCESS_KEY_COLUMNS } from "../schema/columns.ts";
import type { StoreReader } from "../store/mod.ts";
import type { TakenEvents } from "./streams_queue.ts";

/** Tells which rows of tables are new, scan after scan. */
export interface NewRows {
  /**
   * The rows of a table in a scan whose key none had before: what events are for a table that is collected as a whole. A
   * process is told by its `process_key`, since pids come again. What is there when a table is first seen is not new; where
   * that cannot be told of any row there are no events, and the outcome says why. Never rejects.
   */
  take(manifest: ScanManifest, table: string): Promise<TakenEvents>;
  /** Goes on with these tables and no others. */
  keep(tables: readonly string[]): void;
}

/** Begins to compare scans; each has to be given for each table, in their order. */
export function watchNewRows(store: StoreReader, catalogue: Catalogue): NewRows {
  /** What rows of a table are compared with: the newest scan that has all of them, and a later one that has a part. */
  const compared = new Map<string, readonly ScanManifest[]>();

  async function* rowsOf(scan: ScanManifest, table: string): AsyncGenerator<KeyedBatch> {
    const key = keyOf(catalogue, scan, table);
    for await (const batch of store.batches(scan.scan_id, table)) {
      yield { batch, keys: keysOf(batch, key) };
    }
  }

  async function keysIn(scans: readonly ScanManifest[], table: string): Promise<Set<string>> {
    const known = new Set<string>();
    for (const scan of scans) {
      for await (const { keys } of rowsOf(scan, table)) for (const text of keys) known.add(text);
    }
    return known;
  }

  async function rowsBesides(
    known: ReadonlySet<string>,
    scan: ScanManifest,
    table: string,
  ): Promise<RecordBatch[]> {
    const found: RecordBatch[] = [];
    for await (const { batch, keys } of rowsOf(scan, table)) {
      const rows = keys.flatMap((text, row) => known.has(text) ? [] : [row]);
      if (rows.length > 0) found.push(pick(batch, rows));
    }
    return found;
  }

  return {
    async take(manifest, table) {
      const events = (outcome: TableOutcome, batches: readonly RecordBatch[] = []) =>
        ({ table, time: manifest.started, batches, outcome, lost: 0 }) satisfies TakenEvents;
      const outcome = outcomeIn(manifest, table);
      if (outcome.status === "unavailable") return events(outcome);
      const before = compared.get(table);
      const whole = before?.find((scan) => outcomeIn(scan, table).status === "complete");
      const beginAnew = () => void compared.set(table, [manifest]);
      if (!before || outcome.status === "complete" && !whole) {
        beginAnew();
        return events(before ? unavailable("no scan before has all of its rows") : outcome);
      }
      let known: ReadonlySet<string>;
      try {
        known = await keysIn(before, table);
      } catch (error) {
        beginAnew();
        return events(unavailable("its rows before cannot be read", error));
      }
      try {
        const found = await rowsBesides(known, manifest, table);
        if (outcome.status === "partial" && whole) compared.set(table, [whole, manifest]);
        else beginAnew();
        return events(outcome, found);
      } catch (error) {
        return events(unavailable("its rows cannot be read", error));
      }
    },
    keep(tables) {
      for (const table of compared.keys()) if (!tables.includes(table)) compared.delete(table);
    },
  };
}

interface KeyedBatch {
  readonly batch: RecordBatch;
  /** The key of each row, as text. */
  readonly keys: readonly string[];
}

function outcomeIn({ tables }: ScanManifest, table: string): TableOutcome {
  return tables.find((one) => one.table === table)?.outcome ?? unavailable("it was not collected");
}

function unavailable(what: string, error?: unknown): TableOutcome {
  const why = error === undefined
    ? ""
    : `: ${error instanceof Error ? error.message : String(error)}`;
  return { status: "unavailable", reason: `${what}${why}` };
}

function keyOf(catalogue: Catalogue, { platform }: ScanManifest, table: string): readonly string[] {
  const [processKey] = Object.keys(PROCESS_KEY_COLUMNS);
  return columnsOf(catalogue.get(table)!, platform)
    .filter(({ name, key }) => key && name !== "pid" || name === processKey)
    .map(({ name }) => name);
}

/** The values of some columns in each row of a batch, as text. */
export function keysOf({ columns, values, rows }: RecordBatch, key: readonly string[]): string[] {
  const cells = key.map((name) => values[columns.indexOf(name)]);
  return Array.from(
    { length: rows },
    (_, row) => JSON.stringify(cells.map((column) => String(column?.[row] ?? null))),
  );
}

/** Some rows of a batch, by their numbers. */
export function pick<T extends RecordBatch>(batch: T, rows: readonly number[]): T {
  const places = new Map(rows.map((row, at) => [row, at]));
  return {
    ...batch,
    rows: rows.length,
    values: batch.values.map((cells) => rows.map((row) => cells[row]!)),
    gaps: batch.gaps.map((gap) => ({
      ...gap,
      rows: gap.rows === "all" ? gap.rows : gap.rows.flatMap((row) => places.get(row) ?? []),
    })),
  };
}
