import type { Socket } from "./sockets.ts";

const LINE = /^[0-9a-f]+ +\d+ +(\d+) +([0-9a-f]{4}) +(\d+) +\d+ +(\d+) +(\d+) +(\d+) *$/;

/** Types of sockets as sys/socket.h numbers them. */
const TYPES: Readonly<Record<string, Socket["socket_type"]>> = {
  2: "dgram",
  3: "raw",
  10: "packet",
};

/**
 * Reads a line of `/proc/<pid>/net/packet` (packet(7)): a socket that sees what passes an interface; `undefined` for the
 * heading and for what is no such line. The interface's number is 0 where it sees all of them.
 */
export function parsePacketLine(line: string): Socket | undefined {
  const match = LINE.exec(line);
  if (!match) return undefined;
  const [, type, ethertype, interfaceIndex, received, uid, inode] = match;
  return {
    protocol: "packet",
    family: "packet",
    socket_type: TYPES[type!] ?? null,
    local_address: null,
    local_port: null,
    remote_address: null,
    remote_port: null,
    state: null,
    inode: Number(inode),
    uid: Number(uid),
    flags: null,
    receive_queue: Number(received),
    send_queue: null,
    platform_data: `{"ethertype":"0x${ethertype}","interface_index":${interfaceIndex}}`,
  };
}
