import { type Frame, type FrameFormat, MAX_FRAME } from "./frame.ts";

/** Types of blocks (draft-ietf-opsawg-pcapng). The section header reads the same in either order of bytes. */
const SECTION = 0x0a0d_0d0a;
const INTERFACE = 1;
const OLD_PACKET = 2;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;

/** Options of an interface: how many fractions a second, and what is to be added to each time. */
const RESOLUTION = 9;
const OFFSET = 14;

/** What is longer is no block: packets are the largest, and have few options. */
const MAX_BLOCK = MAX_FRAME + (1 << 20);

/** Further from the epoch, in ms, is no time of ECMAScript, nor anybody's. */
const MAX_TIME = 8.64e15;

/** A section with more interfaces than any host has is damaged. */
const MAX_INTERFACES = 4096;

interface Interface {
  readonly link: number;
  /** Fractions a ms. */
  readonly fractions: number;
  /** ms. */
  readonly offset: number;
}

/** Whether four bytes, read as little-endian, begin such a file. */
export function isPcapng(magic: number): boolean {
  return magic === SECTION;
}

/** Reads a pcapng file, also one of several sections. Blocks that hold no packet are passed over. */
export function createPcapng(): FrameFormat {
  let little = true;
  let interfaces: Interface[] = [];
  let latest = 0;

  const packet = (view: DataView, type: number): Frame | undefined => {
    const simple = type === SIMPLE_PACKET;
    const header = simple ? 4 : 20;
    if (view.byteLength < header) throw new SyntaxError("a packet's block is too short");
    const index = simple
      ? 0
      : type === ENHANCED_PACKET
      ? view.getUint32(0, little)
      : view.getUint16(0, little);
    const from = interfaces[index];
    if (!from) throw new SyntaxError("a packet comes from no interface");
    const room = view.byteLength - header;
    const length = simple ? Math.min(view.getUint32(0, little), room) : view.getUint32(12, little);
    if (length > room) throw new SyntaxError("a packet is longer than its block");
    if (!simple) {
      const stamp = view.getUint32(4, little) * 2 ** 32 + view.getUint32(8, little);
      latest = stamp / from.fractions + from.offset;
      if (!(Math.abs(latest) <= MAX_TIME)) throw new SyntaxError("a packet's time is none");
    }
    const bytes = new Uint8Array(view.buffer, view.byteOffset + header, length);
    return { time: latest, link: from.link, bytes };
  };

  return {
    step(bytes, at, take) {
      const rest = bytes.length - at;
      if (rest < 12) return at;
      const view = new DataView(bytes.buffer, bytes.byteOffset + at, rest);
      let type = view.getUint32(0, little);
      if (type === SECTION) {
        little = view.getUint32(8, true) === 0x1a2b_3c4d;
        interfaces = [];
        type = SECTION;
      }
      const length = view.getUint32(4, little);
      if (length < 12 || length % 4 !== 0 || length > MAX_BLOCK) {
        throw new SyntaxError(`a block of ${length} bytes is none`);
      }
      if (rest < length) return at;
      const body = new DataView(bytes.buffer, bytes.byteOffset + at + 8, length - 12);
      if (type === INTERFACE) {
        if (interfaces.length === MAX_INTERFACES) throw new SyntaxError("too many interfaces");
        interfaces.push(readInterface(body, little));
      } else if (type === ENHANCED_PACKET || type === SIMPLE_PACKET || type === OLD_PACKET) {
        const frame = packet(body, type);
        if (frame) take(frame);
      }
      return at + length;
    },
  };
}

function readInterface(body: DataView, little: boolean): Interface {
  if (body.byteLength < 8) throw new SyntaxError("an interface's block is too short");
  let fractions = 1000;
  let offset = 0;
  for (let at = 8; at + 4 <= body.byteLength;) {
    const code = body.getUint16(at, little);
    const length = body.getUint16(at + 2, little);
    const value = at + 4;
    if (code === 0 || value + length > body.byteLength) break;
    if (code === RESOLUTION && length === 1) {
      const power = body.getUint8(value);
      fractions = ((power & 0x80) === 0 ? 10 ** power : 2 ** (power & 0x7f)) / 1000;
    }
    if (code === OFFSET && length === 8) offset = Number(body.getBigInt64(value, little)) * 1000;
    at = value + (length + 3 & ~3);
  }
  return { link: body.getUint16(0, little), fractions, offset };
}
