import { quoteIdentifier } from "../../schema/ddl.ts";
import type { DatabaseSync } from "../../std/sqlite.ts";

/** A process that holds an end of a connection. */
export interface Holder {
  /** Its id. */
  readonly pid: number;
  /** Its identity. */
  readonly process_key: string | null;
  /** Its name. */
  readonly process_name: string | null;
}

/** A connection, however often it was seen. */
export interface Connection {
  /** As the table has it. */
  readonly protocol: string;
  /** The side that opened it. */
  readonly source: string;
  /** The other side. */
  readonly destination: string;
  /** The port there. */
  readonly destinationPort: number;
  /** When it began, ms since the epoch; NULL where it was there before anybody looked. */
  readonly start: number | null;
  /** When it was first seen. */
  readonly seen: number;
  /** Whether its start is known better than by the times of looks. */
  readonly exact: boolean;
  /** Whether this host opened it. */
  readonly outbound: boolean;
  /** Who holds it at the source, else at the destination. */
  readonly holder: Holder | undefined;
}

/** The connections of scans. */
export interface Connections {
  /** In the order in which they were first seen. */
  readonly all: readonly Connection[];
  /** The times of the scans, ascending. */
  readonly scans: readonly number[];
}

/** A row of the table. Objects would take twice the time, and there may be hundreds of thousands. */
type Sighting = readonly [
  protocol: string,
  outbound: 0 | 1,
  local_address: string,
  local_port: number,
  remote_address: string,
  remote_port: number,
  created_time: number | null,
  waits: 0 | 1,
  collection_time: number,
  pid: number | null,
  process_key: string | null,
  process_name: string | null,
];

type Known = { -readonly [K in keyof Connection]: Connection[K] } & {
  lastSeen: number;
  waits: boolean;
  fromSource: boolean;
};

/** Numbers that JavaScript holds exactly. A hostile row may have others, which SQLite would not hand out. */
const SAFE = "BETWEEN 0 AND 9007199254740991";

/** The rows of a table in the form of `network_connections` that have two ends, oldest first. */
function sightings(db: DatabaseSync, table: string): Iterable<Sighting> {
  const statement = db.prepare(
    `SELECT protocol, direction = 'outbound', local_address, local_port, remote_address, remote_port,
      iif(created_time ${SAFE}, created_time, NULL), state IS 'time_wait', collection_time,
      iif(pid ${SAFE}, pid, NULL), process_key, process_name
    FROM ${quoteIdentifier(table)}
    WHERE direction IS NOT NULL AND local_address IS NOT NULL AND remote_address IS NOT NULL
      AND local_port ${SAFE} AND remote_port ${SAFE} AND collection_time ${SAFE}
    ORDER BY collection_time, rowid`,
  );
  // The types of Node's API lack it.
  (statement as unknown as { setReturnArrays(on: boolean): void }).setReturnArrays(true);
  return statement.iterate() as unknown as Iterable<Sighting>;
}

/**
 * Reads the connections of a table in the form of `network_connections`, each once: it stands there for each process that
 * holds it, for both ends where these are on one host, and in every scan of its life. Each row is a step.
 */
export function* readConnections(
  db: DatabaseSync,
  table: string,
): Generator<undefined, Connections> {
  const all: Known[] = [];
  const byEnds = new Map<string, Known>();
  for (const row of sightings(db, table)) {
    const [protocol, outbound, local, localPort, remote, remotePort, start, waits, time] = row;
    const source = outbound ? local : remote;
    const destination = outbound ? remote : local;
    const destinationPort = outbound ? remotePort : localPort;
    const sourcePort = outbound ? localPort : remotePort;
    const ends = `${protocol} ${source} ${sourcePort} ${destination} ${destinationPort}`;
    let known = byEnds.get(ends);
    if (!known || !continues(row, known)) {
      known = {
        protocol,
        source,
        destination,
        destinationPort,
        start,
        seen: time,
        exact: waits === 1,
        holder: undefined,
        outbound: false,
        lastSeen: time,
        waits: false,
        fromSource: false,
      };
      byEnds.set(ends, known);
      all.push(known);
    }
    known.lastSeen = time;
    known.waits = waits === 1;
    known.outbound ||= outbound === 1;
    hold(known, row);
    yield;
  }
  const scans = (db.prepare(
    `SELECT DISTINCT collection_time FROM ${quoteIdentifier(table)}
    WHERE collection_time ${SAFE} ORDER BY collection_time`,
  ).all() as unknown as { collection_time: number }[]).map(({ collection_time }) =>
    collection_time
  );
  return { all, scans };
}

/**
 * Whether a row is of a connection that was seen before, rather than of a later one with the same ends. A later one begins
 * after the last look at the former, unless that had been closed since, which looks like a new one to who has not seen it.
 */
function continues(
  [, , , , , , start, waits, time]: Sighting,
  { lastSeen, waits: waited }: Known,
): boolean {
  return start === null || start <= lastSeen || time === lastSeen || (waits === 1 && !waited);
}

/** Notes who holds a connection; whoever opened it counts for more than the other end. */
function hold(
  known: Known,
  [, outbound, , , , , , , , pid, process_key, process_name]: Sighting,
): void {
  if (pid === null || (known.holder && (known.fromSource || !outbound))) return;
  known.holder = { pid, process_key, process_name };
  known.fromSource = outbound === 1;
}
