import { createDatagrams, type Datagram } from "./capture/ip.ts";
import type { Frame } from "./capture/frame.ts";
import {
  ACK,
  type Connection,
  createConnection,
  parseTcp,
  portsOf,
  SYN,
  type TcpSegment,
} from "./connection.ts";
import type { Emit, Exchange, Side } from "./exchange.ts";
import { type End, type Flow, isAnswer, transportName } from "./flow.ts";
import { createDnsPairs, type DnsPairs } from "./protocols/dns.ts";
import { parseDns } from "./protocols/dns_message.ts";

/** What of a capture is kept, at most, so that nobody fills the memory by sending packets. */
export interface AnalyserBounds {
  /** Flows; packets of others are counted as lost. */
  readonly flows: number;
  /** Connections that are read at the same time; the one that began first gives way, and is counted as lost. */
  readonly connections: number;
  /** Exchanges; others are counted as lost. */
  readonly exchanges: number;
}

/** The bounds where nobody says otherwise. */
export const ANALYSER_BOUNDS: AnalyserBounds = {
  flows: 200_000,
  connections: 4096,
  exchanges: 200_000,
};

/** What was made of a capture. */
export interface Analysis {
  /** The flows, in the order in which they began. */
  readonly flows: readonly Flow[];
  /** The exchanges, in the order in which they ended. */
  readonly exchanges: readonly Exchange[];
  /** Packets, connections and exchanges beyond the bounds. */
  readonly lost: number;
}

/** Makes flows and exchanges of packets. */
export interface Analyser {
  /** Takes a packet. */
  add(frame: Frame): void;
  /** What has been read so far. */
  readonly analysis: Analysis;
  /** Hands out what has not come to its end; nothing may follow. */
  end(): Analysis;
}

interface Tracked {
  readonly flow: Flow;
  readonly connection?: Connection;
  dns?: DnsPairs;
}

const TCP = 6;
const UDP = 17;
/** UDP, DCCP, SCTP and UDP-Lite begin with ports as TCP does. */
const WITH_PORTS: ReadonlySet<number> = new Set([TCP, UDP, 33, 132, 136]);
const UDP_HEADER = 8;
const DNS_PORT = 53;
/** Names of the link, which are asked of everybody: another protocol in the same clothes. */
const MULTICAST_DNS: ReadonlySet<number | null> = new Set([5353, 5355, 137]);

/**
 * Makes an {@linkcode Analyser}.
 *
 * @param onFlow called when a flow begins
 */
export function createAnalyser(
  onFlow: (flow: Flow) => void = () => {},
  bounds: AnalyserBounds = ANALYSER_BOUNDS,
): Analyser {
  const flows: Flow[] = [];
  const exchanges: Exchange[] = [];
  const tracked = new Map<string, Tracked>();
  const open = new Set<Connection>();
  const analysis = { flows, exchanges, lost: 0 };

  const emit: Emit = (exchange) => {
    if (exchanges.length < bounds.exchanges) exchanges.push(exchange);
    else analysis.lost++;
  };

  const begin = (key: string, datagram: Datagram, ends: readonly [End, End], answer: boolean) => {
    if (flows.length >= bounds.flows) return undefined;
    const [source, destination] = answer ? [ends[1], ends[0]] : ends;
    const flow: Flow = {
      transport: transportName(datagram.protocol),
      source,
      destination,
      packets: 0,
      bytes: 0,
      start: datagram.time,
      latest: datagram.time,
      closed: false,
    };
    const connection = datagram.protocol === TCP ? createConnection(flow, emit) : undefined;
    const one: Tracked = { flow, ...connection && { connection } };
    flows.push(flow);
    tracked.set(key, one);
    if (connection) open.add(connection);
    if (open.size > bounds.connections) {
      const [oldest] = open;
      oldest!.end();
      open.delete(oldest!);
      analysis.lost++;
    }
    onFlow(flow);
    return one;
  };

  const addTcp = ({ connection }: Tracked, side: Side, segment: TcpSegment, time: number) => {
    if (!connection) return;
    connection.add(side, segment, time);
    if (!connection.isOpen()) open.delete(connection);
  };

  const addUdp = (one: Tracked, side: Side, { bytes, time }: Datagram) => {
    const { flow } = one;
    if (flow.application !== undefined && !one.dns) return;
    if (MULTICAST_DNS.has(flow.source.port) || MULTICAST_DNS.has(flow.destination.port)) return;
    const isDns = flow.source.port === DNS_PORT || flow.destination.port === DNS_PORT;
    const message = parseDns(bytes.subarray(UDP_HEADER), !isDns);
    if (!message) return;
    if (!one.dns) {
      if (message.answer === (side === 0)) {
        [flow.source, flow.destination] = [flow.destination, flow.source];
      }
      flow.application = "dns";
      one.dns = createDnsPairs(flow, emit);
    }
    one.dns.take(message, time);
  };

  const take = (datagram: Datagram) => {
    const { protocol, source, destination, time } = datagram;
    const ports = WITH_PORTS.has(protocol) ? portsOf(datagram) : undefined;
    const sender: End = { address: source, port: ports?.[0] ?? null };
    const receiver: End = { address: destination, port: ports?.[1] ?? null };
    const there = `${protocol} ${source} ${sender.port} ${destination} ${receiver.port}`;
    const back = `${protocol} ${destination} ${receiver.port} ${source} ${sender.port}`;
    const segment = protocol === TCP && ports ? parseTcp(datagram) : undefined;

    let key = there;
    let one = tracked.get(there);
    if (!one && (one = tracked.get(back))) key = back;
    if (one?.connection && segment && one.connection.isAnother(key === there ? 0 : 1, segment)) {
      one.connection.end();
      open.delete(one.connection);
      tracked.delete(key);
      one = undefined;
    }
    if (!one) {
      const answer = segment && (segment.flags & SYN) !== 0
        ? (segment.flags & ACK) !== 0
        : isAnswer(sender, receiver);
      key = answer ? back : there;
      one = begin(key, datagram, [sender, receiver], answer);
      if (!one) return void (analysis.lost += datagram.packets);
    }
    const { flow } = one;
    flow.packets += datagram.packets;
    flow.bytes += datagram.size;
    if (time > flow.latest) flow.latest = time;
    const side: Side = key === there ? 0 : 1;
    if (segment) addTcp(one, side, segment, time);
    else if (protocol === UDP && ports) addUdp(one, side, datagram);
  };

  const datagrams = createDatagrams(take, (packets) => analysis.lost += packets);
  return {
    add: datagrams,
    analysis,
    end() {
      for (const { connection, dns } of tracked.values()) {
        connection?.end();
        dns?.end();
      }
      return analysis;
    },
  };
}
