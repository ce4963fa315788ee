import type { linux } from "../../profiles/extensions/network_interfaces.ts";
import { decode, Failure, type ProcFiles } from "../proc/files.ts";
import { readRoutes } from "./routes.ts";
import { readSockets, type Socket } from "./sockets.ts";

/** Columns of `network_interfaces` that show a table of the whole namespace, as JSON. */
export type TableColumn = Extract<
  keyof typeof linux,
  | "arp_table"
  | "route_table"
  | "tcp_connections"
  | "udp_connections"
  | "unix_sockets"
  | "snmp_stats"
  | "snmp6_stats"
>;

/** How to read each of them through a process that lives in the namespace; NULL where this kernel has no such table. */
export const TABLES: Readonly<
  Record<TableColumn, (files: ProcFiles, pid: number) => string | null | Failure>
> = {
  arp_table: (files, pid) => json(text(files, `${pid}/net/arp`), parseNeighbours),
  route_table: (files, pid) => json(readRoutes(files, pid), (routes) => routes),
  tcp_connections: (files, pid) => sockets(files, pid, "tcp", inetSocket),
  udp_connections: (files, pid) => sockets(files, pid, "udp", inetSocket),
  unix_sockets: (files, pid) => sockets(files, pid, "unix", unixSocket),
  snmp_stats: (files, pid) => json(text(files, `${pid}/net/snmp`), parseSnmp),
  snmp6_stats: (files, pid) => json(text(files, `${pid}/net/snmp6`), parseSnmp6),
};

/** Sockets in one value, at most. */
const MAX_SOCKETS = 100_000;

function text(files: ProcFiles, path: string): string | Failure {
  const bytes = files.readPieces(path);
  return bytes instanceof Failure ? bytes : decode(bytes);
}

function json<T extends string | readonly unknown[]>(
  content: T | Failure,
  parse: (content: T) => unknown,
): string | null | Failure {
  if (content instanceof Failure) return content === Failure.GONE ? null : content;
  return JSON.stringify(parse(content));
}

function sockets(
  files: ProcFiles,
  pid: number,
  protocol: Socket["protocol"],
  show: (socket: Socket) => unknown,
): string | Failure {
  const shown: unknown[] = [];
  let count = 0;
  const failure = readSockets(files, pid, (socket) => {
    if (count++ < MAX_SOCKETS) shown.push(show(socket));
  }, new Set([protocol]));
  return failure ?? (count > MAX_SOCKETS ? Failure.TOO_BIG : JSON.stringify(shown));
}

function inetSocket({ local_address, local_port, remote_address, remote_port, state }: Socket) {
  return {
    local_address,
    local_port,
    remote_address,
    remote_port,
    ...(state !== null && { state }),
  };
}

/** Of unix sockets the kernel's own words are shown (linux/net.h). */
const UNIX_STATES: Readonly<Record<string, string>> = {
  established: "connected",
  syn_sent: "connecting",
  closing: "disconnecting",
};

function unixSocket({ local_address, socket_type, state, inode }: Socket) {
  const word = state === null ? "unconnected" : UNIX_STATES[state] ?? state;
  return { path: local_address, type: socket_type, state: word, inode };
}

/** `ATF_COM` and `ATF_PERM` of linux/if_arp.h. */
const COMPLETE = 0x02;
const PERMANENT = 0x04;

/** Reads `/proc/<pid>/net/arp` (proc_pid_net(5)): the neighbours of IPv4. */
export function parseNeighbours(content: string): unknown[] {
  return content.split("\n").flatMap((line) => {
    const [address, , flags, mac, , name] = line.split(/ +/);
    if (name === undefined || !/^0x[0-9a-f]+$/.test(flags!)) return [];
    const bits = Number(flags);
    const complete = (bits & COMPLETE) !== 0;
    const state = (bits & PERMANENT) !== 0 ? "permanent" : complete ? "complete" : "incomplete";
    return [{ address, mac_address: complete ? mac : null, interface: name, state }];
  });
}

/** Reads `/proc/<pid>/net/snmp`: a line with names and one with numbers for each protocol. */
export function parseSnmp(content: string): Record<string, Record<string, number>> {
  const protocols: Record<string, Record<string, number>> = {};
  let names: readonly string[] = [];
  for (const line of content.split("\n")) {
    const [label, ...fields] = line.trim().split(/ +/);
    if (!label?.endsWith(":")) continue;
    if (names[0] !== label) {
      names = [label, ...fields];
      continue;
    }
    protocols[label.slice(0, -1)] = Object.fromEntries(
      fields.flatMap((field, index) => numberOf(names[index + 1], field)),
    );
    names = [];
  }
  return protocols;
}

/** Reads `/proc/<pid>/net/snmp6`: a name and a number in each line. */
export function parseSnmp6(content: string): Record<string, number> {
  return Object.fromEntries(
    content.split("\n").flatMap((line) => {
      const [name, value] = line.trim().split(/\s+/);
      return value === undefined ? [] : numberOf(name, value);
    }),
  );
}

function numberOf(name: string | undefined, digits: string): [string, number][] {
  return name !== undefined && /^-?\d{1,20}$/.test(digits) ? [[name, Number(digits)]] : [];
}
