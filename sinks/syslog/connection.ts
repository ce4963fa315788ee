import { once } from "node:events";
import { connect as connectSecurely, createSecureContext } from "node:tls";
import type { StreamAddress } from "./address.ts";

/** A connection to a syslog server. */
export interface Connection {
  /** Writes all of it. */
  write(bytes: Uint8Array): Promise<void>;
  /** Resolves when the server has closed it. */
  readonly ended: Promise<void>;
  /** Gives the socket back. */
  close(): void;
}

/**
 * Connects to a server.
 *
 * @param ca PEM file of more authorities to trust, for TLS
 * @param late says that nobody waits for it any more
 * @throws where it is not reached, or is not who it should be
 */
export function connect(
  address: StreamAddress,
  ca: string | undefined,
  late: AbortSignal,
): Promise<Connection> {
  return address.transport === "tcp" ? connectTcp(address, late) : connectTls(address, ca, late);
}

async function connectTcp(
  { hostname, port }: StreamAddress,
  late: AbortSignal,
): Promise<Connection> {
  const connection = await Deno.connect({ hostname, port });
  const close = () => {
    try {
      connection.close();
    } catch {
      // It is closed already.
    }
  };
  if (late.aborted) close();
  return {
    async write(bytes) {
      for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
    },
    ended: endOf(connection),
    close,
  };
}

/** Syslog servers say nothing; reading is how the end of the connection is noticed. */
async function endOf(connection: Deno.TcpConn): Promise<void> {
  const bytes = new Uint8Array(1024);
  try {
    while (await connection.read(bytes) !== null);
  } catch {
    // A reset is an end, too.
  }
}

/**
 * With Node's sockets: Deno's own do not give their file back when they are closed while a server leaves the handshake
 * without an answer.
 */
async function connectTls(
  { hostname, port }: StreamAddress,
  ca: string | undefined,
  late: AbortSignal,
): Promise<Connection> {
  const secureContext = createSecureContext();
  // Not by the option of the context, which would trust nobody else.
  if (ca !== undefined) secureContext.context.addCACert(await Deno.readTextFile(ca));
  const socket = connectSecurely({ host: hostname, port, secureContext });
  const ended = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  // Whoever writes learns of it; without anybody who listens it would end the process.
  socket.on("error", () => {});
  try {
    await once(socket, "secureConnect", { signal: late });
  } catch (error) {
    socket.destroy();
    throw error;
  }
  socket.resume();
  return {
    write: (bytes) =>
      new Promise((resolve, reject) =>
        socket.write(bytes, (error) => error ? reject(error) : resolve())
      ),
    ended,
    close: () => void socket.destroy(),
  };
}
