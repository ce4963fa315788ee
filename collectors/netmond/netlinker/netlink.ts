import { dumpRequest, readMessages } from "./messages.ts";

/** A socket of `NETLINK_SOCK_DIAG`. */
export interface Netlink extends Disposable {
  /** Asks for all that a request describes, and hands out the body of each answer. Throws `Error`, in words. */
  dump(request: Uint8Array, take: (body: DataView) => void): void;
}

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0x8_0000;
const NETLINK_SOCK_DIAG = 4;
const SOL_SOCKET = 1;
const SO_RCVTIMEO = 20;
const SOCK_DIAG_BY_FAMILY = 20;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;

/** Seconds in which the kernel must answer. */
const PATIENCE = 5n;

/** Opens a socket through the C library in this file. Throws `Error`, in words. */
export function openNetlink(libc: string): Netlink {
  const library = Deno.dlopen(libc, {
    socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
    setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
    send: { parameters: ["i32", "buffer", "usize", "i32"], result: "isize" },
    recv: { parameters: ["i32", "buffer", "usize", "i32"], result: "isize" },
    close: { parameters: ["i32"], result: "i32" },
  });
  const { socket, setsockopt, send, recv, close } = library.symbols;
  const file = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  if (file < 0) {
    library.close();
    throw new Error("the kernel gives no netlink socket");
  }
  const timeout = new BigInt64Array([PATIENCE, 0n]);
  setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, timeout, timeout.byteLength);
  const buffer = new Uint8Array(65_536);
  let sequence = 0;

  return {
    dump(body, take) {
      const request = dumpRequest(SOCK_DIAG_BY_FAMILY, ++sequence, body);
      if (Number(send(file, request, BigInt(request.length), 0)) !== request.length) {
        throw new Error("netlink takes no request");
      }
      while (true) {
        const length = Number(recv(file, buffer, BigInt(buffer.length), 0));
        if (length <= 0) throw new Error("netlink does not answer");
        for (const message of readMessages(buffer.subarray(0, length))) {
          if (message.sequence !== sequence) continue;
          if (message.type === NLMSG_DONE) return;
          if (message.type === NLMSG_ERROR) throw new Error("netlink refuses the request");
          take(message.body);
        }
      }
    },
    [Symbol.dispose]() {
      close(file);
      library.close();
    },
  };
}
