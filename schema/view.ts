import { columnsOf } from "./columns.ts";
import { quoteIdentifier, tableDdl } from "./ddl.ts";
import type { PathView, TableSpec, ViewSpec } from "./types.ts";

/** Whether a table is a view of the engine. */
export function isView(spec: TableSpec): spec is ViewSpec {
  return "base" in spec;
}

/** Whether a view goes up paths; otherwise it sums up. */
export function isPathView(view: ViewSpec): view is PathView {
  return "path" in view;
}

/** What each column of a view is; what it does not say itself is a column of the row above. */
function selections(view: PathView): ReadonlyMap<string, string> {
  return new Map(
    // No view has columns of one platform alone.
    columnsOf(view, "linux").map(({ name }) => [name, view.select[name] ?? `above.${name}`]),
  );
}

/** The columns that are read of a view's base table when these columns of the view are read. */
export function baseColumns(view: ViewSpec, columns: Iterable<string>): readonly string[] {
  if (!isPathView(view)) return view.reads;
  const selected = selections(view);
  const read = [...columns].flatMap((column) => {
    const [from, name] = selected.get(column)!.split(".");
    return from === "path" ? [] : [name!];
  });
  // Rows of different scans have nothing to do with each other.
  return [...new Set([view.path.key, view.path.parent, "scan_id", ...read])];
}

/** The table that the rows of a view are found by. No catalogue has it, so that no query can name it. */
export function pathTable(view: PathView): string {
  return `paths of ${view.name}`;
}

/**
 * The statements that make a view: a table for the row numbers in the base table of each row and of those above it, which
 * is to be filled, and the view that shows these rows. A view that sums up is a table that is to be filled.
 */
export function viewDdl(view: ViewSpec): string {
  // No view has columns of one platform alone.
  if (!isPathView(view)) return tableDdl(view, "linux");
  const paths = quoteIdentifier(pathTable(view));
  const base = quoteIdentifier(view.base);
  const columns = [...selections(view)].map(([name, from]) =>
    `  ${from.split(".").map(quoteIdentifier).join(".")} AS ${quoteIdentifier(name)}`
  );
  return `CREATE TABLE ${paths} (
  "row" INTEGER,
  "depth" INTEGER,
  "above" INTEGER,
  PRIMARY KEY ("row", "depth")
) WITHOUT ROWID;
CREATE VIEW ${quoteIdentifier(view.name)} AS SELECT
${columns.join(",\n")}
FROM ${paths} AS "path"
JOIN ${base} AS "row" ON "row".rowid = "path"."row"
JOIN ${base} AS "above" ON "above".rowid = "path"."above"`;
}
