import { CN_PROC, connectorRequest } from "./connector_message.ts";

/** A socket on which the kernel tells what happens to processes. */
export interface ConnectorSocket {
  /** Waits for datagrams of the kernel, at most some seconds, and hands out those that have come. */
  receive(take: (datagram: Uint8Array) => void): Promise<void>;
  /** The time as the kernel's messages have it, ms. */
  now(): number;
  /** Closes the socket, as soon as nobody waits for it. */
  close(): void;
}

const AF_NETLINK = 16;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0x8_0000;
const NETLINK_CONNECTOR = 11;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_RCVTIMEO = 20;
const SO_RCVBUFFORCE = 33;
const SOL_NETLINK = 270;
const NETLINK_NO_ENOBUFS = 5;
const MSG_DONTWAIT = 0x40;
const CLOCK_MONOTONIC = 1;

/** Bytes that may wait to be read; without privileges the kernel grants less. */
const BUFFER = 16 * 2 ** 20;
/** Seconds after which waiting looks whether it is still wanted. */
const PATIENCE = 5n;
/** Datagrams that are taken at once: then others have their turn. */
const MAX_DATAGRAMS = 512;

const SYMBOLS = {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  send: { parameters: ["i32", "buffer", "usize", "i32"], result: "isize" },
  recvfrom: {
    parameters: ["i32", "buffer", "usize", "i32", "buffer", "buffer"],
    result: "isize",
  },
  wait: {
    name: "recvfrom",
    parameters: ["i32", "buffer", "usize", "i32", "buffer", "buffer"],
    result: "isize",
    nonblocking: true,
  },
  close: { parameters: ["i32"], result: "i32" },
  clock_gettime: { parameters: ["i32", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/**
 * Opens the process connector (linux/cn_proc.h), which takes the C library.
 *
 * @throws {Error} in words, where the library cannot be loaded or the kernel refuses
 */
export function openConnectorSocket(library: string): ConnectorSocket {
  const loaded = Deno.dlopen(library, SYMBOLS);
  const libc = loaded.symbols;
  const socket = libc.socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_CONNECTOR);
  let waiting = false;
  let closed = false;
  const shut = () => {
    if (socket >= 0) libc.close(socket);
    loaded.close();
  };
  const set = (level: number, option: number, value: ArrayBufferView<ArrayBuffer>) =>
    libc.setsockopt(socket, level, option, value, value.byteLength) === 0;

  const address = new Uint8Array(12);
  new DataView(address.buffer).setUint16(0, AF_NETLINK, true);
  new DataView(address.buffer).setUint32(8, CN_PROC, true);
  // What is lost shows in the numbers of the messages.
  set(SOL_NETLINK, NETLINK_NO_ENOBUFS, Int32Array.of(1));
  if (!set(SOL_SOCKET, SO_RCVBUFFORCE, Int32Array.of(BUFFER))) {
    set(SOL_SOCKET, SO_RCVBUF, Int32Array.of(BUFFER));
  }
  const request = connectorRequest(true);
  const isOpen = socket >= 0 && libc.bind(socket, address, address.length) === 0 &&
    set(SOL_SOCKET, SO_RCVTIMEO, BigInt64Array.of(PATIENCE, 0n)) &&
    Number(libc.send(socket, request, BigInt(request.length), 0)) === request.length;
  if (!isOpen) {
    shut();
    throw new Error("the kernel does not allow the process connector");
  }

  const bytes = new Uint8Array(65_536);
  const sender = new Uint8Array(12);
  const senderLength = Uint32Array.of(sender.length);
  const hand = (length: number, take: (datagram: Uint8Array) => void) => {
    // Other processes can send to any socket of netlink; the kernel has the id 0.
    const isKernel = new DataView(sender.buffer).getUint32(4, true) === 0;
    if (length > 0 && isKernel) take(bytes.slice(0, length));
  };
  const size = BigInt(bytes.length);

  return {
    async receive(take) {
      waiting = true;
      const length = Number(await libc.wait(socket, bytes, size, 0, sender, senderLength));
      waiting = false;
      if (closed) return shut();
      hand(length, take);
      for (let count = 0; length > 0 && count < MAX_DATAGRAMS; count++) {
        const more = Number(
          libc.recvfrom(socket, bytes, size, MSG_DONTWAIT, sender, senderLength),
        );
        if (more <= 0) break;
        hand(more, take);
      }
    },
    now() {
      const time = new BigInt64Array(2);
      libc.clock_gettime(CLOCK_MONOTONIC, time);
      return Number(time[0]) * 1000 + Number(time[1]) / 1e6;
    },
    close() {
      if (closed) return;
      closed = true;
      if (!waiting) shut();
    },
  };
}
