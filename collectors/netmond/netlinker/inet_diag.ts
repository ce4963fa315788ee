import { readAttributes } from "./messages.ts";

/** What `NETLINK_SOCK_DIAG` tells of a TCP socket (sock_diag(7)) and /proc does not. */
export interface TcpDetails {
  /** Inode number; 0 where the kernel keeps a connection for no program. */
  readonly inode: number;
  /** Connections that it lets wait; NULL where it does not listen. */
  readonly backlog: number | null;
  /** Milliseconds since data last passed; NULL where it has no connection. */
  readonly idle: number | null;
}

const AF_INET = 2;
const AF_INET6 = 10;
const IPPROTO_TCP = 6;
const INET_DIAG_INFO = 2;
const LISTEN = 10;
/** States of connections that are kept for programs: established, ending, and ended by the peer. */
const CONNECTED: ReadonlySet<number> = new Set([1, 4, 5, 8, 9, 11]);

/** Bytes of `struct inet_diag_msg`. */
const MESSAGE = 72;

/** Bodies of the requests for all TCP sockets (`struct inet_diag_req_v2`). */
export const TCP_REQUESTS: readonly Uint8Array[] = [AF_INET, AF_INET6].map((family) => {
  const body = new Uint8Array(56);
  body.set([family, IPPROTO_TCP, 1 << (INET_DIAG_INFO - 1), 0]);
  new DataView(body.buffer).setUint32(4, 0xffff_ffff, true);
  return body;
});

/** Reads an answer; `undefined` for what is too short. */
export function parseTcpDetails(body: DataView): TcpDetails | undefined {
  if (body.byteLength < MESSAGE) return undefined;
  const state = body.getUint8(1);
  const info = readAttributes(body, MESSAGE).get(INET_DIAG_INFO);
  return {
    inode: body.getUint32(68, true),
    backlog: state === LISTEN ? body.getUint32(60, true) : null,
    idle: CONNECTED.has(state) && info ? idleTime(info) : null,
  };
}

/** `tcpi_last_data_sent` and `tcpi_last_data_recv` of `struct tcp_info` (linux/tcp.h). */
function idleTime(info: DataView): number | null {
  if (info.byteLength < 60) return null;
  return Math.min(info.getUint32(44, true), info.getUint32(52, true));
}
