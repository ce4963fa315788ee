import type { Reading } from "../../core/collector.ts";
import type { TcpDetails } from "./inet_diag.ts";
import type { UnixDetails } from "./unix_diag.ts";

/** The row of a TCP socket, as of a time in ms since the epoch; `undefined` where there is nothing to tell. */
export function tcpReading({ inode, backlog, idle }: TcpDetails, now: number): Reading | undefined {
  if (inode === 0 || (backlog === null && idle === null)) return undefined;
  return { row: { inode, backlog, last_activity: idle === null ? null : now - idle } };
}

/** The rows of all unix sockets. The path of a peer that has been accepted is that of the socket which accepted it. */
export function* unixReadings(sockets: readonly UnixDetails[]): Iterable<Reading> {
  const byInode = new Map(sockets.map((socket) => [socket.inode, socket]));
  for (const { inode, listens, peer, receive_queue, send_queue } of sockets) {
    yield {
      row: {
        inode,
        backlog: listens ? send_queue : null,
        receive_queue,
        send_queue: listens ? 0 : send_queue,
        unix_peer: peer === null ? null : byInode.get(peer)?.path ?? null,
      },
    };
  }
}
