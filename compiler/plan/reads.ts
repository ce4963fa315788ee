import type { TableRead } from "../../model/compiled.ts";
import { VIEWS } from "../../profiles/mod.ts";
import { baseColumns } from "../../schema/view.ts";

/** Columns by table, as binding and the authorizer gather them. */
export type TableReads = ReadonlyMap<string, ReadonlySet<string>>;

/** Several accounts of what is read as one, tables and columns sorted. What is read of a view is read of its table. */
export function tableReads(all: readonly TableReads[]): TableRead[] {
  const tables = new Map<string, { columns: Set<string>; views: Set<string> }>();
  for (const [name, columns] of all.flatMap((reads) => [...reads])) {
    const view = VIEWS.find((one) => one.name === name);
    const table = view?.base ?? name;
    const known = tables.get(table) ?? { columns: new Set(), views: new Set() };
    for (const column of view ? baseColumns(view, columns) : columns) known.columns.add(column);
    if (view) known.views.add(view.name);
    tables.set(table, known);
  }
  return [...tables].sort(([left], [right]) => left < right ? -1 : 1)
    .map(([table, { columns, views }]) => ({
      table,
      columns: [...columns].sort(),
      ...(views.size > 0 && { views: [...views].sort() }),
    }));
}

/** The other way round, views aside. */
export function readsMap(tables: readonly TableRead[]): TableReads {
  return new Map(tables.map(({ table, columns }) => [table, new Set(columns)]));
}
