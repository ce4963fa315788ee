import type { Predicate } from "../../model/predicate.ts";
import type { Cell } from "../../schema/batch.ts";
import type { Reading } from "../core/collector.ts";
import { createConnections } from "../netmond/connections.ts";
import { openProcFiles } from "../proc/files.ts";
import { connectionIdOf, isAny } from "./connection_id.ts";
import type { Side } from "./exchange.ts";
import type { End, Flow } from "./flow.ts";

/** A process of this host that takes part in a flow, or a socket of which no process is known. */
export interface Party {
  /** The end that it has. */
  readonly side: Side;
  /** Its connection. */
  readonly connection_id: string;
  /** Its id; NULL where it was not found. */
  readonly pid: number | null;
  /** Its identity; NULL where it was not found. */
  readonly process_key: string | null;
}

type Holder = Omit<Party, "side">;

/** Knows who takes part in flows. */
export interface Parties {
  /** Looks at the sockets that there are now, of this host or of its containers, too; what was seen before is remembered. */
  look(deadline: number, everywhere: boolean): void;
  /** Who takes part in a flow on this host, as far as was seen. */
  of(flow: Flow): readonly Party[];
}

const COLUMNS = [
  "pid",
  "process_key",
  "connection_id",
  "protocol",
  "local_address",
  "local_port",
  "remote_address",
  "remote_port",
];
const PROTOCOLS = ["tcp", "udp"];

/** Sockets that are remembered of one capture. */
const MAX_KNOWN = 500_000;

/** Reads sockets as `network_connections` has them: of this host's network namespace, or of all. */
export type ReadSockets = (deadline: number, everywhere: boolean) => Iterable<Reading>;

/** Makes a {@linkcode ReadSockets}; once, because it remembers who held which. */
export function createSocketReader(procRoot: string): ReadSockets {
  const files = openProcFiles(procRoot);
  const read = createConnections(procRoot);
  const protocol: Predicate = { op: "in", column: "protocol", values: PROTOCOLS };
  return (deadline, everywhere) => {
    // The first process of a host lives in its first namespace.
    const link = everywhere ? undefined : files.link("1/ns/net");
    const id = typeof link === "string" ? /^net:\[(\d+)\]$/.exec(link)?.[1] : undefined;
    const where: Predicate = id === undefined ? protocol : {
      op: "and",
      of: [protocol, { op: "=", column: "namespace_id", value: Number(id) }],
    };
    return read({ project: COLUMNS, where }, { deadline });
  };
}

/**
 * Makes a {@linkcode Parties}. A socket is known by both ends; one of UDP without a peer, by its own. A connection that a
 * server took and that was over before anybody looked is the server's, of the process that listens.
 */
export function createParties(read: ReadSockets): Parties {
  const known = new Map<string, Holder[]>();

  const add = (row: Readonly<Record<string, Cell | undefined>>) => {
    const { protocol, local_address, local_port, remote_address, remote_port } = row;
    const remote = remote_address == null ? "" : ` ${remote_address} ${remote_port}`;
    const key = `${protocol} ${local_address} ${local_port}${remote}`;
    const holder: Holder = {
      connection_id: String(row.connection_id),
      pid: row.pid == null ? null : Number(row.pid),
      process_key: row.process_key == null ? null : String(row.process_key),
    };
    const holders = known.get(key);
    if (!holders) {
      if (known.size < MAX_KNOWN) known.set(key, [holder]);
    } else if (!holders.some((other) => isSame(other, holder))) holders.push(holder);
  };

  const holdersOf = (flow: Flow, local: End, remote: End): readonly Holder[] => {
    const near = `${flow.transport} ${local.address} ${local.port}`;
    const exact = withoutRemains(known.get(`${near} ${remote.address} ${remote.port}`));
    if (exact?.some(({ pid }) => pid !== null)) return exact.filter(({ pid }) => pid !== null);
    const open = [near, ...ANY.map((any) => `${flow.transport} ${any} ${local.port}`)]
      .flatMap((key) => known.get(key) ?? []).filter(({ pid }) => pid !== null);
    if (flow.transport !== "tcp") return open.length > 0 ? open : exact ?? [];
    if (open.length === 0 || local !== flow.destination) return exact ?? [];
    const connection_id = exact?.[0]?.connection_id ?? connectionIdOf("tcp", local, remote);
    return open.map((holder) => ({ ...holder, connection_id }));
  };

  return {
    look(deadline, everywhere) {
      for (const { row } of read(deadline, everywhere)) add(row);
    },
    of(flow) {
      const { source, destination } = flow;
      return [
        ...holdersOf(flow, source, destination).map((holder) => ({ ...holder, side: 0 as const })),
        ...holdersOf(flow, destination, source).map((holder) => ({ ...holder, side: 1 as const })),
      ];
    },
  };
}

const ANY = ["0.0.0.0", "::"];

/** How what is left of a connection is called once its socket is gone (TIME_WAIT): by the namespace. */
const REMAINS = / net(?:\/dev)?:\S+$/;

/** Sockets; what is left of them only where nobody has seen the socket itself, or a flow would count twice. */
function withoutRemains(holders: readonly Holder[] | undefined): readonly Holder[] | undefined {
  const sockets = holders?.filter(({ connection_id }) => !REMAINS.test(connection_id));
  return sockets && sockets.length > 0 ? sockets : holders;
}

function isSame(one: Holder, other: Holder): boolean {
  return one.connection_id === other.connection_id && one.pid === other.pid &&
    one.process_key === other.process_key;
}

/** Whether a socket that has these ends takes part in a flow, and with which end; `undefined` where it does not. */
export function sideOf(
  flow: Flow,
  ends: { readonly protocol: string; readonly local?: End; readonly remote?: End },
): Side | undefined {
  if (ends.protocol !== flow.transport || !ends.local) return undefined;
  const is = (end: End, other: End) => end.address === other.address && end.port === other.port;
  const pairs = [[flow.source, flow.destination, 0], [flow.destination, flow.source, 1]] as const;
  for (const [local, remote, side] of pairs) {
    const near = is(ends.local, local) ||
      isAny(ends.local.address) && ends.local.port === local.port;
    if (near && (!ends.remote || is(ends.remote, remote))) return side;
  }
  return undefined;
}
