import type { BoundColumn } from "../binding/mod.ts";
import type { Tree } from "./tree.ts";

/** Whether a result column has another value in every scan, though what the row is about stays the same. */
export function isVolatile(column: BoundColumn, tree: Tree): boolean {
  return tree.specOf(column)?.volatile === true;
}

/** Whether a result column says of which scan a row is. */
export function isOfScan({ origin }: BoundColumn): boolean {
  return origin?.column === "scan_id" || origin?.column === "collection_time";
}

/** The result columns that say what a row is about: the key of a process, else the keys of the table. */
export function identifyingColumns(tree: Tree): string[] {
  const columns = tree.binding.result ?? [];
  const named = (wanted: string) => columns.filter(({ origin }) => origin?.column === wanted);
  const keys = named("process_key");
  return (keys.length > 0 ? keys : columns.filter((column) => tree.specOf(column)?.key))
    .map(({ name }) => name);
}
