import type { Platform } from "../../schema/types.ts";
import type { RecordBatch } from "../../schema/batch.ts";
import { fillStoredColumns } from "../../store/mod.ts";
import { buildImage } from "../image.ts";
import type { SandboxImage } from "../sandbox/sandbox.ts";
import type { TriggerOptions } from "./collect.ts";

/** The rows of a scan that keys come from, while it is being made. */
export interface GatheredRows {
  /** Takes rows; what no query for keys reads is not kept. */
  add(batch: RecordBatch): void;
  /** What there is by now, for queries for keys. */
  image(): Promise<SandboxImage>;
}

/** Keeps of the rows of a scan what queries for keys read: no scan can be read before it is whole. */
export function gatherRows(
  { queries, catalogue, sandbox }: Pick<TriggerOptions, "queries" | "catalogue" | "sandbox">,
  { platform, host, scan_id }: {
    readonly platform: Platform;
    readonly host: string;
    readonly scan_id: number;
  },
): GatheredRows {
  const only = queries.flatMap(({ plan }) =>
    plan.triggers.flatMap(({ keys }) => keys.kind === "rows" ? keys.tables : [])
  );
  const columns = new Map(
    [...Map.groupBy(only, ({ table }) => table)].map(([table, reads]) => [
      table,
      new Set(reads.flatMap((read) => read.columns)),
    ]),
  );
  const keyed = new Map(
    [...columns.keys()].flatMap((table) => {
      const { requires } = catalogue.get(table)!;
      return requires ? [[table, requires]] : [];
    }),
  );
  const gathered = new Map<string, RecordBatch[]>();
  return {
    add(batch) {
      const kept = columns.get(batch.table);
      if (!kept) return;
      const at = batch.columns.flatMap((name, index) => kept.has(name) ? [index] : []);
      const batches = gathered.get(batch.table) ?? [];
      gathered.set(batch.table, batches);
      const part: RecordBatch = {
        table: batch.table,
        columns: at.map((index) => batch.columns[index]!),
        values: at.map((index) => batch.values[index]!),
        rows: batch.rows,
        gaps: [],
        ...(batch.key !== undefined && { key: batch.key }),
      };
      batches.push(fillStoredColumns(part, { scan_id, host, collection_time: Date.now() }));
    },
    async image() {
      const tables = [
        ...[...gathered].filter(([table]) => !keyed.has(table))
          .map(([table, batches]) => ({ table, batches })),
        ...[...keyed].flatMap(([table, keys]) =>
          keys.map((key) => ({
            table,
            key,
            batches: gathered.get(table)?.filter((batch) => batch.key === key) ?? [],
          }))
        ),
      ];
      const { bytes } = await buildImage({ catalogue, platform, tables, only });
      return sandbox.load(bytes);
    },
  };
}
