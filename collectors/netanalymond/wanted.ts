import { compileGlob } from "../../dialect/mod.ts";
import type { TaskKeys } from "../../model/collection.ts";
import type { Cell } from "../../schema/batch.ts";
import type { Reading } from "../core/collector.ts";
import { parseConnectionId } from "./connection_id.ts";
import type { Flow } from "./flow.ts";
import { type Parties, type Party, sideOf } from "./parties.ts";

/** Tells whether a row has one of the keys that were asked for. */
export function createSieve({ column, values = [], processes, globs = [] }: TaskKeys): (
  row: Reading["row"],
) => boolean {
  const patterns = globs.map((pattern) => compileGlob(pattern));
  const meant = new Map(values.map((value, index) => [value, processes?.[index] ?? null]));
  return (row) => {
    const value = row[column] as Cell | undefined;
    if (value == null) return false;
    if (meant.has(value as string | number)) {
      const process = meant.get(value as string | number);
      return process == null || row["process_key"] === process;
    }
    return patterns.some((matches) => matches(String(value)));
  };
}

/**
 * Who takes part in a flow, as far as it is wanted: the processes that were found; for an end without one the connection
 * that was asked for, which may be over; and where nothing is known of either end, the flow's own ends.
 *
 * @param unknown the end that is this host's where no socket was found
 */
export function createCast(
  keys: TaskKeys,
  parties: Parties,
  unknown: (flow: Flow) => Party["side"],
  nameOf: (flow: Flow, side: Party["side"]) => string,
): (flow: Flow) => readonly Party[] {
  const asked = keys.column === "connection_id"
    ? (keys.values ?? []).flatMap((value) => {
      const ends = parseConnectionId(String(value));
      return ends ? [{ id: String(value), ends }] : [];
    })
    : [];
  const byPort = Map.groupBy(asked, ({ ends }) => ends.local?.port);
  return (flow) => {
    const found = parties.of(flow);
    const gone = [flow.source.port, flow.destination.port]
      .flatMap((port) => byPort.get(port ?? undefined) ?? [])
      .flatMap(({ id, ends }): Party[] => {
        const side = sideOf(flow, ends);
        if (side === undefined || found.some((party) => party.connection_id === id)) return [];
        const same = found.filter((party) => party.side === side);
        // A socket that was seen at this end is another one, if it was seen by its inode.
        if (same.some(({ connection_id }) => connection_id.split(" ").length > 3)) return [];
        const holders = same.length > 0 ? same : [{ pid: null, process_key: null }];
        return holders.map(({ pid, process_key }) => ({
          side,
          connection_id: id,
          pid,
          process_key,
        }));
      });
    const all = [...found, ...gone];
    if (all.length > 0) return all;
    const side = unknown(flow);
    return [{ side, connection_id: nameOf(flow, side), pid: null, process_key: null }];
  };
}
