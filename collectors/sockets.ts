import type { CollectedBatch, Collection } from "../model/collection.ts";
import type { Cell, RecordBatch } from "../schema/batch.ts";
import type { CollectorHandle } from "./core/handle.ts";
import { socket_details } from "./netmond/netlinker/tables.ts";

/** Columns of `network_connections` that the netlinker fills, some of them for unix sockets only. */
export const DETAIL_COLUMNS: readonly string[] = Object.keys(socket_details.columns)
  .filter((column) => column !== "inode");

/** What adding to batches takes. */
export interface SocketOptions {
  /** The netlinker. */
  readonly netlinker: CollectorHandle;
  /** Columns that are wanted. */
  readonly project: readonly string[];
  /** ms from now. */
  readonly deadline: number;
}

/**
 * Passes batches of connections on, in their order, with what the netlinker knows of the sockets. It is asked once, when
 * a wanted value is missing. What it cannot tell stays a gap.
 */
export async function* withSockets(
  batches: Collection,
  { netlinker, project, deadline }: SocketOptions,
): Collection {
  const wanted = DETAIL_COLUMNS.filter((column) => project.includes(column));
  const until = performance.now() + deadline;
  let details: Promise<Details> | undefined;
  const ask = () => {
    const left = Math.max(0, Math.round(until - performance.now()));
    const task = { table: socket_details.name, project: ["inode", ...wanted], deadline: left };
    return readDetails(netlinker.collect(task));
  };
  try {
    for (let next = await batches.next();; next = await batches.next()) {
      if (next.done) return next.value;
      const batch = next.value;
      const lacks = batch.gaps.some(({ column }) => wanted.includes(column));
      yield lacks ? merge(batch, await (details ??= ask())) : batch;
    }
  } finally {
    await batches.return({ status: "complete" });
    await details;
  }
}

/** Rows of the netlinker by inode: where they stand. */
type Details = ReadonlyMap<Cell, { readonly batch: RecordBatch; readonly row: number }>;

/** Whatever goes wrong with details, the connections themselves are not lost. */
async function readDetails(batches: Collection): Promise<Details> {
  const details = new Map<Cell, { readonly batch: RecordBatch; readonly row: number }>();
  for await (const batch of batches) {
    const inodes = cellsOf(batch, "inode");
    for (const [row, inode] of inodes.entries()) details.set(inode, { batch, row });
  }
  return details;
}

function cellsOf({ columns, values }: RecordBatch, column: string): readonly Cell[] {
  return values[columns.indexOf(column)] ?? [];
}

/** Puts what the netlinker tells into the rows of the same sockets; its NULL is no gap. */
function merge(batch: CollectedBatch, details: Details): CollectedBatch {
  const found = cellsOf(batch, "inode").map((inode) =>
    inode === null ? undefined : details.get(inode)
  );
  if (found.every((one) => one === undefined)) return batch;
  const columns = new Map(batch.columns.map((column, index) => [column, batch.values[index]!]));
  for (const column of DETAIL_COLUMNS) {
    const old = columns.get(column);
    const cells = found.map((one, row) =>
      (one && cellsOf(one.batch, column)[one.row]) ?? old?.[row] ?? null
    );
    columns.set(column, cells);
  }
  const gaps = batch.gaps.flatMap((gap) => {
    if (!DETAIL_COLUMNS.includes(gap.column)) return [gap];
    const rows = [...gap.rows === "all" ? found.keys() : gap.rows];
    const left = rows.filter((row) => found[row] === undefined);
    return left.length ? [{ ...gap, rows: left }] : [];
  });
  return { ...batch, columns: [...columns.keys()], values: [...columns.values()], gaps };
}
