import type { network_connections } from "../../profiles/network_connections.ts";
import type { Cell, GapReason } from "../../schema/batch.ts";
import type { Row } from "../../schema/row.ts";
import type { Reading } from "../core/collector.ts";
import type { Seen } from "./history.ts";
import type { Found } from "./holders.ts";
import { connectionIdOf } from "./identity.ts";
import type { Neighbourhood } from "./neighbourhood.ts";
import type { Owner, Owners } from "./owners.ts";
import type { Socket } from "./sockets.ts";

type ConnectionRow = Row<typeof network_connections, "linux">;

/** A column of `network_connections`. */
export type ConnectionColumn = keyof ConnectionRow;

/** A socket and all that is known of it. */
export interface Known {
  /** What the kernel's table says. */
  readonly socket: Socket;
  /** What is remembered of it. */
  readonly seen: Seen;
  /** Where it is. */
  readonly hood: Neighbourhood;
}

/** Who holds sockets. */
export interface Ownership {
  /** Who holds which. */
  readonly found: Found;
  /** What is known of those processes. */
  readonly owners: Owners;
}

/** How each column is made, of a socket and of the process that holds it. */
const CELLS: {
  readonly [C in ConnectionColumn]: (known: Known, owner?: Owner) => ConnectionRow[C];
} = {
  pid: (_, owner) => owner?.pid ?? null,
  connection_id: ({ socket, hood }) => connectionIdOf(socket, hood.namespace),
  protocol: ({ socket }) => socket.protocol,
  direction: ({ seen }) => seen.direction,
  local_address: ({ socket }) => socket.local_address,
  local_port: ({ socket }) => socket.local_port,
  remote_address: ({ socket }) => socket.remote_address,
  remote_port: ({ socket }) => socket.remote_port,
  state: ({ socket }) => socket.state,
  process_name: (_, owner) => owner?.process_name ?? null,
  created_time: ({ seen }) => seen.created,
  last_activity: () => null,
  inode: ({ socket }) => socket.inode || null,
  socket_type: ({ socket }) => socket.socket_type,
  family: ({ socket }) => socket.family,
  flags: ({ socket }) => socket.flags,
  backlog: () => null,
  receive_queue: ({ socket }) => socket.receive_queue,
  send_queue: ({ socket }) => socket.send_queue,
  uid: ({ socket }, owner) => socket.uid ?? owner?.uid ?? null,
  gid: (_, owner) => owner?.gid ?? null,
  namespace_id: ({ hood }) => hood.namespace.id,
  container_id: ({ hood }) => hood.container_id,
  unix_peer: () => null,
  process_key: (_, owner) => owner?.process_key ?? null,
  platform_data: ({ socket }) => socket.platform_data,
};

/** All columns. */
export const CONNECTION_COLUMNS = Object.keys(CELLS) as readonly ConnectionColumn[];

/** The rows of a socket: one for each process that holds it, or one without a process. */
export function* connectionReadings(
  known: Known,
  { found, owners }: Ownership,
  columns: readonly ConnectionColumn[],
): Iterable<Reading> {
  const { inode } = known.socket;
  const gaps = gapsOf(known);
  const holds = found.holders.get(inode) ?? [];
  let rows = 0;
  for (const { pid } of holds) {
    const owner = owners.of(pid);
    if (!owner) continue;
    rows++;
    yield reading(known, owner, gaps, columns);
  }
  if (rows > 0) return;
  const reason = inode === 0 ? undefined : whyUnheld(found, holds.length > 0);
  yield reading(known, undefined, reason ? [...gaps, ...unheldGaps(known, reason)] : gaps, columns);
}

/** Columns that are NULL although the kernel has a value, and why. */
type Gaps = readonly (readonly [ConnectionColumn, GapReason])[];

function reading(
  known: Known,
  owner: Owner | undefined,
  missing: Gaps,
  columns: readonly ConnectionColumn[],
): Reading {
  const row: Partial<Record<ConnectionColumn, Cell>> = {};
  for (const column of columns) row[column] = CELLS[column](known, owner);
  const gaps: Partial<Record<ConnectionColumn, GapReason>> = {};
  for (const [column, reason] of missing) if (column in row) gaps[column] = reason;
  return { row, gaps };
}

/** Why nobody is known who holds a socket; `undefined` where nobody does, or none but the kernel. */
function whyUnheld({ late, denied }: Found, ended: boolean): GapReason | undefined {
  return late ? "deadline" : denied ? "denied" : ended ? "not_collected" : undefined;
}

function unheldGaps({ socket }: Known, reason: GapReason): Gaps {
  const columns = [
    ...["pid", "process_name", "process_key", "gid"] as const,
    ...socket.uid === null ? ["uid"] as const : [],
  ];
  return columns.map((column) => [column, reason]);
}

/** What netlink alone tells of a socket (see `netlinker/`), and what is kept back. */
function gapsOf({ socket: { protocol, state, inode }, hood }: Known): Gaps {
  const isUnix = protocol === "unix";
  const gaps: [ConnectionColumn, GapReason][] = [];
  if (state === "listening") gaps.push(["backlog", "not_collected"]);
  if (isUnix) gaps.push(["receive_queue", "not_collected"], ["send_queue", "not_collected"]);
  if (isUnix && state === "established") gaps.push(["unix_peer", "not_collected"]);
  if (protocol === "tcp" && inode !== 0 && !NOT_YET.has(state)) {
    gaps.push(["last_activity", "not_collected"]);
  }
  if (hood.namespace.id === null) gaps.push(["namespace_id", "denied"]);
  return gaps;
}

/** States in which no data can have passed. */
const NOT_YET: ReadonlySet<string | null> = new Set([
  ...["listening", "syn_sent", "syn_received", "closed"],
  null,
]);
