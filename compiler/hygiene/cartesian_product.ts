import type { Expression } from "../ast.ts";
import type { BoundSource } from "../binding/scope.ts";
import { nodesOf } from "../walk.ts";
import type { HygieneCheck } from "./check.ts";
import { columnOf, conditionsOf, sourceOf, sourcesIn } from "./conditions.ts";
import { isSingleRow } from "./single_row.ts";
import type { Tree } from "./tree.ts";

/** Columns that all rows of a scan share, so that equating them connects nothing. */
const SHARED: ReadonlySet<string> = new Set(["scan_id", "host", "collection_time"]);

/** SQLite refuses to join more. */
const MAX_SOURCES = 64;

/** Tables in one FROM have to do with each other. */
export const cartesianProduct: HygieneCheck = {
  code: "cartesian-product",
  docs: {
    what: "Two tables in one FROM that no condition connects.",
    why:
      "Every row of one meets every row of the other: with 10,000 processes on each side that is 100 million rows, and the " +
      "detection runs into its time limit.",
    bad: "SELECT p.pid, u.user_name FROM processes p, users u WHERE p.user_id > 0",
    good:
      "SELECT p.pid, u.user_name FROM processes p JOIN users u ON u.user_id = p.user_id WHERE p.user_id > 0",
  },
  *sql({ tree }) {
    for (const select of nodesOf(tree.query, "select")) {
      const sources = tree.binding.scopes.get(select)?.sources ?? [];
      if (sources.length < 2 || sources.length > MAX_SOURCES) continue;
      if (sources.some(({ columns }) => !columns)) continue;
      const several = sources.filter((source) => !isSingleRow(source, tree));
      const groups = new Map(several.map((source) => [source, new Set([source])]));
      for (const condition of conditionsOf(select)) {
        if (!isShared(condition, tree)) unite(groups, sourcesIn(condition, tree.binding));
      }
      for (const [index, source] of sources.entries()) {
        unite(groups, [source, ...mergedWith(source, sources.slice(0, index))]);
        unite(groups, [source, ...readBy(source, tree)]);
      }
      // One source of each group, the one that stands first.
      const [first, ...others] = several.filter((source, index) =>
        several.findIndex((one) => groups.get(one) === groups.get(source)) === index
      );
      for (const other of others) {
        yield {
          span: other.node.span,
          message: `nothing connects ${phrase(other)} with ${phrase(first!)}`,
          hint: connection(first!, other),
        };
      }
    }
  },
};

/** Makes one group of those that the sources are in. */
function unite(
  groups: Map<BoundSource, Set<BoundSource>>,
  sources: Iterable<BoundSource>,
): void {
  const [into, ...rest] = new Set([...sources].flatMap((source) => groups.get(source) ?? []));
  for (const source of rest.flatMap((group) => [...group])) {
    into!.add(source);
    groups.set(source, into!);
  }
}

/** Whether a condition only says that both rows are of one scan or host. */
function isShared(condition: Expression, { binding }: Tree): boolean {
  if (condition.type !== "binary" || condition.operator !== "=") return false;
  return [condition.left, condition.right].every((side) => {
    const column = columnOf(side, binding);
    return sourceOf(side, binding)?.shape && column && SHARED.has(column.name);
  });
}

/** The sources whose columns USING or NATURAL merges with those of a source further right. */
function mergedWith(source: BoundSource, left: readonly BoundSource[]): BoundSource[] {
  const names = [...source.merged].filter((name) => !SHARED.has(name));
  return left.filter(({ columns }) =>
    columns?.some(({ name }) => names.includes(name.toLowerCase()))
  );
}

/** The sources that the arguments of a table function read. */
function readBy({ node }: BoundSource, { binding }: Tree): BoundSource[] {
  if (node.type !== "table-function") return [];
  return node.arguments.flatMap((argument) => [...sourcesIn(argument, binding)]);
}

function phrase({ name }: BoundSource): string {
  return name === "" ? "this subquery" : `\`${name}\``;
}

/** Names of columns that mean the same in every table. */
const REFERENCE = /^pid$|_key$|_id$/;

/** A condition that would connect two sources. */
function connection(left: BoundSource, right: BoundSource): string {
  const names = (left.columns ?? []).map(({ name }) => name).filter((name) =>
    REFERENCE.test(name) && !SHARED.has(name) &&
    right.columns?.some((column) => column.name === name)
  );
  const name = names.find((one) => one === "process_key") ?? names[0];
  return name === undefined || left.name === "" || right.name === ""
    ? "say ON what they are to be joined"
    : `for instance ON ${right.name}.${name} = ${left.name}.${name}`;
}
