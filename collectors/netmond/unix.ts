import type { Socket } from "./sockets.ts";

const LINE =
  /^\S+: [0-9A-F]{8} [0-9A-F]{8} ([0-9A-F]{8}) ([0-9A-F]{4}) ([0-9A-F]{2}) +(\d+)(?: ([^]*))?$/;

/** Types of sockets as sys/socket.h numbers them. */
const TYPES: Readonly<Record<string, Socket["socket_type"]>> = {
  "0001": "stream",
  "0002": "dgram",
  "0005": "seqpacket",
};

/** States as linux/net.h numbers them, in the words of TCP; 1 is unconnected, which is no state. */
const STATES: Readonly<Record<string, Socket["state"]>> = {
  "02": "syn_sent",
  "03": "established",
  "04": "closing",
};

/** `__SO_ACCEPTCON`: it listens. */
const LISTENS = 0x1_0000;

/** No path is longer, even where each of its bytes has become three of U+FFFD. */
const MAX_PATH = 3 * 108;

/** Reads `/proc/<pid>/net/unix` line by line. */
export interface UnixParser {
  /** Takes a line. */
  line(text: string): void;
  /** Tells that there are no more lines. */
  end(): void;
}

/**
 * Makes a parser of the table of unix sockets (proc_pid_net(5)). A program chooses the path, and may put line breaks
 * there: a line that is none of the table's continues the path before it. Who writes one that looks like the table's makes
 * a row for a socket that is not there; it takes no other row away. The kernel writes `@` for each zero byte, and so at the
 * beginning of an abstract name.
 */
export function createUnixParser(take: (socket: Socket) => void): UnixParser {
  let current: string | undefined;
  const end = () => {
    const socket = current === undefined ? undefined : parse(current);
    if (socket) take(socket);
    current = undefined;
  };
  return {
    line(text) {
      if (LINE.test(text)) {
        end();
        current = text;
      } else if (current !== undefined && current.length + text.length < 128 + MAX_PATH) {
        current += `\n${text}`;
      }
    },
    end,
  };
}

function parse(text: string): Socket | undefined {
  const match = LINE.exec(text);
  if (!match) return undefined;
  const [, hex, type, state, inode, path] = match;
  // A connection that waits to be accepted is no socket yet; the listening one counts it.
  if (inode === "0") return undefined;
  const flags = parseInt(hex!, 16);
  return {
    protocol: "unix",
    family: "unix",
    socket_type: TYPES[type!] ?? null,
    local_address: path ?? null,
    local_port: null,
    remote_address: null,
    remote_port: null,
    state: (flags & LISTENS) !== 0 ? "listening" : STATES[state!] ?? null,
    inode: Number(inode),
    uid: null,
    flags,
    receive_queue: null,
    send_queue: null,
    platform_data: null,
  };
}
