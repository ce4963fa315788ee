import { read16 } from "./capture/ip.ts";
import { type Dissector, type Emit, type Side, textOf } from "./exchange.ts";
import type { Flow } from "./flow.ts";
import { createDnsDissector } from "./protocols/dns.ts";
import { parseDns } from "./protocols/dns_message.ts";
import { beginsAnswer, beginsRequest, createHttpDissector } from "./protocols/http.ts";
import { beginsStratum, createStratumDissector } from "./protocols/stratum.ts";
import { beginsTls, createTlsDissector } from "./protocols/tls.ts";

/** A protocol that was recognized. */
export interface Recognized {
  /** Its name. */
  readonly protocol: string;
  /** Whether a client (0) or a server (1) spoke; absent where both begin so. */
  readonly speaker?: Side;
  /** Makes what reads it; absent where there is nothing to be read. */
  readonly create?: (flow: Flow, emit: Emit) => Dissector;
}

const DNS_PORT = 53;

/** Recognizes what a side of a connection begins with. */
export function recognize(bytes: Uint8Array, flow: Flow): Recognized | undefined {
  const tls = beginsTls(bytes);
  if (tls !== undefined) return { protocol: "tls", speaker: tls, create: createTlsDissector };
  if (beginsRequest(bytes)) return { protocol: "http", speaker: 0, create: createHttpDissector };
  if (beginsAnswer(bytes)) return { protocol: "http", speaker: 1, create: createHttpDissector };
  if (beginsStratum(bytes)) {
    return { protocol: "stratum", speaker: 0, create: createStratumDissector };
  }
  if (textOf(bytes.subarray(0, 4)) === "SSH-") return { protocol: "ssh" };
  const isDns = flow.source.port === DNS_PORT || flow.destination.port === DNS_PORT;
  const message = bytes.subarray(2, 2 + read16(bytes, 0));
  const parsed = message.length > 0 ? parseDns(message, !isDns) : undefined;
  if (!parsed) return undefined;
  return { protocol: "dns", speaker: parsed.answer ? 1 : 0, create: createDnsDissector };
}
