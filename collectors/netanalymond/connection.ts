import { read16, read32 } from "./capture/ip.ts";
import type { Datagram } from "./capture/ip.ts";
import type { Dissector, Emit, Side } from "./exchange.ts";
import type { Flow } from "./flow.ts";
import { recognize } from "./recognize.ts";
import { createStream } from "./stream.ts";

/** Flags of TCP (RFC 9293). */
const FIN = 0x01;
/** A side asks to begin. */
export const SYN = 0x02;
const RST = 0x04;
/** A side acknowledges. */
export const ACK = 0x10;

/** A segment with its ports. */
export interface TcpSegment {
  /** Number of its first byte. */
  readonly sequence: number;
  /** Its flags. */
  readonly flags: number;
  /** What was kept of its payload. */
  readonly bytes: Uint8Array;
  /** Bytes that its payload had. */
  readonly length: number;
}

/** Reads a segment of TCP (RFC 9293, 3.1); `undefined` for what is none. */
export function parseTcp({ bytes, length }: Datagram): TcpSegment | undefined {
  if (bytes.length < 20) return undefined;
  const header = (bytes[12]! >> 4) * 4;
  if (header < 20 || header > length) return undefined;
  return {
    sequence: read32(bytes, 4),
    flags: bytes[13]!,
    bytes: bytes.subarray(header),
    length: length - header,
  };
}

/** Reads the ports, with which TCP, UDP and their like begin. */
export function portsOf({ bytes }: Datagram): readonly [number, number] | undefined {
  return bytes.length < 4 ? undefined : [read16(bytes, 0), read16(bytes, 2)];
}

/** What is said in a connection of TCP. */
export interface Connection {
  /** Takes a segment of a side. */
  add(side: Side, segment: TcpSegment, time: number): void;
  /** Whether a segment begins another connection between the same ports. */
  isAnother(side: Side, segment: TcpSegment): boolean;
  /** Whether anything more of it can be of use. */
  isOpen(): boolean;
  /** Ends it: what waits is handed out. */
  end(): void;
}

/** Bytes by which a protocol is recognized, if at all. */
const ENOUGH = 16;
/**
 * How often it is tried: the beginning may not have been captured, and may have been another protocol's, which then passes
 * on to TLS.
 */
const MAX_TRIES = 64;

const NOTHING = new Uint8Array(0);

/** Makes a {@linkcode Connection}. */
export function createConnection(flow: Flow, emit: Emit): Connection {
  let dissector: Dissector | undefined;
  let open = true;
  let swapped = false;
  let now = 0;
  let tries = 0;
  const first: [Uint8Array, Uint8Array] = [NOTHING, NOTHING];
  const finished = [false, false];
  const begins: [number, number] = [-1, -1];

  const end = () => {
    if (!open) return;
    for (const stream of streams) stream.flush();
    open = false;
    dissector?.end();
    dissector = undefined;
  };
  const pass = (side: Side, bytes: Uint8Array) => {
    const role: Side = swapped ? side === 0 ? 1 : 0 : side;
    if (dissector && !dissector.data(role, bytes, now)) {
      open = false;
      dissector.end();
      dissector = undefined;
    }
  };
  const data = (side: Side, bytes: Uint8Array) => {
    if (!open) return;
    if (dissector) return pass(side, bytes);
    const head = first[side].length === 0 ? bytes : concat(first[side], bytes);
    const found = recognize(head, flow);
    if (found) {
      // Who speaks as a client is one, whatever the ports looked like.
      if (found.speaker !== undefined && found.speaker !== side) {
        swapped = true;
        [flow.source, flow.destination] = [flow.destination, flow.source];
      }
      flow.application = found.protocol;
      dissector = found.create?.(flow, emit);
      if (!dissector) open = false;
      else pass(side, head);
      return;
    }
    first[side] = head.length >= ENOUGH ? NOTHING : head.slice();
    if (++tries >= MAX_TRIES) open = false;
  };
  const gap = (side: Side, length: number) => {
    if (!open) return;
    if (!dissector) first[side] = NOTHING;
    else dissector.gap(swapped ? side === 0 ? 1 : 0 : side, length);
  };
  const streams = ([0, 1] as const).map((side) =>
    createStream({
      data: (bytes) => data(side, bytes),
      gap: (length) => gap(side, length),
    })
  );

  return {
    add(side, { sequence, flags, bytes, length }, time) {
      const stream = streams[side]!;
      now = time;
      if ((flags & SYN) !== 0) {
        begins[side] = sequence;
        if (stream.next < 0) stream.next = sequence + 1 >>> 0;
      }
      const start = (flags & SYN) !== 0 ? sequence + 1 >>> 0 : sequence;
      if (open) stream.add({ sequence: start, bytes, length });
      else if (stream.next < 0 || start === stream.next) stream.next = start + length >>> 0;
      const inPlace = stream.next < 0 || (start + length >>> 0) === stream.next;
      if ((flags & FIN) !== 0 && inPlace) finished[side] = true;
      // One that nobody would obey blinds nobody either.
      const reset = (flags & RST) !== 0 && inPlace;
      if (reset || finished[0] && finished[1]) {
        flow.closed = true;
        end();
      }
    },
    isAnother: (side, { sequence, flags }) =>
      (flags & (SYN | ACK)) === SYN && sequence !== begins[side] &&
      (begins[side] >= 0 || flow.closed || streams[side]!.next >= 0),
    isOpen: () => open,
    end,
  };
}

function concat(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
