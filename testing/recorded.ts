import { gunzipSync } from "node:zlib";
import { basename, isAbsolute, join, relative } from "@std/path";
import type { Catalogue } from "../profiles/mod.ts";
import { type Cell, checkBatch, type RecordBatch } from "../schema/batch.ts";
import { collectedColumns, type Column } from "../schema/columns.ts";
import type { Platform, TableSpec } from "../schema/types.ts";
import { isExactNumber, parseExact } from "./record/exact_json.ts";
import {
  batchOf,
  type RecordedRow,
  type RecordedTable,
  type Recording,
} from "./record/recording.ts";
import { parseTime } from "./time.ts";

/** A file may have so many bytes, and so many once it is unpacked: what is larger is refused unread. */
const MAX_FILE = 32 << 20;
const MAX_UNPACKED = 256 << 20;
/** The rows of a file; more hosts than anyone records have fewer processes. */
const MAX_ROWS = 500_000;

/**
 * Finds a recording that a fixture names within the folder of fixtures.
 *
 * @param fixtures the folder, as it really lies
 * @param name path below it
 * @throws {RangeError} where there is no such file, or the name leads out of the folder, by itself or by a symbolic link
 */
export function locateRecording(fixtures: string, name: string): string {
  const parts = name.split(/[/\\]/);
  if (isAbsolute(name) || parts.includes("..") || /^[A-Za-z]:/.test(name)) {
    throw new RangeError("a recording lies below the folder of fixtures, and is named from there");
  }
  let path: string;
  try {
    path = Deno.realPathSync(join(fixtures, name));
  } catch {
    throw new RangeError(`there is no such file below ${basename(fixtures)}/`);
  }
  const inside = relative(Deno.realPathSync(fixtures), path);
  if (inside.startsWith("..") || isAbsolute(inside)) {
    throw new RangeError("a recording does not lead out of the folder of fixtures by a link");
  }
  return path;
}

/**
 * Reads a recording: lines of JSON, `{ at, table, row }`, packed by gzip where the name ends in `.gz`. `at` is a time of
 * ISO 8601 or in milliseconds; the rows of one moment are what a scan would have seen then.
 *
 * A row says of each column what was there. A column that a row does not name was not recorded, which is not the same as
 * `null`: a detection that reads it is not evaluated on that row.
 *
 * @param path of the file
 * @param platform that the host had
 * @returns a recording for each moment, oldest first
 * @throws {TypeError} with the line, where the file is not of that form
 * @throws {RangeError} where it is too large
 * @throws where it cannot be read
 */
export function readRecordings(
  path: string,
  catalogue: Catalogue,
  platform: Platform,
): readonly Recording[] {
  const moments = new Map<number, Map<string, { spec: TableSpec; rows: RecordedRow[] }>>();
  const readers = new Map<string, RowReader>();
  let rows = 0;
  for (const [index, line] of linesOf(path)) {
    if (++rows > MAX_ROWS) throw new RangeError(`more than ${MAX_ROWS} rows`);
    try {
      const { at, table, row } = readLine(line);
      const reader = readers.get(table) ?? rowReader(table, catalogue, platform);
      readers.set(table, reader);
      const tables = moments.get(at) ?? new Map();
      moments.set(at, tables);
      const recorded = tables.get(table) ?? { spec: reader.spec, rows: [] };
      tables.set(table, recorded);
      recorded.rows.push(reader.read(row));
    } catch (error) {
      throw new TypeError(`line ${index}: ${(error as Error).message}`);
    }
  }
  return [...moments].sort(([a], [b]) => a - b).map(([at, tables]) => ({
    platform,
    host: "recorded",
    at,
    tables: new Map(
      [...tables].map(([name, { spec, rows }]): [string, RecordedTable] => [
        name,
        { spec, rows, outcome: { status: "complete" } },
      ]),
    ),
  }));
}

/** What a recorded table is read as. */
export interface RecordedBatchOptions {
  readonly spec: TableSpec;
  readonly catalogue: Catalogue;
  readonly platform: Platform;
  /** The moment that the recording is played at, ms since the epoch. */
  readonly at: number;
}

/**
 * The rows of a table in a recording that a fixture names, those of its newest moment. Times move along with the moment,
 * so that a process that was started a minute before it was recorded was started a minute before it is played.
 *
 * @param folder the folder of fixtures
 * @throws with a sentence, where there is no such recording, or where it has no such table or is broken
 */
export function recordedBatch(
  name: string,
  folder: string | undefined,
  { spec, catalogue, platform, at }: RecordedBatchOptions,
): RecordBatch {
  if (folder === undefined) throw new RangeError("there is no folder of fixtures to find it in");
  const path = locateRecording(folder, name);
  const recording = readRecordings(path, catalogue, platform).at(-1);
  const table = recording?.tables.get(spec.name);
  if (!table) throw new RangeError(`the recording has no rows of ${spec.name}`);
  const types = new Map(collectedColumns(spec, platform).map(({ name, type }) => [name, type]));
  const batch = batchOf(table);
  const move = (cell: Cell) => typeof cell === "number" ? cell - recording!.at + at : cell;
  return {
    ...batch,
    values: batch.values.map((cells, index) =>
      types.get(batch.columns[index]!) === "timestamp" ? cells.map(move) : cells
    ),
  };
}

function* linesOf(path: string): Generator<readonly [number, string]> {
  const { size, isFile } = Deno.statSync(path);
  if (!isFile) throw new TypeError("a recording is a file");
  if (size > MAX_FILE) throw new RangeError(`${size} bytes; at most ${MAX_FILE} are read`);
  let bytes: Uint8Array = Deno.readFileSync(path);
  if (path.endsWith(".gz")) bytes = unpack(bytes);
  const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  let line = 1;
  for (let start = 0; start < text.length; line++) {
    const end = text.indexOf("\n", start);
    const next = end < 0 ? text.length : end;
    const content = text.slice(start, next).trim();
    if (content !== "") yield [line, content];
    start = next + 1;
  }
}

function unpack(bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_UNPACKED });
  } catch (error) {
    const tooLarge = (error as { code?: string }).code === "ERR_BUFFER_TOO_LARGE";
    if (tooLarge) throw new RangeError(`more than ${MAX_UNPACKED} bytes when unpacked`);
    throw new TypeError("not packed by gzip");
  }
}

interface Line {
  readonly at: number;
  readonly table: string;
  readonly row: Readonly<Record<string, unknown>>;
}

function readLine(text: string): Line {
  let value: Partial<Record<keyof Line, unknown>> | null;
  try {
    value = parseExact(text) as typeof value;
  } catch {
    throw new TypeError("not JSON");
  }
  const { at, table, row } = value ?? {};
  const time = parseTime(String(isExactNumber(at) ? at.rawJSON : at), undefined);
  if (time === undefined || typeof table !== "string" || !isObject(row)) {
    throw new TypeError("not of the form { at, table, row }");
  }
  return { at: time, table, row };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Reads the rows of one table. */
interface RowReader {
  readonly spec: TableSpec;
  read(row: Readonly<Record<string, unknown>>): RecordedRow;
}

function rowReader(table: string, catalogue: Catalogue, platform: Platform): RowReader {
  const spec = catalogue.get(table);
  if (!spec) throw new TypeError(`there is no table ${JSON.stringify(table.slice(0, 64))}`);
  const columns = new Map(collectedColumns(spec, platform).map((column) => [column.name, column]));
  // Rows mostly name the same columns.
  const gapsOf = new Map<string, RecordedRow["gaps"]>();
  return {
    spec,
    read(row) {
      const names = Object.keys(row);
      const values = names.map((name) => [plainValue(row[name], columns.get(name))]);
      const rows = names.length > 0 ? 1 : 0;
      const batch = checkBatch({ table, columns: names, values, rows, gaps: [] }, spec, platform);
      const form = names.join();
      const gaps = gapsOf.get(form) ?? new Map(
        [...columns.keys()].filter((name) => !names.includes(name))
          .map((name) => [name, "not_collected"] as const),
      );
      gapsOf.set(form, gaps);
      const cells = names.map((name, index): [string, Cell] => [name, batch.values[index]![0]!]);
      return { values: new Map(cells), gaps };
    },
  };
}

/** A value as batches have it; `undefined` stands for one that fits no column and is left to the check. */
function plainValue(value: unknown, column: Column | undefined): unknown {
  if (value === null) return null;
  if (column?.type === "json") return JSON.stringify(value);
  if (isExactNumber(value)) {
    const number = Number(value.rawJSON);
    return Number.isInteger(number) && !Number.isSafeInteger(number) ? value.rawJSON : number;
  }
  if (column?.type === "timestamp" && typeof value === "string") {
    return parseTime(value, undefined) ?? value;
  }
  return value;
}
