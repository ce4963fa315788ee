import type { Node } from "yaml";
import type { Catalogue } from "../profiles/mod.ts";
import type { RecordBatch } from "../schema/batch.ts";
import type { Platform } from "../schema/types.ts";
import { rowsOf } from "./rows.ts";
import type { YamlReader } from "./yaml.ts";

/** What events of a step are read against. */
export interface EventContext {
  readonly catalogue: Catalogue;
  readonly platform: Platform;
  /** The time of the step, ms since the epoch. */
  readonly at: number;
  /** The processes of the step: parents of those that events tell of. */
  readonly processes: RecordBatch | undefined;
}

/** Reads the events of a step, `[{ table, row }]`: a batch for each table, its rows in their order. */
export function readEvents(
  reader: YamlReader,
  node: Node | null | undefined,
  { catalogue, platform, at, processes }: EventContext,
): RecordBatch[] {
  const rows = new Map<string, Node[]>();
  for (const item of reader.items(node, "events")) {
    const keys = reader.entries(item, ["table", "row"], "an event");
    const table = keys.has("table") ? reader.text(keys.get("table"), "table") : undefined;
    const row = keys.get("row");
    if (table === undefined || !row) {
      reader.fault(
        item,
        "an event has a `table` and a `row`",
        "{ table: process_events, row: { … } }",
      );
    } else if (!catalogue.has(table)) {
      const near = reader.nearest(table, [...catalogue.keys()]);
      reader.fault(keys.get("table"), `there is no table ${table}`, near);
    } else {
      rows.set(table, [...rows.get(table) ?? [], row]);
    }
  }
  return [...rows].map(([table, items]) =>
    rowsOf(reader, items, catalogue.get(table)!, platform, at, processes)
  );
}
