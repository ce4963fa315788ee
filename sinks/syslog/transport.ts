import { deadline } from "../deadline.ts";
import type { StreamAddress, SyslogAddress } from "./address.ts";

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
  /** A path that is free, in a folder of this process alone: a unix socket needs one of its own. */
  readonly ownSocket: string;
}

/**
 * Opens the transport that an address names. Nothing is connected yet.
 *
 * @throws {Error} where the system gives no socket
 */
export function openTransport(address: SyslogAddress, options: TransportOptions): Transport {
  return address.transport === "unix" || address.transport === "udp"
    ? datagramTransport(address, options.ownSocket)
    : streamTransport(() => connectStream(address, options.ca));
}

function datagramTransport(
  address: Exclude<SyslogAddress, StreamAddress>,
  ownSocket: string,
): Transport {
  const target: Deno.Addr = address.transport === "unix"
    ? { transport: "unixpacket", path: address.path }
    : { transport: "udp", hostname: address.hostname, port: address.port };
  // At once, since the folder of a unix socket need not be there for long.
  const socket = address.transport === "unix"
    ? bindUnnamed(ownSocket)
    : Deno.listenDatagram({ transport: "udp", hostname: anyAddress(address.hostname), port: 0 });
  return {
    connect() {
      if (address.transport === "unix") Deno.lstatSync(address.path);
      return Promise.resolve();
    },
    send: (message, timeout) =>
      deadline(timeout, async () => void await socket.send(message, target)),
    close: () => socket.close(),
  };
}

/** A socket to send from. Its name, without which Deno opens none, is of no use to anybody and goes at once. */
function bindUnnamed(path: string): Deno.DatagramConn {
  const socket = Deno.listenDatagram({ transport: "unixpacket", path });
  Deno.removeSync(path);
  return socket;
}

/** The address of all interfaces, of the family of a server's address. Servers by name are looked for with IPv4. */
function anyAddress(hostname: string): string {
  return hostname.includes(":") ? "::" : "0.0.0.0";
}

async function connectStream(
  { transport, hostname, port }: StreamAddress,
  ca: string | undefined,
): Promise<Deno.Conn> {
  if (transport === "tcp") return await Deno.connect({ hostname, port });
  const caCerts = ca === undefined ? [] : [await Deno.readTextFile(ca)];
  const connection = await Deno.connectTls({ hostname, port, caCerts });
  try {
    await connection.handshake();
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** A server that has closed the connection may tell so only after it was written to, ms. */
const GRACE = 20;

/** Messages over a stream, each with its length before it (RFC 6587, section 3.4.1; RFC 5425). */
function streamTransport(connect: () => Promise<Deno.Conn>): Transport {
  let current: { readonly connection: Deno.Conn; closed: boolean } | undefined;

  function close(): void {
    try {
      current?.connection.close();
    } catch {
      // It is closed already.
    }
    current = undefined;
  }

  /** Syslog servers say nothing; reading is how the end of the connection is noticed. */
  async function watch(watched: NonNullable<typeof current>): Promise<void> {
    const bytes = new Uint8Array(1024);
    try {
      while (await watched.connection.read(bytes) !== null);
    } catch {
      // A reset is an end, too.
    }
    watched.closed = true;
  }

  let opening: Promise<NonNullable<typeof current>> | undefined;

  /** Whoever asks while it is being opened gets the same one. */
  async function open(timeout: number): Promise<NonNullable<typeof current>> {
    if (current?.closed) close();
    return current ?? await (opening ??= openAnew(timeout).finally(() => opening = undefined));
  }

  async function openAnew(timeout: number): Promise<NonNullable<typeof current>> {
    const connection = await deadline(timeout, connect, (late) => late.close());
    current = { connection, closed: false };
    watch(current);
    return current;
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
        await deadline(timeout, async () => {
          for (let at = 0; at < frame.length;) {
            at += await opened.connection.write(frame.subarray(at));
          }
        });
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
