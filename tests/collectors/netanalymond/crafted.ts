/** Numbers in the order of the network. */
export function be16(...values: readonly number[]): number[] {
  return values.flatMap((value) => [value >> 8 & 255, value & 255]);
}

/** Numbers in the order of the network. */
export function be32(value: number): number[] {
  return [...be16(value >>> 16), ...be16(value & 0xffff)];
}

/** A pcap file of frames, a ms apart. */
export function pcap(
  frames: readonly (readonly number[] | Uint8Array)[],
  { link = 101, little = true, nanoseconds = false } = {},
): Uint8Array {
  const size = frames.reduce((sum, frame) => sum + 16 + frame.length, 24);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4, little);
  view.setUint16(4, 2, little);
  view.setUint16(6, 4, little);
  view.setUint32(16, 262_144, little);
  view.setUint32(20, link, little);
  let at = 24;
  for (const [index, frame] of frames.entries()) {
    view.setUint32(at, 1_700_000_000, little);
    view.setUint32(at + 4, index * (nanoseconds ? 1_000_000 : 1000), little);
    view.setUint32(at + 8, frame.length, little);
    view.setUint32(at + 12, frame.length, little);
    bytes.set(frame, at + 16);
    at += 16 + frame.length;
  }
  return bytes;
}

/** A block of a pcapng file. */
function block(type: number, body: readonly number[], little: boolean): number[] {
  const padded = [...body, ...Array(-body.length & 3).fill(0)];
  const length = u32(padded.length + 12, little);
  return [...u32(type, little), ...length, ...padded, ...length];
}

function u32(value: number, little: boolean): number[] {
  return little ? be32(value).reverse() : be32(value);
}

function u16(value: number, little: boolean): number[] {
  return little ? be16(value).reverse() : be16(value);
}

/** A pcapng file of frames, in one section, with times in µs or by a resolution of its own. */
export function pcapng(
  frames: readonly (readonly number[])[],
  { link = 101, little = true, resolution = 6 } = {},
): Uint8Array {
  const fractions = 10n ** BigInt(resolution);
  const stamp = (index: number) => 1_700_000_000n * fractions + BigInt(index) * fractions / 1000n;
  return Uint8Array.from([
    ...block(0x0a0d0d0a, [
      ...u32(0x1a2b3c4d, little),
      ...u16(1, little),
      0,
      0,
      ...Array(8).fill(255),
    ], little),
    // Of a type that nobody knows.
    ...block(0x4444, [1, 2, 3], little),
    ...block(1, [
      ...u16(link, little),
      0,
      0,
      ...u32(0, little),
      ...u16(9, little),
      ...u16(1, little),
      resolution,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
    ], little),
    ...frames.flatMap((frame, index) =>
      block(6, [
        ...u32(0, little),
        ...u32(Number(stamp(index) >> 32n), little),
        ...u32(Number(stamp(index) & 0xffff_ffffn), little),
        ...u32(frame.length, little),
        ...u32(frame.length, little),
        ...frame,
      ], little)
    ),
  ]);
}

/** An IPv4 packet. */
export function ipv4(
  payload: readonly number[],
  { protocol = 17, from = [10, 0, 0, 1], to = [10, 0, 0, 2], id = 7, fragment = 0 } = {},
): number[] {
  // deno-fmt-ignore
  return [
    0x45, 0, ...be16(20 + payload.length), ...be16(id), ...be16(fragment), 64, protocol, 0, 0,
    ...from, ...to, ...payload,
  ];
}

/** An IPv6 packet from fd00::1 to fd00::2. */
export function ipv6(payload: readonly number[], next = 17): number[] {
  const address = (last: number) => [0xfd, ...Array(14).fill(0), last];
  return [
    0x60,
    0,
    0,
    0,
    ...be16(payload.length),
    next,
    64,
    ...address(1),
    ...address(2),
    ...payload,
  ];
}

/** A UDP datagram. */
export function udp(from: number, to: number, payload: readonly number[]): number[] {
  return [...be16(from, to, 8 + payload.length, 0), ...payload];
}

/** A segment of TCP. */
export function tcp(
  from: number,
  to: number,
  sequence: number,
  payload: readonly number[] | string,
  flags = 0x18,
): number[] {
  const bytes = typeof payload === "string" ? [...new TextEncoder().encode(payload)] : payload;
  // deno-fmt-ignore
  return [
    ...be16(from, to), ...be32(sequence >>> 0), ...be32(0), 0x50, flags, ...be16(1024, 0, 0), ...bytes,
  ];
}

/** A DNS query, or an answer with records. */
export function dns(
  name: readonly number[],
  { id = 1, answer = false, answers = [] as readonly (readonly number[])[] } = {},
): number[] {
  return [
    ...be16(id, answer ? 0x8180 : 0x0100, 1, answers.length, 0, 0),
    ...name,
    ...be16(1, 1),
    ...answers.flat(),
  ];
}

/** A name as DNS has it. */
export function labels(name: string): number[] {
  const parts = name.split(".").map((label) => [...new TextEncoder().encode(label)]);
  return [...parts.flatMap((label) => [label.length, ...label]), 0];
}
