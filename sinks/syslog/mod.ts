import type { Sink } from "../../model/sink.ts";
import { SinkError } from "../error.ts";
import { sinkName } from "../name.ts";
import type { SyslogSinkOptions } from "../options.ts";
import { parseAddress } from "./address.ts";
import { syslogMessage } from "./message.ts";
import { openTransport } from "./transport.ts";

/** What servers take at the least over UDP (RFC 5426, section 3.2), and what they take elsewhere unless told otherwise. */
const MAX_SIZE = { udp: 2_048, unix: 8_192, tcp: 8_192, tls: 8_192 } as const;

/**
 * Sends alerts to a syslog server. Syslog has no acknowledgements: over UDP nobody learns that a message was lost, over
 * a stream only a connection that breaks is noticed.
 *
 * @param ownSocket a free path in a folder of this process alone, for servers at a unix socket, or why there is none
 * @throws {TypeError} where the address is none
 */
export function createSyslogSink(
  options: SyslogSinkOptions,
  ownSocket: string | Error,
): Sink & Disposable {
  const address = parseAddress(options.address);
  if (typeof address === "string") throw new TypeError(address);
  const { format, facility, message, timeout } = options;
  const maxSize = options.max_size ?? MAX_SIZE[address.transport];
  const transport = openTransport(address, { ca: options.ca, ownSocket });

  function fault(error: unknown): SinkError {
    const reason = error instanceof Error ? error.message : String(error);
    return new SinkError(
      isTooLong(error) ? "refused" : "unavailable",
      `${options.address}: ${reason}`,
    );
  }

  return {
    name: sinkName(options),
    async send(alert) {
      const bytes = syslogMessage(alert, { format, facility, message, maxSize });
      try {
        await transport.send(bytes, timeout);
      } catch (error) {
        throw fault(error);
      }
    },
    async healthCheck() {
      try {
        await transport.connect(timeout);
        return { healthy: true };
      } catch (error) {
        return { healthy: false, reason: fault(error).message };
      }
    },
    [Symbol.dispose]: () => transport.close(),
  };
}

/** EMSGSIZE: the system carries no message of this length. */
function isTooLong(error: unknown): boolean {
  return error instanceof Error && /Message too long|os error 90\b/.test(error.message);
}
