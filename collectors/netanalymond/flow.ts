/** One end of a flow. */
export interface End {
  /** Its address. */
  readonly address: string;
  /** NULL where the protocol knows none. */
  readonly port: number | null;
}

/** What went between two ends. It grows while packets come. */
export interface Flow {
  /** `tcp`, `udp`, `icmp` or what else carries it. */
  readonly transport: string;
  /** The side that opened it. */
  source: End;
  /** The other one. */
  destination: End;
  /** Packets, both ways. */
  packets: number;
  /** Bytes of those packets from the IP header on, both ways. */
  bytes: number;
  /** When its first packet was captured, ms since the epoch. */
  readonly start: number;
  /** When its latest packet was captured, ms since the epoch. */
  latest: number;
  /** Whether both sides have ended it. */
  closed: boolean;
  /** The protocol that it carries, where that was recognized. */
  application?: string;
}

/** Names of protocols by their numbers (IANA Protocol Numbers). */
const TRANSPORTS: ReadonlyMap<number, string> = new Map([
  [1, "icmp"],
  [2, "igmp"],
  [4, "ipip"],
  [6, "tcp"],
  [17, "udp"],
  [33, "dccp"],
  [41, "ipv6"],
  [47, "gre"],
  [50, "esp"],
  [51, "ah"],
  [58, "icmp"],
  [89, "ospf"],
  [132, "sctp"],
  [136, "udplite"],
]);

/** The name of an IP protocol. */
export function transportName(protocol: number): string {
  return TRANSPORTS.get(protocol) ?? `ip-${protocol}`;
}

/** Below are the ports of services that only root may offer (ip(7)). */
const SERVICES = 1024;
/** From here on are the ports that systems choose themselves (ip(7), `ip_local_port_range`). */
const EPHEMERAL = 32_768;

/**
 * Whether the receiver of a packet rather than its sender opened a flow whose beginning was not seen: where the sender's
 * port is one of a service and the receiver's is not.
 */
export function isAnswer(sender: End, receiver: End): boolean {
  if (sender.port === null || receiver.port === null) return false;
  if (sender.port < SERVICES !== receiver.port < SERVICES) return sender.port < SERVICES;
  return sender.port < EPHEMERAL && receiver.port >= EPHEMERAL;
}
