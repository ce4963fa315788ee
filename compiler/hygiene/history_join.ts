import type { ColumnReference, Expression, Select } from "../ast.ts";
import type { BoundSource } from "../binding/scope.ts";
import { nodesOf } from "../walk.ts";
import type { HygieneCheck } from "./check.ts";
import { conditionsOf } from "./conditions.ts";
import type { Tree } from "./tree.ts";

/** `pid`, `ppid`, `process_pid`: numbers that a host gives out again. */
const PID = /^(?:.*_)?p?pid$/;

/** What tells rows of different scans, or processes of one pid, apart. */
const APART = /^(?:scan_id|collection_time|start_time|.*_key)$/;

/** Rows of a history are joined within a scan, or by what stays the same. */
export const historyJoin: HygieneCheck = {
  code: "history-join",
  docs: {
    what: "With `lookback`, a join of two tables on a pid without `scan_id` or a process key.",
    why:
      "The history holds every scan. A pid alone joins each row with those of all other scans, and with those of " +
      "processes that had the same pid before.",
    bad:
      "lookback: 1d\n---\nSELECT p.pid, c.remote_address FROM processes p JOIN network_connections c ON c.pid = p.pid",
    good:
      "lookback: 1d\n---\nSELECT p.pid, c.remote_address FROM processes p JOIN network_connections c ON c.process_key = p.process_key AND c.scan_id = p.scan_id",
  },
  *sql({ detection, tree }) {
    if (detection.meta.lookback === undefined) return;
    for (const select of nodesOf(tree.query, "select")) yield* joinsOnPids(select, tree);
  },
};

function* joinsOnPids(select: Select, tree: Tree) {
  const conditions = conditionsOf(select).map((condition) => ({
    condition,
    columns: tableColumns(condition, tree),
  }));
  const apart = conditions.map(({ columns }) =>
    new Set(columns.filter(({ name }) => APART.test(name)).map(({ source }) => source))
  );
  const isApart = (left: BoundSource, right: BoundSource) =>
    apart.some((sources) => sources.has(left) && sources.has(right)) ||
    [...left.merged, ...right.merged].some((name) => APART.test(name));
  for (const { condition, columns } of conditions) {
    if (condition.type !== "binary" || condition.operator !== "=") continue;
    const [left, right] = columns;
    if (columns.length !== 2 || left!.source === right!.source) continue;
    if (!columns.every(({ name }) => PID.test(name))) continue;
    if (isApart(left!.source, right!.source)) continue;
    yield {
      span: condition.span,
      message: "over a history, a pid alone joins rows of different scans and of other processes",
      hint: `add AND ${suggestion(left!, right!)}`,
    };
  }
  for (const { merged, node } of tree.binding.scopes.get(select)?.sources ?? []) {
    const names = [...merged];
    if (!names.some((name) => PID.test(name)) || names.some((name) => APART.test(name))) continue;
    yield {
      span: node.span,
      message: "over a history, a pid alone joins rows of different scans and of other processes",
      hint: `write USING (${[...names, "process_key"].join(", ")})`,
    };
  }
}

interface TableColumn {
  readonly name: string;
  readonly source: BoundSource;
  readonly node: ColumnReference;
}

/** The columns of virtual tables that a condition reads. */
function tableColumns(condition: Expression, { binding }: Tree): TableColumn[] {
  return nodesOf(condition, "column").flatMap((node) => {
    const found = binding.resolutions.get(node);
    if (found?.kind !== "column" || !found.source.shape) return [];
    return [{ name: found.column.name, source: found.source, node }];
  });
}

function suggestion(left: TableColumn, right: TableColumn): string {
  const key = ({ name, source }: TableColumn) => {
    const wanted = name === "ppid" ? "parent_key" : "process_key";
    return source.shape?.byName.has(wanted) ? `${source.name}.${wanted}` : undefined;
  };
  const [one, other] = [key(left), key(right)];
  return one && other
    ? `${one} = ${other}`
    : `${left.source.name}.scan_id = ${right.source.name}.scan_id`;
}
