import { bracketed } from "./addresses.ts";
import type { Namespace } from "./namespaces.ts";
import type { Socket } from "./sockets.ts";

/** What tells a socket from others. */
type Ends = Pick<
  Socket,
  "protocol" | "inode" | "local_address" | "local_port" | "remote_address" | "remote_port"
>;

/** Protocol and both ends of a connection; `undefined` for what is none. */
export function endsOf(socket: Ends): string | undefined {
  const { protocol, remote_address, remote_port } = socket;
  if (remote_address === null) return undefined;
  return `${protocol} ${localEnd(socket)} ${end(remote_address, remote_port)}`;
}

/**
 * The `connection_id` of a socket. Its inode number tells it from all others of the host; what has none is known by both
 * ends in its namespace.
 */
export function connectionIdOf(socket: Ends, { name }: Pick<Namespace, "name">): string {
  const what = endsOf(socket) ?? `${socket.protocol} ${localEnd(socket)}`;
  return `${what} ${socket.inode || name}`;
}

/**
 * What tells a socket from others of its protocol in its namespace: the inode number; what no program has, any longer or
 * yet, its ends. A unix socket has its path besides, because a path may imitate the table's line of another socket: then
 * both are shown.
 */
export function keyOf(socket: Ends): number | string {
  const { protocol, inode } = socket;
  if (protocol === "unix") return `${inode} ${socket.local_address}`;
  return inode || (endsOf(socket) ?? localEnd(socket));
}

function localEnd({ local_address, local_port }: Ends): string {
  return end(local_address, local_port);
}

function end(address: string | null, port: number | null): string {
  return address === null ? "*" : port === null ? address : `${bracketed(address)}:${port}`;
}
