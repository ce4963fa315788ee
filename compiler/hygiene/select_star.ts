import type { TableSpec } from "../../schema/types.ts";
import type { ResultStar, Select } from "../ast.ts";
import { nodesOf } from "../walk.ts";
import type { HygieneCheck, SqlContext } from "./check.ts";

/** A detection names the columns that it shows. */
export const selectStar: HygieneCheck = {
  code: "select-star",
  docs: {
    what: "`*` that stands for the columns of a virtual table.",
    why:
      "All columns are collected, the costly ones too; an alert carries everything, environments with their secrets " +
      "included; and what a row is changes with every column that the table gains.",
    bad: "SELECT * FROM processes WHERE user_id = 0",
    good: "SELECT pid, process_key, name, command_line FROM processes WHERE user_id = 0",
  },
  *sql(context) {
    // EXISTS looks at no column, whatever the list says.
    const counted = new Set(nodesOf(context.tree.query, "exists").map(({ query }) => query.body));
    for (const select of nodesOf(context.tree.query, "select")) {
      if (counted.has(select)) continue;
      for (const term of select.columns) {
        const table = term.type === "star" ? tableOf(term, select, context) : undefined;
        if (table === undefined) continue;
        yield {
          span: term.span,
          message: `\`*\` stands for every column of \`${table.name}\``,
          hint: `name the columns that are needed: ${suggestion(table)}, …`,
        };
      }
    }
  },
};

/** The first virtual table that a star stands for; subqueries have named their columns themselves. */
function tableOf(star: ResultStar, select: Select, { tree }: SqlContext): TableSpec | undefined {
  const wanted = star.table?.text.toLowerCase();
  return tree.binding.scopes.get(select)?.sources
    .find(({ name, shape }) => shape && (wanted === undefined || name.toLowerCase() === wanted))
    ?.shape?.spec;
}

/** Keys, the process key before all, then what stands first in the table. */
function suggestion({ columns }: TableSpec): string {
  const names = Object.keys(columns);
  const keys = names.filter((name) => columns[name]![2]?.key);
  const process = "pid" in columns ? ["process_key"] : [];
  return [...new Set([...keys, ...process, ...names])].slice(0, 4).join(", ");
}
