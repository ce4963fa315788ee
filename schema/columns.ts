import {
  type ColumnOptions,
  type ColumnSpecs,
  type ColumnType,
  type Platform,
  PLATFORMS,
  type TableSpec,
} from "./types.ts";

/** Columns that every table has besides its own; the store fills them, collectors do not. */
export const STORED_COLUMNS = {
  scan_id: ["integer", "The scan that collected the row; increases from scan to scan on a host"],
  collection_time: ["timestamp", "When the row was read from the host"],
  host: ["string", "Name of the host that the row was read on"],
} as const satisfies ColumnSpecs;

/** The open metadata value that a collector may add to a row of any table. */
export const METADATA_COLUMNS = {
  platform_data: ["json", "Open metadata: whatever else the platform offers for this row", {
    optional: true,
    shape: "{}",
  }],
} as const satisfies ColumnSpecs;

/** The stable identity of a process; stands on every table that has a pid. */
export const PROCESS_KEY_COLUMNS = {
  process_key: [
    "string",
    "Identity of the process across pid reuse and reboots: boot id, pid and start time in clock ticks, joined by `:`",
    { optional: true },
  ],
} as const satisfies ColumnSpecs;

/** A column with everything that is known of it. */
export interface Column extends ColumnOptions {
  /** Name in SQL. */
  readonly name: string;
  /** What it holds. */
  readonly type: ColumnType;
  /** What it means, in a line. */
  readonly description: string;
  /** The platform whose extension it is; absent for columns that every platform has. */
  readonly platform?: Platform;
}

/**
 * The columns that a table has on one platform, in the order of the table: own columns, the platform's extension, then
 * the columns that all tables share. An extension that repeats a core name adds nothing: the core meaning wins.
 */
export function columnsOf(spec: TableSpec, platform: Platform): readonly Column[] {
  return known(spec, platform).list;
}

/** {@linkcode columnsOf} by their names. */
export function columnsByName(
  spec: TableSpec,
  platform: Platform,
): ReadonlyMap<string, Column> {
  return known(spec, platform).byName;
}

interface Columns {
  readonly list: readonly Column[];
  readonly byName: ReadonlyMap<string, Column>;
}

/** Specifications are constant, and their columns are asked for again and again. */
const columnsKnown = new WeakMap<TableSpec, Map<Platform, Columns>>();

function known(spec: TableSpec, platform: Platform): Columns {
  const ofSpec = columnsKnown.get(spec) ?? new Map<Platform, Columns>();
  columnsKnown.set(spec, ofSpec);
  const found = ofSpec.get(platform);
  if (found) return found;
  const byName = readColumns(spec, platform);
  const columns = { list: [...byName.values()], byName };
  ofSpec.set(platform, columns);
  return columns;
}

function readColumns(spec: TableSpec, platform: Platform): Map<string, Column> {
  const columns = new Map<string, Column>();
  const add = (specs: ColumnSpecs, of?: Platform) => {
    for (const [name, [type, description, options]] of Object.entries(specs)) {
      if (columns.has(name)) continue;
      columns.set(name, {
        name,
        type,
        description,
        ...options,
        ...(options?.costly && { optional: true }),
        ...(of && { platform: of }),
      });
    }
  };
  add(spec.columns);
  if (spec.extensions?.[platform]) add(spec.extensions[platform], platform);
  if ("pid" in spec.columns) add(PROCESS_KEY_COLUMNS);
  add(STORED_COLUMNS);
  add(METADATA_COLUMNS);
  return columns;
}

/** The columns that a collector supplies: {@linkcode columnsOf} without those that the store fills. */
export function collectedColumns(spec: TableSpec, platform: Platform): readonly Column[] {
  return columnsOf(spec, platform).filter((column) => !(column.name in STORED_COLUMNS));
}

/** Every column of a table on any platform; one that several platforms extend appears once per platform. */
export function allColumns(spec: TableSpec): readonly Column[] {
  const shared = columnsOf({ ...spec, extensions: {} }, "linux");
  const extensions = PLATFORMS.flatMap((platform) =>
    columnsOf(spec, platform).filter((column) => column.platform === platform)
  );
  return [...shared, ...extensions];
}
