import type { Socket } from "./sockets.ts";

/** Which side opened a connection; NULL for what is none, and where that cannot be told. */
export type Direction = "inbound" | "outbound" | null;

/** Where connections can come in, in one network namespace. */
export interface Doors {
  /** Notes a socket that others can connect to. */
  add(socket: Socket): void;
  /** Which side opened a connection. */
  directionOf(socket: Socket): Direction;
}

const ANY_IPV4 = "0.0.0.0";
const ANY_IPV6 = "::";

/**
 * Makes a {@linkcode Doors}. The kernel does not keep who opened a connection, so this is told from ports: it is inbound
 * where a socket of the same protocol listens on its local port, at its local address or at all of them, and outbound
 * otherwise. For UDP, which has no listening, that is a socket without a peer. A connection of a listener that has
 * closed meanwhile would so look outbound; what was told once of a connection is therefore kept (see `history.ts`). A
 * unix socket is inbound where it has the path of one that listens: the other side mostly has none, and so is unknown.
 */
export function createDoors(): Doors {
  const doors = new Set<string>();
  return {
    add(socket) {
      const { protocol, state, local_address, local_port, remote_address } = socket;
      const open = protocol === "tcp" || protocol === "unix"
        ? state === "listening"
        : remote_address === null && local_port !== 0;
      if (open) doors.add(`${protocol} ${local_address} ${local_port}`);
    },
    directionOf({ protocol, state, local_address, local_port, remote_address }) {
      if (protocol === "unix") {
        const known = state === "established" && local_address !== null;
        return known && doors.has(`unix ${local_address} null`) ? "inbound" : null;
      }
      if (remote_address === null || local_port === null) return null;
      if (state === "syn_sent") return "outbound";
      if (state === "syn_received") return "inbound";
      const isOpen = (address: string | null) => doors.has(`${protocol} ${address} ${local_port}`);
      const inbound = isOpen(local_address) || isOpen(ANY_IPV6) ||
        (!local_address?.includes(":") && isOpen(ANY_IPV4));
      return inbound ? "inbound" : "outbound";
    },
  };
}
