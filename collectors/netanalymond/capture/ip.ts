import { ipv4, parseNetworkAddress } from "../../netmond/addresses.ts";
import { createFragments } from "./fragments.ts";
import type { Frame } from "./frame.ts";
import { packetOffset } from "./link.ts";

/** What an IP packet carries, whole again where it came in fragments. */
export interface Datagram {
  /** When its last part was captured, ms since the epoch. */
  readonly time: number;
  /** Number of its protocol (IANA). */
  readonly protocol: number;
  /** Who sent it. */
  readonly source: string;
  /** Whom it is for. */
  readonly destination: string;
  /** How many packets it came in. */
  readonly packets: number;
  /** Bytes of those packets with their IP headers, as these say. */
  readonly size: number;
  /** What was kept of the payload. */
  readonly bytes: Uint8Array;
  /** Bytes that the payload had, by its headers. */
  readonly length: number;
}

/** A packet, or a part of one. */
export interface Packet extends Datagram {
  /** Absent where the packet is whole. */
  readonly fragment?: {
    /** Same for all parts of a packet between the same two. */
    readonly id: number;
    /** Where it belongs, bytes. */
    readonly offset: number;
    /** Whether parts follow it. */
    readonly more: boolean;
  };
}

/** Headers of IPv6 that stand before the payload: hop-by-hop, routing, destination, mobility, HIP and shim6 (RFC 8200). */
const EXTENSIONS: ReadonlySet<number> = new Set([0, 43, 60, 135, 139, 140]);
const FRAGMENT = 44;
const AUTHENTICATION = 51;

/** A packet with more of them is not meant to arrive. */
const MAX_EXTENSIONS = 16;

/**
 * Makes what hands out the datagrams of frames; what is no IP packet is passed over.
 *
 * @param onLost told how many packets make no datagram because there were too many fragments at the same time
 */
export function createDatagrams(
  take: (datagram: Datagram) => void,
  onLost: (packets: number) => void = () => {},
): (frame: Frame) => void {
  const fragments = createFragments(onLost);
  return (frame) => {
    const at = packetOffset(frame);
    if (at < 0) return;
    const packet = frame.bytes[at]! >> 4 === 4 ? readIpv4(frame, at) : readIpv6(frame, at);
    if (!packet) return;
    const whole = packet.fragment ? fragments.add(packet) : packet;
    if (whole) take(whole);
  };
}

function readIpv4({ time, bytes }: Frame, at: number): Packet | undefined {
  if (bytes.length - at < 20) return undefined;
  const header = (bytes[at]! & 15) * 4;
  if (header < 20) return undefined;
  // A packet that the network card will cut up may still lack its length.
  const size = read16(bytes, at + 2) || bytes.length - at;
  if (size < header) return undefined;
  const flags = read16(bytes, at + 6);
  const offset = (flags & 0x1fff) * 8;
  const more = (flags & 0x2000) !== 0;
  return {
    time,
    protocol: bytes[at + 9]!,
    source: ipv4Text(bytes, at + 12),
    destination: ipv4Text(bytes, at + 16),
    packets: 1,
    size,
    bytes: bytes.subarray(at + header, at + size),
    length: size - header,
    ...(offset > 0 || more) && {
      fragment: { id: read16(bytes, at + 4) | bytes[at + 9]! << 16, offset, more },
    },
  };
}

function readIpv6({ time, bytes }: Frame, at: number): Packet | undefined {
  if (bytes.length - at < 40) return undefined;
  const size = read16(bytes, at + 4) > 0 ? read16(bytes, at + 4) + 40 : bytes.length - at;
  const end = at + size;
  let protocol = bytes[at + 6]!;
  let payload = at + 40;
  let fragment: Packet["fragment"];
  for (let count = 0; count < MAX_EXTENSIONS; count++) {
    if (payload + 8 > Math.min(end, bytes.length)) break;
    if (protocol === FRAGMENT) {
      const place = read16(bytes, payload + 2);
      const id = read16(bytes, payload + 4) * 65536 + read16(bytes, payload + 6);
      const more = (place & 1) !== 0;
      // One that is whole in spite of the header needs no putting together (RFC 6946).
      if (place >> 3 > 0 || more) fragment = { id, offset: place & 0xfff8, more };
      protocol = bytes[payload]!;
      payload += 8;
      // What follows belongs to the first part alone.
      if (fragment && fragment.offset > 0) break;
    } else if (EXTENSIONS.has(protocol) || protocol === AUTHENTICATION) {
      const length = bytes[payload + 1]!;
      const next = payload + (protocol === AUTHENTICATION ? (length + 2) * 4 : (length + 1) * 8);
      protocol = bytes[payload]!;
      payload = next;
    } else break;
  }
  if (payload > end) return undefined;
  return {
    time,
    protocol,
    source: ipv6Text(bytes, at + 8),
    destination: ipv6Text(bytes, at + 24),
    packets: 1,
    size,
    bytes: bytes.subarray(Math.min(payload, bytes.length), end),
    length: end - payload,
    ...(fragment && { fragment }),
  };
}

/** Two bytes in the order of the network; what was not kept counts as 0. */
export function read16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) << 8 | (bytes[at + 1] ?? 0);
}

/** Four bytes in the order of the network, without a sign; what was not kept counts as 0. */
export function read32(bytes: Uint8Array, at: number): number {
  return read16(bytes, at) * 65536 + read16(bytes, at + 2);
}

/** Texts of addresses, which repeat from packet to packet; not more than a busy host meets in a while. */
const texts = new Map<string | number, string>();
const MAX_TEXTS = 20_000;

function remembered<K extends string | number>(key: K, make: (key: K) => string): string {
  let text = texts.get(key);
  if (text === undefined) {
    if (texts.size >= MAX_TEXTS) texts.clear();
    texts.set(key, text = make(key));
  }
  return text;
}

/** Four bytes as an IPv4 address. */
export function ipv4Text(bytes: Uint8Array, at: number): string {
  return remembered(read32(bytes, at), ipv4);
}

/** Sixteen bytes as an IPv6 address; one that stands for an IPv4 address as that. */
export function ipv6Text(bytes: Uint8Array, at: number): string {
  let hex = "";
  for (let word = 0; word < 16; word += 4) {
    hex += read32(bytes, at + word).toString(16).padStart(8, "0");
  }
  return remembered(hex, parseNetworkAddress);
}
