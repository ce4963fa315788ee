import { collectedColumns } from "../../schema/columns.ts";
import { parseExact } from "./exact_json.ts";
import type { Recording } from "./recording.ts";

/**
 * A recording as lines of JSON, `{ at, table, row }`, as {@linkcode ../recorded.ts} reads them. A column without a value
 * stands there as `null`; one that is not there was not recorded: not asked for, or denied.
 */
export function* recordingLines({ platform, at, tables }: Recording): Generator<string> {
  const moment = new Date(at).toISOString();
  for (const [table, { spec, rows }] of tables) {
    const columns = collectedColumns(spec, platform);
    for (const { values } of rows) {
      const row = Object.fromEntries(
        columns.filter(({ name }) => values.has(name)).map(({ name, type }) => {
          const cell = values.get(name) ?? null;
          if (typeof cell === "bigint") return [name, cell.toString()];
          return [name, type === "json" && typeof cell === "string" ? parseExact(cell) : cell];
        }),
      );
      yield JSON.stringify({ at: moment, table, row }) + "\n";
    }
  }
}
