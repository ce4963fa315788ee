import type { CompiledQuery } from "../../model/compiled.ts";
import { keyedTable, type Trigger } from "../../model/plan.ts";
import { quoteIdentifier } from "../../schema/ddl.ts";
import type { LoadedTable } from "../image.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { View } from "../view.ts";
import { bindKeys, streamOf, wantedSql } from "./answers.ts";

/**
 * A view that knows of rows which were asked for by keys only those that a query asked for: what others asked for, and
 * could not be read, is not what it misses. The image stays, since no join finds the others.
 */
export async function withOwnRows(
  query: Pick<CompiledQuery, "plan" | "tables">,
  view: View,
  now: number,
  sandbox: Sandbox,
  timeout: number,
): Promise<View> {
  if (!view.asked) return view;
  const stream = streamOf(query, view);
  if (stream !== undefined && !view.events!.has(stream)) return view;
  const own = new Map<string, Set<number>>();
  for (const trigger of query.plan.triggers) {
    const name = keyedTable(trigger.table, trigger.key);
    const loaded = view.tables.get(name);
    // Where nothing is missing nobody needs to know whose it is.
    if (!loaded || loaded.gaps.size === 0) continue;
    const outcome = await sandbox.run({
      image: view.image,
      sql: rowsSql(trigger, name, stream),
      parameters: bindKeys(trigger, view, now),
      timeout,
      maxRows: loaded.rows,
    });
    if (outcome.status === "failed") return view;
    const rows = own.get(name) ?? new Set();
    own.set(name, rows);
    for (const [row] of outcome.rows) rows.add(Number(row));
  }
  const tables = new Map(view.tables);
  for (const [name, rows] of own) tables.set(name, restrict(view.tables.get(name)!, rows));
  return { ...view, tables };
}

/** The numbers of the rows that a trigger's keys find, counted from 0. */
function rowsSql(trigger: Trigger, name: string, stream: string | undefined): string {
  const key = quoteIdentifier(trigger.key);
  const found = trigger.keys.kind === "glob"
    ? `EXISTS (SELECT 1 FROM wanted WHERE ${key} GLOB wanted."key")`
    : `${key} IN (SELECT "key" FROM wanted)`;
  return `WITH ${wantedSql(trigger, stream)}
SELECT rowid - 1 FROM ${quoteIdentifier(name)} WHERE ${found}`;
}

function restrict({ gaps }: LoadedTable, own: ReadonlySet<number>): LoadedTable {
  return {
    rows: own.size,
    gaps: new Map(
      [...gaps].map(([column, reasons]) => [
        column,
        new Map(
          [...reasons].map(([reason, rows]) => [reason, rows.filter((row) => own.has(row))]),
        ),
      ]),
    ),
  };
}
