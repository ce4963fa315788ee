import { columnsOf } from "./columns.ts";
import { quoteIdentifier } from "./ddl.ts";
import type { TableSpec, ViewSpec } from "./types.ts";

/** Whether a table is a view of the engine. */
export function isView(spec: TableSpec): spec is ViewSpec {
  return "base" in spec;
}

/** What each column of a view is; what it does not say itself is a column of the row above. */
function selections(view: ViewSpec): ReadonlyMap<string, string> {
  return new Map(
    // No view has columns of one platform alone.
    columnsOf(view, "linux").map(({ name }) => [name, view.select[name] ?? `above.${name}`]),
  );
}

/** The columns that are read of a view's base table when these columns of the view are read. */
export function baseColumns(view: ViewSpec, columns: Iterable<string>): readonly string[] {
  const selected = selections(view);
  const read = [...columns].flatMap((column) => {
    const [from, name] = selected.get(column)!.split(".");
    return from === "path" ? [] : [name!];
  });
  // Rows of different scans have nothing to do with each other.
  return [...new Set([view.path.key, view.path.parent, "scan_id", ...read])];
}

/** The table that the rows of a view are found by. No catalogue has it, so that no query can name it. */
export function pathTable(view: ViewSpec): string {
  return `paths of ${view.name}`;
}

/**
 * The statements that make a view: a table for the row numbers in the base table of each row and of those above it, which
 * is to be filled, and the view that shows these rows.
 */
export function viewDdl(view: ViewSpec): string {
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
