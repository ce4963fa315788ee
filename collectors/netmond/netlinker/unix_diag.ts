import { decode } from "../../proc/files.ts";
import { readAttributes } from "./messages.ts";

/** What `NETLINK_SOCK_DIAG` tells of a unix socket (sock_diag(7)). */
export interface UnixDetails {
  /** Inode number. */
  readonly inode: number;
  /** Whether it listens. */
  readonly listens: boolean;
  /** Its path as /proc writes it: `@` for each zero byte; NULL where it has none. */
  readonly path: string | null;
  /** Inode number of its peer; NULL without one. */
  readonly peer: number | null;
  /** Bytes, or connections, that wait to be read, or accepted. */
  readonly receive_queue: number | null;
  /** Bytes that the peer has not read; of a listening socket the connections that it lets wait. */
  readonly send_queue: number | null;
}

const AF_UNIX = 1;
const LISTEN = 10;

/** Attributes (linux/unix_diag.h) with the bits that ask for them. */
const NAME = { type: 0, show: 0x01 };
const PEER = { type: 2, show: 0x04 };
const QUEUES = { type: 4, show: 0x10 };

/** Bytes of `struct unix_diag_msg`. */
const MESSAGE = 16;

/** Body of the request for all unix sockets (`struct unix_diag_req`). */
export const UNIX_REQUEST: Uint8Array = unixRequest();

function unixRequest(): Uint8Array {
  const body = new Uint8Array(24);
  const view = new DataView(body.buffer);
  body[0] = AF_UNIX;
  view.setUint32(4, 0xffff_ffff, true);
  view.setUint32(12, NAME.show | PEER.show | QUEUES.show, true);
  return body;
}

/** Reads an answer; `undefined` for what is too short. */
export function parseUnixDetails(body: DataView): UnixDetails | undefined {
  if (body.byteLength < MESSAGE) return undefined;
  const attributes = readAttributes(body, MESSAGE);
  const number = (type: number, at = 0) => {
    const value = attributes.get(type);
    return value && value.byteLength >= at + 4 ? value.getUint32(at, true) : null;
  };
  const name = attributes.get(NAME.type);
  return {
    inode: body.getUint32(4, true),
    listens: body.getUint8(2) === LISTEN,
    path: name && name.byteLength > 0 ? pathOf(name) : null,
    peer: number(PEER.type) || null,
    receive_queue: number(QUEUES.type),
    send_queue: number(QUEUES.type, 4),
  };
}

function pathOf({ buffer, byteOffset, byteLength }: DataView): string {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  const abstract = bytes[0] === 0;
  // The kernel counts the zero that ends a path, and no other.
  const end = abstract || bytes.at(-1) !== 0 ? bytes.length : bytes.length - 1;
  return decode(bytes.subarray(0, end)).replaceAll("\0", "@");
}
