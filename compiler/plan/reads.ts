import type { TableRead } from "../../model/compiled.ts";

/** Columns by table, as binding and the authorizer gather them. */
export type TableReads = ReadonlyMap<string, ReadonlySet<string>>;

/** Several accounts of what is read as one, tables and columns sorted. */
export function tableReads(all: readonly TableReads[]): TableRead[] {
  const tables = new Map<string, Set<string>>();
  for (const reads of all) {
    for (const [table, columns] of reads) {
      const known = tables.get(table) ?? new Set();
      for (const column of columns) known.add(column);
      tables.set(table, known);
    }
  }
  return [...tables].sort(([left], [right]) => left < right ? -1 : 1)
    .map(([table, columns]) => ({ table, columns: [...columns].sort() }));
}

/** The other way round. */
export function readsMap(tables: readonly TableRead[]): TableReads {
  return new Map(tables.map(({ table, columns }) => [table, new Set(columns)]));
}
