import type { Datagram, Packet } from "./ip.ts";

/** Packets that are being put together, at most; the one that began first gives way. */
const MAX_PACKETS = 256;
/** No IP packet is longer. */
const MAX_LENGTH = 65_535;
/** Parts of one packet; of the smallest links there are fewer. */
const MAX_PARTS = 128;
/** How long parts are waited for, ms (RFC 8200 says a minute). */
const PATIENCE = 60_000;

interface Unfinished {
  readonly since: number;
  readonly parts: Packet[];
  /** Bytes of parts that are there. */
  held: number;
  /** Length of the whole; NaN until the last part says it. */
  length: number;
}

/** Puts packets together that came in fragments. */
export interface Fragments {
  /** Takes a part; answers the packet that it was the last part of. */
  add(part: Packet): Datagram | undefined;
}

/**
 * Makes a {@linkcode Fragments}. Parts that overlap make no packet: no sender makes such, and receivers disagree about
 * them (RFC 5722). The same part twice is one. Parts that were not kept whole make none either.
 *
 * @param onLost told how many parts gave way to others, because there were too many at the same time
 */
export function createFragments(onLost: (parts: number) => void): Fragments {
  const unfinished = new Map<string, Unfinished>();
  const giveWay = (now: number) => {
    const [oldest] = unfinished;
    const [key, { since, parts }] = oldest!;
    unfinished.delete(key);
    // The rest of one that is older is not to be expected any more.
    if (now - since <= PATIENCE) onLost(parts.length);
  };
  return {
    add(part) {
      const { time, source, destination, bytes, length, fragment } = part;
      const { id, offset, more } = fragment!;
      if (length === 0 || bytes.length < length || offset + length > MAX_LENGTH) return undefined;
      const key = `${source} ${destination} ${id}`;
      let packet = unfinished.get(key);
      if (packet && time - packet.since > PATIENCE) packet = undefined;
      if (!packet) {
        unfinished.delete(key);
        if (unfinished.size === MAX_PACKETS) giveWay(time);
        unfinished.set(key, packet = { since: time, parts: [], held: 0, length: NaN });
      }
      const { parts } = packet;
      for (const { fragment: other, length: otherLength } of parts) {
        if (offset >= other!.offset + otherLength || other!.offset >= offset + length) continue;
        if (offset === other!.offset && length === otherLength) return undefined;
        unfinished.delete(key);
        return undefined;
      }
      if (parts.length === MAX_PARTS) {
        unfinished.delete(key);
        onLost(parts.length + 1);
        return undefined;
      }
      parts.push({ ...part, bytes: bytes.slice() });
      packet.held += length;
      if (!more) packet.length = offset + length;
      if (packet.held !== packet.length) return undefined;
      unfinished.delete(key);
      return join(parts, packet.length);
    },
  };
}

function join(parts: readonly Packet[], length: number): Datagram {
  const whole = new Uint8Array(length);
  for (const { bytes, fragment } of parts) whole.set(bytes, fragment!.offset);
  const first = parts.find(({ fragment }) => fragment!.offset === 0)!;
  return {
    time: Math.max(...parts.map(({ time }) => time)),
    protocol: first.protocol,
    source: first.source,
    destination: first.destination,
    packets: parts.length,
    size: parts.reduce((sum, { size }) => sum + size, 0),
    bytes: whole,
    length,
  };
}
