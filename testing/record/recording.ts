import type { TableOutcome } from "../../model/collection.ts";
import type { TableRead } from "../../model/compiled.ts";
import type { ScanManifest } from "../../model/scan.ts";
import type { Catalogue } from "../../profiles/mod.ts";
import type { Cell, Gap, GapReason, RecordBatch } from "../../schema/batch.ts";
import { collectedColumns } from "../../schema/columns.ts";
import type { Platform, TableSpec } from "../../schema/types.ts";
import type { StoreReader } from "../../store/mod.ts";

/** A row as it was recorded. A column that is in neither map was not asked for. */
export interface RecordedRow {
  /** Values by column, NULL among them. */
  readonly values: ReadonlyMap<string, Cell>;
  /** Columns that have no value although the host may have one, with the reason. */
  readonly gaps: ReadonlyMap<string, GapReason>;
}

/** A table as it was recorded. */
export interface RecordedTable {
  readonly spec: TableSpec;
  readonly outcome: TableOutcome;
  readonly rows: readonly RecordedRow[];
}

/** What a host was like at one moment. */
export interface Recording {
  readonly platform: Platform;
  /** Name of the host. */
  readonly host: string;
  /** ms since the epoch. */
  readonly at: number;
  /** Tables by name, in the order of the scan. */
  readonly tables: ReadonlyMap<string, RecordedTable>;
}

/**
 * Reads a stored scan as a recording. A table that the scan does not have is there as unavailable.
 *
 * @param reads the tables and columns wanted; other columns are left out
 * @throws {StoreError} where the rows cannot be read
 */
export async function readScan(
  store: StoreReader,
  manifest: ScanManifest,
  catalogue: Catalogue,
  reads: readonly TableRead[],
): Promise<Recording> {
  const { platform, host, started } = manifest;
  const tables = new Map<string, RecordedTable>();
  for (const { table, columns } of reads) {
    const spec = catalogue.get(table)!;
    const stored = manifest.tables.find((one) => one.table === table);
    const wanted = wantedColumns(spec, platform, columns);
    const rows: RecordedRow[] = [];
    if (stored && stored.rows > 0) {
      for await (const batch of store.batches(manifest.scan_id, table)) {
        rows.push(...rowsOf(batch, wanted));
      }
    }
    const outcome = stored?.outcome ??
      { status: "unavailable" as const, reason: `scan ${manifest.scan_id} has no ${table}` };
    tables.set(table, { spec, outcome, rows });
  }
  return { platform, host, at: started, tables };
}

/** Key columns make a row one that people can point at, so they are recorded whatever a detection reads. */
function wantedColumns(
  spec: TableSpec,
  platform: Platform,
  columns: readonly string[],
): ReadonlySet<string> {
  const known = collectedColumns(spec, platform);
  return new Set(
    known.filter(({ name, key }) => key || columns.includes(name)).map(({ name }) => name),
  );
}

function rowsOf(batch: RecordBatch, wanted: ReadonlySet<string>): RecordedRow[] {
  const rows = Array.from({ length: batch.rows }, () => ({
    values: new Map<string, Cell>(),
    gaps: new Map<string, GapReason>(),
  }));
  for (const [index, column] of batch.columns.entries()) {
    if (!wanted.has(column)) continue;
    const cells = batch.values[index]!;
    for (const [row, { values }] of rows.entries()) values.set(column, cells[row] ?? null);
  }
  for (const { column, reason, rows: missing } of batch.gaps) {
    if (!wanted.has(column)) continue;
    for (const row of missing === "all" ? rows.keys() : missing) {
      const { values, gaps } = rows[row]!;
      if ((values.get(column) ?? null) !== null) continue;
      values.delete(column);
      gaps.set(column, reason);
    }
  }
  return rows;
}

/** The rows of a recorded table as a batch, which the store takes. */
export function batchOf({ spec, rows }: RecordedTable): RecordBatch {
  const columns = [...new Set(rows.flatMap(({ values }) => [...values.keys()]))];
  const missing = rows.flatMap(({ gaps }, row) =>
    [...gaps].map(([column, reason]) => ({ column, reason, row }))
  );
  const gaps = [...Map.groupBy(missing, ({ column, reason }) => `${reason} ${column}`).values()]
    .map((group): Gap => ({
      column: group[0]!.column,
      reason: group[0]!.reason,
      rows: group.map(({ row }) => row),
    }));
  return {
    table: spec.name,
    columns,
    values: columns.map((column) => rows.map(({ values }) => values.get(column) ?? null)),
    rows: rows.length,
    gaps,
  };
}

/** The recording with other rows in its tables. */
export function mapRows(
  recording: Recording,
  change: (rows: readonly RecordedRow[], table: RecordedTable) => readonly RecordedRow[],
): Recording {
  const tables = new Map(
    [...recording.tables].map((
      [name, table],
    ) => [name, { ...table, rows: change(table.rows, table) }]),
  );
  return { ...recording, tables };
}

/** The recording with only those columns that are read, besides keys. */
export function withColumns(recording: Recording, reads: readonly TableRead[]): Recording {
  const tables = new Map<string, RecordedTable>();
  for (const { table, columns } of reads) {
    const recorded = recording.tables.get(table);
    if (!recorded) continue;
    const wanted = wantedColumns(recorded.spec, recording.platform, columns);
    const keep = <T>(map: ReadonlyMap<string, T>) =>
      new Map([...map].filter(([name]) => wanted.has(name)));
    const rows = recorded.rows.map(({ values, gaps }) => ({
      values: keep(values),
      gaps: keep(gaps),
    }));
    tables.set(table, { ...recorded, rows });
  }
  return { ...recording, tables };
}

/** The recording without a process and what it has started: whoever records is not part of what is recorded. */
export function withoutProcess(recording: Recording, pid: number): Recording {
  const parents = new Map(
    recording.tables.get("processes")?.rows.map(({ values }) =>
      [values.get("pid"), values.get("ppid")] as const
    ),
  );
  const own = new Set<Cell | undefined>([pid]);
  const isOwn = (one: Cell | undefined): boolean => {
    const chain = new Set<Cell | undefined>();
    for (let at = one; at !== undefined && !chain.has(at); at = parents.get(at)) {
      if (own.has(at)) return true;
      chain.add(at);
    }
    return false;
  };
  return mapRows(
    recording,
    (rows, { spec }) =>
      "pid" in spec.columns ? rows.filter(({ values }) => !isOwn(values.get("pid"))) : rows,
  );
}
