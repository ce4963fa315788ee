import type { network_connections } from "../../profiles/network_connections.ts";
import type { Row } from "../../schema/row.ts";
import { decode, Failure, type ProcFiles } from "../proc/files.ts";
import { readLinesOf } from "../proc/lines.ts";
import { type InetTable, parseInetLine } from "./inet.ts";
import { parsePacketLine } from "./packet.ts";
import { createUnixParser } from "./unix.ts";

type ConnectionRow = Row<typeof network_connections, "linux">;

/** What the kernel's tables say of a socket, in the columns of `network_connections`. */
export interface Socket extends
  Pick<
    ConnectionRow,
    | "protocol"
    | "family"
    | "socket_type"
    | "local_address"
    | "remote_address"
    | "state"
    | "uid"
    | "flags"
    | "receive_queue"
    | "send_queue"
    | "platform_data"
  > {
  /** 0 where the kernel keeps a connection that no program has, or has no longer. */
  readonly inode: number;
  /** NULL where the protocol knows none. */
  readonly local_port: number | null;
  /** NULL without a peer, and where the protocol knows none. */
  readonly remote_port: number | null;
  /** How long ago it was closed, ms, where the kernel still keeps it for that reason alone. */
  readonly closed?: number;
}

/** The tables below `/proc/<pid>/net` by the protocol that they hold. */
const INET_TABLES: Readonly<Record<string, InetTable>> = {
  tcp: { protocol: "tcp", family: "inet", socket_type: "stream" },
  tcp6: { protocol: "tcp", family: "inet6", socket_type: "stream" },
  udp: { protocol: "udp", family: "inet", socket_type: "dgram" },
  udp6: { protocol: "udp", family: "inet6", socket_type: "dgram" },
  udplite: { protocol: "udplite", family: "inet", socket_type: "dgram" },
  udplite6: { protocol: "udplite", family: "inet6", socket_type: "dgram" },
  icmp: { protocol: "icmp", family: "inet", socket_type: "dgram" },
  icmp6: { protocol: "icmp", family: "inet6", socket_type: "dgram" },
  raw: { protocol: "raw", family: "inet", socket_type: "raw" },
  raw6: { protocol: "raw", family: "inet6", socket_type: "raw" },
};

/** Protocols that are read. */
export const PROTOCOLS: readonly Socket["protocol"][] = [
  ...["tcp", "udp", "udplite", "icmp", "raw", "packet", "unix"] as const,
];

/**
 * Hands out every socket of the network namespace in which a process lives. A table that the kernel does not have is
 * empty. Answers why a table could not be read to its end; `undefined` where all were.
 */
export function readSockets(
  files: ProcFiles,
  pid: number,
  take: (socket: Socket) => void,
  protocols: ReadonlySet<Socket["protocol"]> = new Set(PROTOCOLS),
): Failure | undefined {
  let failure: Failure | undefined;
  const read = (table: string, line: (text: string) => void) => {
    const ended = readLinesOf(files, `${pid}/net/${table}`, line);
    if (ended !== Failure.GONE) failure ??= ended;
  };
  const isEmpty = emptyTables(files, pid);
  for (const [table, kind] of Object.entries(INET_TABLES)) {
    if (!protocols.has(kind.protocol) || isEmpty(table)) continue;
    read(table, (text) => {
      const socket = parseInetLine(text, kind);
      if (socket) take(socket);
    });
  }
  if (protocols.has("packet")) {
    read("packet", (text) => {
      const socket = parsePacketLine(text);
      if (socket) take(socket);
    });
  }
  if (protocols.has("unix")) {
    const parser = createUnixParser(take);
    read("unix", parser.line);
    parser.end();
  }
  return failure;
}

/**
 * Tells which tables of TCP have no row. To make one, the kernel goes through the connections of all namespaces, which
 * takes milliseconds; how many it would find it has counted. `tw` counts those that wait, of either version of IP.
 */
function emptyTables(files: ProcFiles, pid: number): (table: string) => boolean {
  const count = (file: string, pattern: RegExp) => {
    const bytes = files.read(`${pid}/net/${file}`);
    const digits = bytes instanceof Failure ? undefined : pattern.exec(decode(bytes))?.[1];
    return digits === undefined ? undefined : Number(digits);
  };
  const waiting = count("sockstat", /^TCP: .*\btw (\d+)/m);
  if (waiting !== 0) return () => false;
  const empty = new Set<string>();
  if (count("sockstat", /^TCP: inuse (\d+)/m) === 0) empty.add("tcp");
  if (count("sockstat6", /^TCP6: inuse (\d+)/m) === 0) empty.add("tcp6");
  return (table) => empty.has(table);
}
