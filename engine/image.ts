import { type Catalogue, VIEWS } from "../profiles/mod.ts";
import type { Cell, GapReason, RecordBatch } from "../schema/batch.ts";
import { type Column, columnsOf } from "../schema/columns.ts";
import { quoteIdentifier, tableDdl } from "../schema/ddl.ts";
import type { Platform, TableSpec } from "../schema/types.ts";
import { DatabaseSync } from "../std/sqlite.ts";
import type { AskedKey } from "../model/collection.ts";
import type { TableRead } from "../model/compiled.ts";
import { ASKED_KEYS, keyedTable } from "../model/plan.ts";
import { addView } from "./image_view.ts";
import { eventTable } from "./semantics/event_query.ts";
import { inTurns } from "./turns.ts";

/** The rows that lack the value of a column, by reason; they count from 0 in the order of the batches. */
export type ColumnGaps = ReadonlyMap<GapReason, readonly number[]>;

/** A table within an image. */
export interface LoadedTable {
  /** How many rows it has. */
  readonly rows: number;
  /** Columns that are NULL in some rows although the host may have a value. */
  readonly gaps: ReadonlyMap<string, ColumnGaps>;
  /** By name of a view of the table: the rows, counted like those of gaps, of which it does not say all. */
  readonly cut?: ReadonlyMap<string, readonly number[]>;
}

/** Events, which may stand in an image. */
export interface LoadedEvents extends LoadedTable {
  /** The events themselves. */
  readonly batch: RecordBatch;
}

/** Tables as a serialized SQLite database, and what the database cannot say. */
export interface Image {
  /** The database. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The tables that rows were given of, by their names in the database. */
  readonly tables: ReadonlyMap<string, LoadedTable>;
}

/** What an image is made of. */
export interface ImageOptions {
  /** The tables that there are. */
  readonly catalogue: Catalogue;
  /** Decides which columns a table has. */
  readonly platform: Platform;
  /** The rows, with the columns that the store fills; each table once. A table that is not here is empty. */
  readonly tables: readonly {
    readonly table: string;
    /** The column that the rows were asked for by: they stand in a table of their own, see {@linkcode keyedTable}. */
    readonly key?: string;
    readonly batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>;
  }[];
  /** What will be read: other columns stay NULL, other tables are not there. Everything, if absent. */
  readonly only?: readonly TableRead[];
  /** The keys that tables were asked for, in a table of their own; see {@linkcode ASKED_KEYS}. */
  readonly asked?: ReadonlyMap<string, readonly AskedKey[]>;
  /** Events, each batch the rows of one table, in tables of their own; see {@linkcode eventTable}. */
  readonly events?: readonly RecordBatch[];
  /** Nothing but the tables that are given is in it: it is laid over another image, whose tables they replace. */
  readonly over?: true;
  /** Characters, with numbers at eight, that all values together may have. */
  readonly maxSize?: number;
}

/** Rows that are too many to be evaluated over. */
export class ImageTooLarge extends RangeError {
  /** Makes the error. */
  constructor(
    /** What they may have. */
    readonly maxSize: number,
  ) {
    super(`the rows have more than ${maxSize} characters`);
  }
}

/** Variables that a statement may have in SQLite. */
const MAX_VARIABLES = 32_766;

/** More rows to a statement gain nothing. */
const ROWS_PER_STATEMENT = 100;

/** What a number counts for in {@linkcode ImageOptions.maxSize}. */
const NUMBER_SIZE = 8;

/** With fewer rows the index that SQLite makes for a single query is as good. */
const ROWS_WORTH_AN_INDEX = 500;

/**
 * Builds the database that queries are run on: every table of the catalogue as the platform has it, with the rows given.
 * Key and lookup columns are indexed, since joins go by them.
 *
 * @throws {RangeError} where a batch is of a table that the catalogue does not have
 * @throws {ImageTooLarge} beyond `maxSize`
 */
export async function buildImage(options: ImageOptions): Promise<Image> {
  const { catalogue, platform, only, over = false, maxSize = Infinity } = options;
  using db = new DatabaseSync(":memory:");
  db.exec("BEGIN");
  const reads = only && Map.groupBy(only, ({ table }) => table);
  for (const spec of over ? [] : catalogue.values()) {
    if (reads?.has(spec.name) ?? true) db.exec(tableDdl(spec, platform));
  }
  const budget: Budget = { left: maxSize, maxSize };
  const target = (table: string, name: string): Target => {
    const spec = catalogue.get(table);
    if (!spec) throw new RangeError(`the catalogue has no table ${table}`);
    return { spec, name, wanted: wantedColumns(spec, platform, reads?.get(table)), budget };
  };
  const tables = new Map<string, LoadedTable>();
  for (const { table, key, batches } of options.tables) {
    const into = target(table, key === undefined ? table : keyedTable(table, key));
    const { name, spec } = into;
    if (reads && !reads.has(table)) continue;
    if (over || name !== table) db.exec(tableDdl(spec, platform, name));
    const filled = await fill(db, into, batches);
    tables.set(name, filled);
    if (filled.rows >= ROWS_WORTH_AN_INDEX) await inTurns(addIndexes(db, into));
  }
  for (const view of over ? [] : VIEWS) {
    const wanted = reads
      ? reads.get(view.base)?.some(({ views }) => views?.includes(view.name))
      : catalogue.has(view.base);
    if (!wanted) continue;
    const cut = await addView(db, view, (cells) => take(budget, NUMBER_SIZE * cells));
    const base = tables.get(view.base);
    if (base) {
      tables.set(view.base, { ...base, cut: new Map([...base.cut ?? [], [view.name, cut]]) });
    }
  }
  if (options.asked) addAskedKeys(db, options.asked);
  for (const batch of options.events ?? []) {
    const into = target(batch.table, eventTable(batch.table));
    db.exec(tableDdl(into.spec, platform, into.name));
    await fill(db, into, [batch]);
  }
  db.exec("COMMIT");
  return { bytes: db.serialize() as Uint8Array<ArrayBuffer>, tables };
}

/** What there is to say of events, be they in an image or not. */
export function loadedEvents(events: readonly RecordBatch[]): ReadonlyMap<string, LoadedEvents> {
  return new Map(events.map((batch) => {
    const gaps: Gaps = new Map();
    noteGaps(gaps, batch, 0);
    return [batch.table, { rows: batch.rows, gaps, batch }];
  }));
}

/** A table to be filled. */
interface Target {
  readonly spec: TableSpec;
  /** What it is called in the database. */
  readonly name: string;
  readonly wanted: ReadonlyMap<string, Column>;
  readonly budget: Budget;
}

interface Budget {
  left: number;
  readonly maxSize: number;
}

function wantedColumns(
  spec: TableSpec,
  platform: Platform,
  reads: readonly TableRead[] | undefined,
): ReadonlyMap<string, Column> {
  const names = reads && new Set(reads.flatMap(({ columns }) => columns));
  return new Map(
    columnsOf(spec, platform).filter(({ name }) => names?.has(name) ?? true)
      .map((column) => [column.name, column]),
  );
}

async function fill(
  db: DatabaseSync,
  target: Target,
  batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>,
): Promise<LoadedTable> {
  const { spec, wanted } = target;
  const prepared = preparedOn(db);
  const gaps: Gaps = new Map();
  let rows = 0;
  for await (const batch of batches) {
    if (batch.table !== spec.name) {
      throw new RangeError(`a batch of ${batch.table} among those of ${spec.name}`);
    }
    insert(prepared, batch, target);
    noteGaps(gaps, batch, rows, wanted);
    rows += batch.rows;
  }
  return { rows, gaps };
}

/** Gaps by column and reason. */
type Gaps = Map<string, Map<GapReason, number[]>>;

/** Adds the gaps of a batch that stands behind so many rows; of the columns that are wanted, where some are not. */
function noteGaps(
  gaps: Gaps,
  batch: RecordBatch,
  before: number,
  wanted?: ReadonlyMap<string, Column>,
): void {
  for (const { column, reason, rows: missing } of batch.gaps) {
    if (wanted && !wanted.has(column)) continue;
    const byReason = gaps.get(column) ?? new Map<GapReason, number[]>();
    gaps.set(column, byReason);
    const all = byReason.get(reason) ?? [];
    byReason.set(reason, all);
    if (missing !== "all") { for (const row of missing) all.push(before + row); }
    else for (let row = 0; row < batch.rows; row++) all.push(before + row);
  }
}

/** Statements of a database by their SQL, each prepared once. */
function preparedOn(db: DatabaseSync): (sql: string) => ReturnType<DatabaseSync["prepare"]> {
  const known = new Map<string, ReturnType<DatabaseSync["prepare"]>>();
  return (sql) => {
    const statement = known.get(sql) ?? db.prepare(sql);
    known.set(sql, statement);
    return statement;
  };
}

function insert(
  prepared: ReturnType<typeof preparedOn>,
  batch: RecordBatch,
  { name, wanted, budget }: Target,
): void {
  const indexes = batch.columns.map((_, index) => index)
    .filter((index) => wanted.has(batch.columns[index]!));
  const into = `INSERT INTO ${quoteIdentifier(name)}`;
  if (indexes.length === 0) {
    // Nothing but the number of rows is of interest.
    const statement = prepared(`${into} DEFAULT VALUES`);
    for (let row = 0; row < batch.rows; row++) statement.run();
    return;
  }
  const names = indexes.map((index) => quoteIdentifier(batch.columns[index]!)).join(", ");
  const columns = indexes.map((index) => batch.values[index]!);
  spend(budget, columns);
  const tuple = `(${columns.map(() => "?").join(", ")})`;
  const perStatement = Math.min(ROWS_PER_STATEMENT, Math.floor(MAX_VARIABLES / columns.length));
  for (let from = 0; from < batch.rows; from += perStatement) {
    const to = Math.min(from + perStatement, batch.rows);
    const values: (null | number | bigint | string)[] = [];
    for (let row = from; row < to; row++) {
      for (const column of columns) values.push(sqlValue(column[row]!));
    }
    const tuples = new Array(to - from).fill(tuple).join(", ");
    prepared(`${into} (${names}) VALUES ${tuples}`).run(...values);
  }
}

/** Takes what values need from what is left. */
function spend(budget: Budget, columns: readonly (readonly Cell[])[]): void {
  if (budget.left === Infinity) return;
  let size = 0;
  for (const cells of columns) {
    for (const cell of cells) size += typeof cell === "string" ? cell.length : NUMBER_SIZE;
  }
  take(budget, size);
}

function take(budget: Budget, size: number): void {
  budget.left -= size;
  if (budget.left < 0) throw new ImageTooLarge(budget.maxSize);
}

function sqlValue(cell: Cell): null | number | bigint | string {
  return typeof cell === "boolean" ? Number(cell) : cell;
}

function* addIndexes(
  db: DatabaseSync,
  { name: table, wanted }: Target,
): Generator<undefined, void> {
  for (const { name, key, lookup } of wanted.values()) {
    if (!key && !lookup && name !== "process_key") continue;
    const index = quoteIdentifier(`index of ${table} by ${name}`);
    db.exec(
      `CREATE INDEX IF NOT EXISTS ${index} ON ${quoteIdentifier(table)} (${quoteIdentifier(name)})`,
    );
    yield;
  }
}

function addAskedKeys(
  db: DatabaseSync,
  asked: ReadonlyMap<string, readonly AskedKey[]>,
): void {
  const name = quoteIdentifier(ASKED_KEYS);
  db.exec(`CREATE TABLE ${name} ("table" TEXT, "key_column" TEXT, "key", "lacking" TEXT)`);
  const insert = db.prepare(`INSERT INTO ${name} VALUES (?, ?, ?, ?)`);
  for (const [table, keys] of asked) {
    for (const { column, value, glob, lacking } of keys) {
      insert.run(table, glob ? `${column} GLOB` : column, value, lacking ?? null);
    }
  }
  db.exec(`CREATE INDEX "asked keys by key" ON ${name} ("table", "key_column", "key")`);
}
