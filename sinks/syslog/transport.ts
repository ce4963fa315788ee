import { deadline } from "../deadline.ts";
import type { StreamAddress, SyslogAddress } from "./address.ts";
import { connect, type Connection } from "./connection.ts";

/** What carries messages to a syslog server. */
export interface Transport {
  /**
   * Sends a message.
   *
   * @throws where it did not get on its way within the timeout, ms
   */
  send(message: Uint8Array<ArrayBuffer>, timeout: number): Promise<void>;
  /** Makes sure that messages can be sent. */
  connect(timeout: number): Promise<void>;
  /** Gives the socket back. */
  close(): void;
}

/** What a transport is opened with. */
export interface TransportOptions {
  /** PEM file of authorities, for TLS. */
  readonly ca: string | undefined;
  /** A path that is free, in a folder of this process alone: a unix socket needs one of its own. Or why there is none. */
  readonly ownSocket: string | Error;
}

/** Opens the transport that an address names. Nothing is connected yet. Where the system gives no socket, sending fails. */
export function openTransport(address: SyslogAddress, options: TransportOptions): Transport {
  return address.transport === "unix" || address.transport === "udp"
    ? datagramTransport(address, options.ownSocket)
    : streamTransport((late) => connect(address, options.ca, late));
}

function datagramTransport(
  address: Exclude<SyslogAddress, StreamAddress>,
  ownSocket: string | Error,
): Transport {
  const target: Deno.Addr = address.transport === "unix"
    ? { transport: "unixpacket", path: address.path }
    : { transport: "udp", hostname: address.hostname, port: address.port };

  function bind(): Deno.DatagramConn | Error {
    try {
      return address.transport === "unix" ? bindUnnamed(ownSocket) : Deno.listenDatagram({
        transport: "udp",
        hostname: anyAddress(address.hostname),
        port: 0,
      });
    } catch (error) {
      return new Error(`there is no socket to send from: ${(error as Error).message}`);
    }
  }

  // At once, since the folder of a unix socket need not be there for long.
  let bound = bind();

  /** The socket; where the system gave none, it is asked again, unless that would need the folder. */
  function socket(): Deno.DatagramConn {
    if (bound instanceof Error && address.transport === "udp") bound = bind();
    if (bound instanceof Error) throw bound;
    return bound;
  }

  return {
    async connect() {
      socket();
      if (address.transport === "unix") await Deno.lstat(address.path);
    },
    send: (message, timeout) =>
      deadline(timeout, async () => void await socket().send(message, target)),
    close() {
      if (!(bound instanceof Error)) bound.close();
    },
  };
}

/** A socket to send from. Its name, without which Deno opens none, is of no use to anybody and goes at once. */
function bindUnnamed(path: string | Error): Deno.DatagramConn {
  if (path instanceof Error) throw path;
  const socket = Deno.listenDatagram({ transport: "unixpacket", path });
  Deno.removeSync(path);
  return socket;
}

/** The address of all interfaces, of the family of a server's address. Servers by name are looked for with IPv4. */
function anyAddress(hostname: string): string {
  return hostname.includes(":") ? "::" : "0.0.0.0";
}

/** A server that has closed the connection may tell so only after it was written to, ms. */
const GRACE = 20;

/** A connection, and whether the server has closed it. */
interface Opened {
  readonly connection: Connection;
  closed: boolean;
}

/** Messages over a stream, each with its length before it (RFC 6587, section 3.4.1; RFC 5425). */
function streamTransport(connect: (late: AbortSignal) => Promise<Connection>): Transport {
  let current: Opened | undefined;

  function close(): void {
    current?.connection.close();
    current = undefined;
  }

  let opening: Promise<Opened> | undefined;

  /** Whoever asks while it is being opened gets the same one. */
  async function open(timeout: number): Promise<Opened> {
    if (current?.closed) close();
    return current ?? await (opening ??= openAnew(timeout).finally(() => opening = undefined));
  }

  async function openAnew(timeout: number): Promise<Opened> {
    const connection = await deadline(timeout, connect);
    const opened: Opened = { connection, closed: false };
    connection.ended.then(() => opened.closed = true);
    return current = opened;
  }

  return {
    async connect(timeout) {
      await open(timeout);
    },
    async send(message, timeout) {
      const length = new TextEncoder().encode(`${message.length} `);
      const frame = new Uint8Array(length.length + message.length);
      frame.set(length);
      frame.set(message, length.length);
      try {
        const opened = await open(timeout);
        await deadline(timeout, () => opened.connection.write(frame));
        await new Promise((resolve) => setTimeout(resolve, GRACE));
        if (opened.closed) throw new Error("the server has closed the connection");
      } catch (error) {
        close();
        throw error;
      }
    },
    close,
  };
}
