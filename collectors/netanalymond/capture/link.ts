import type { Frame } from "./frame.ts";

/** EtherTypes (IEEE 802 numbers). */
const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const TAGS: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100]);

/** Tags of virtual networks that one frame may have; QinQ has two. */
const MAX_TAGS = 4;

/** How to find what a frame carries: its EtherType, 0 where the packet tells its version itself, and where it begins. */
type Envelope = (bytes: Uint8Array) => { readonly type: number; readonly at: number };

const ethernet: Envelope = (bytes) => tagged(bytes, 12);
const raw: Envelope = () => ({ type: 0, at: 0 });
/** A family of addresses, whose numbers differ from system to system; the packet tells its version better. */
const loopback: Envelope = () => ({ type: 0, at: 4 });

/** By the numbers of https://www.tcpdump.org/linktypes.html. */
const ENVELOPES: ReadonlyMap<number, Envelope> = new Map([
  [0, loopback],
  [1, ethernet],
  [12, raw],
  [14, raw],
  [101, raw],
  [108, loopback],
  // Linux "cooked": of any interface, in the first version and in the second.
  [113, (bytes) => tagged(bytes, 14)],
  [228, raw],
  [229, raw],
  [276, (bytes) => {
    const type = (bytes[0] ?? 0) << 8 | (bytes[1] ?? 0);
    return TAGS.has(type) ? tagged(bytes, 22) : { type: type || -1, at: 20 };
  }],
]);

/** Where the IP packet of a frame begins; -1 where it carries none, or nothing of it was kept. */
export function packetOffset({ link, bytes }: Frame): number {
  const envelope = ENVELOPES.get(link);
  if (!envelope) return -1;
  const { type, at } = envelope(bytes);
  if (at >= bytes.length) return -1;
  const version = bytes[at]! >> 4;
  const fits = type === 0 || version === 4 && type === IPV4 || version === 6 && type === IPV6;
  return fits && (version === 4 || version === 6) ? at : -1;
}

/** Passes over the tags of virtual networks. */
function tagged(bytes: Uint8Array, at: number): { readonly type: number; readonly at: number } {
  for (let tags = 0; tags <= MAX_TAGS; tags++) {
    const type = (bytes[at] ?? 0) << 8 | (bytes[at + 1] ?? 0);
    if (!TAGS.has(type)) return { type: type || -1, at: at + 2 };
    at += 4;
  }
  return { type: -1, at };
}
