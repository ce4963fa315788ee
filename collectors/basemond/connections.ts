import { own } from "../core/own.ts";
import type { network_connections } from "../../profiles/network_connections.ts";
import type { Row } from "../../schema/row.ts";
import type { Platform } from "../../schema/types.ts";
import type { Reading } from "../core/collector.ts";
import { defined, lackingIn } from "./processes.ts";
import { listOf, textOf, type Told, wholeOf } from "./values.ts";

type ConnectionRow = Row<typeof network_connections, Platform>;

/** Columns of `network_connections` that can be had. */
export const CONNECTION_COLUMNS = [
  "pid",
  "connection_id",
  "protocol",
  "direction",
  "local_address",
  "local_port",
  "remote_address",
  "remote_port",
  "state",
  "process_name",
  "socket_type",
  "family",
] as const satisfies readonly (keyof ConnectionRow)[];

/** netstat's words for states, which differ a little from system to system. */
const STATES: Readonly<Record<string, NonNullable<ConnectionRow["state"]>>> = {
  ESTABLISHED: "established",
  SYN_SENT: "syn_sent",
  SYN_RECV: "syn_received",
  SYN_RCVD: "syn_received",
  SYN_RECEIVED: "syn_received",
  FIN_WAIT1: "fin_wait1",
  FIN_WAIT_1: "fin_wait1",
  FIN_WAIT2: "fin_wait2",
  FIN_WAIT_2: "fin_wait2",
  TIME_WAIT: "time_wait",
  CLOSE: "closed",
  CLOSED: "closed",
  CLOSE_WAIT: "close_wait",
  LAST_ACK: "last_ack",
  LISTEN: "listening",
  LISTENING: "listening",
  CLOSING: "closing",
};

/** Rows of `network_connections` of what the library's `networkConnections()` says. */
export function connectionReadings(told: unknown): readonly Reading[] {
  const sockets = listOf(told).flatMap((one) => socketOf(one) ?? []);
  const listening = new Set(
    sockets.filter(({ state }) => state === "listening")
      .map(({ protocol, local_port }) => `${protocol} ${local_port}`),
  );
  return sockets.map((socket): Reading => {
    const { protocol, local_address, local_port, remote_address, remote_port } = socket;
    const direction = remote_address === null
      ? null
      : listening.has(`${protocol} ${local_port}`)
      ? "inbound"
      : "outbound";
    const ends = [end(local_address, local_port), end(remote_address, remote_port)];
    const row: Partial<ConnectionRow> = {
      ...defined(socket),
      direction,
      connection_id: [protocol, ...ends].join(" "),
    };
    return { row, gaps: lackingIn(row, CONNECTION_COLUMNS) };
  });
}

function socketOf(one: Told) {
  const [, protocol, version] = /^(tcp|udp)(4|6|46)?$/.exec(textOf(one.protocol) ?? "") ?? [];
  if (protocol === undefined) return undefined;
  const local = addressOf(one.localAddress);
  const remote = addressOf(one.peerAddress);
  const family = version === "6" || [local, remote].some((address) => address?.includes(":"))
    ? "inet6" as const
    : "inet" as const;
  const remote_port = wholeOf(one.peerPort);
  const isConnected = remote !== undefined && !NOWHERE.has(remote) && remote_port !== undefined &&
    remote_port > 0;
  const pid = wholeOf(one.pid);
  const state = own(STATES, textOf(one.state) ?? "");
  return {
    protocol: protocol as "tcp" | "udp",
    family,
    socket_type: protocol === "tcp" ? "stream" as const : "dgram" as const,
    local_address: local ?? (family === "inet6" ? "::" : "0.0.0.0"),
    local_port: wholeOf(one.localPort) ?? null,
    remote_address: isConnected ? remote : null,
    remote_port: isConnected ? remote_port : null,
    state: protocol === "udp" ? (isConnected ? "established" as const : null) : state,
    // Windows writes 0 for what is kept for no process.
    pid: pid === 0 ? null : pid,
    process_name: pid === 0 ? null : textOf(one.process),
  };
}

/** What stands for no address. */
const NOWHERE: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

/** An address without brackets and scope; `undefined` for any. */
function addressOf(value: unknown): string | undefined {
  const address = textOf(value)?.replace(/^\[|\]$/g, "").replace(/%.*$/, "");
  if (address === undefined || address === "*" || !/^[0-9a-f.:]+$/i.test(address)) return undefined;
  return address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, "");
}

function end(address: string | null, port: number | null): string {
  if (address === null) return "*";
  return `${address.includes(":") ? `[${address}]` : address}:${port ?? "*"}`;
}
