import { parseKernelAddress } from "./addresses.ts";
import type { Socket } from "./sockets.ts";

/** What is the same for all sockets of a table. */
export type InetTable = Pick<Socket, "protocol" | "family" | "socket_type">;

/**
 * The kernel's numbers of states (net/tcp_states.h), which other protocols borrow: 1 is connected, 7 is not, which is no
 * state. 12 is a connection that a listener has not yet answered.
 */
const STATES: Readonly<Record<string, Socket["state"]>> = {
  "01": "established",
  "02": "syn_sent",
  "03": "syn_received",
  "04": "fin_wait1",
  "05": "fin_wait2",
  "06": "time_wait",
  "07": "closed",
  "08": "close_wait",
  "09": "last_ack",
  "0A": "listening",
  "0B": "closing",
  "0C": "syn_received",
};

/**
 * How long a connection waits for late packets, ms (TCP_TIMEWAIT_LEN, net/tcp.h). What is left of it stands in the table
 * as timer 3, in hundredths of a second.
 */
const TIME_WAIT = 60_000;

const LINE =
  /^ *\d+: ([0-9A-F]{8,32}):([0-9A-F]{4}) ([0-9A-F]{8,32}):([0-9A-F]{4}) ([0-9A-F]{2}) ([0-9A-F]{8,16}):([0-9A-F]{8,16}) (?:03:([0-9A-F]{8})|\S+) \S+ +(\d+) +-?\d+ (\d+) /;

/**
 * Reads a line of `/proc/<pid>/net/tcp` and its like (proc_pid_net(5)); `undefined` for a heading and for what is no such
 * line. A table of raw sockets has the number of the IP protocol in the place of the local port, one of ICMP sockets the
 * identifier of their echo requests. What waits to be accepted by a listening socket is its receive queue.
 */
export function parseInetLine(line: string, table: InetTable): Socket | undefined {
  const match = LINE.exec(line);
  if (!match) return undefined;
  const [, local, localPort, remote, remotePort, number, sent, received, left, uid, inode] =
    match as unknown as Record<number, string> & string[];
  const closed = number === "06" && left ? TIME_WAIT - 10 * parseInt(left, 16) : undefined;
  if (!fits(local!, table) || !fits(remote!, table)) return undefined;
  const raw = table.protocol === "raw";
  const port = parseInt(localPort!, 16);
  const farPort = parseInt(remotePort!, 16);
  const state = STATES[number!] ?? null;
  const alone = farPort === 0 && NOWHERE.test(remote!);
  return {
    ...table,
    local_address: parseKernelAddress(local!),
    local_port: raw ? null : port,
    remote_address: alone ? null : parseKernelAddress(remote!),
    remote_port: alone || raw ? null : farPort,
    state: state === "closed" && table.protocol !== "tcp" ? null : state,
    inode: Number(inode),
    // What has no inode has no owner either: the kernel writes 0, or that of the listener.
    uid: inode === "0" ? null : Number(uid),
    flags: null,
    receive_queue: parseInt(received!, 16),
    send_queue: parseInt(sent!, 16),
    platform_data: raw ? `{"ip_protocol":${port}}` : null,
    ...(closed !== undefined && closed >= 0 && { closed }),
  };
}

const NOWHERE = /^0+$/;

function fits(address: string, { family }: InetTable): boolean {
  return address.length === (family === "inet" ? 8 : 32);
}
