import type { Cell, GapReason } from "../../schema/batch.ts";
import { collectedColumns } from "../../schema/columns.ts";
import type { TableSpec } from "../../schema/types.ts";
import type { Reading } from "../core/collector.ts";

/** The row that stands for those that could not be told: nothing is known of it but the process. */
export function missing(
  spec: TableSpec,
  identity: Readonly<Record<string, Cell>>,
  reason: GapReason,
): Reading {
  const columns = collectedColumns(spec, "linux").map(({ name }) => name)
    .filter((name) => name !== "platform_data" && identity[name] == null);
  return { row: identity, gaps: Object.fromEntries(columns.map((column) => [column, reason])) };
}
