/** A message of netlink (netlink(7)). Numbers are in the order of the machine, little-endian on all that Deno runs on. */
export interface NetlinkMessage {
  /** What kind of message it is. */
  readonly type: number;
  /** Number of the request that it answers. */
  readonly sequence: number;
  /** What follows the header. */
  readonly body: DataView;
}

/** Bytes of a header (`struct nlmsghdr`). */
const HEADER = 16;

/** Makes a request for all that fits (`NLM_F_REQUEST | NLM_F_DUMP`). */
export function dumpRequest(
  type: number,
  sequence: number,
  body: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const request = new Uint8Array(HEADER + body.length);
  const view = new DataView(request.buffer);
  view.setUint32(0, request.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, 0x301, true);
  view.setUint32(8, sequence, true);
  request.set(body, HEADER);
  return request;
}

/** Reads the messages of one datagram; what is cut short ends it. */
export function* readMessages(datagram: Uint8Array): Iterable<NetlinkMessage> {
  const { buffer, byteOffset } = datagram;
  const view = new DataView(buffer, byteOffset, datagram.length);
  for (let at = 0; at + HEADER <= view.byteLength;) {
    const length = view.getUint32(at, true);
    if (length < HEADER || at + length > view.byteLength) return;
    yield {
      type: view.getUint16(at + 4, true),
      sequence: view.getUint32(at + 8, true),
      body: new DataView(buffer, byteOffset + at + HEADER, length - HEADER),
    };
    at += align(length);
  }
}

/** Reads the attributes behind the fixed part of a message (`struct nlattr`), by type. */
export function readAttributes(body: DataView, from: number): ReadonlyMap<number, DataView> {
  const attributes = new Map<number, DataView>();
  for (let at = from; at + 4 <= body.byteLength;) {
    const length = body.getUint16(at, true);
    if (length < 4 || at + length > body.byteLength) break;
    // The two highest bits are flags.
    const type = body.getUint16(at + 2, true) & 0x3fff;
    attributes.set(type, new DataView(body.buffer, body.byteOffset + at + 4, length - 4));
    at += align(length);
  }
  return attributes;
}

function align(length: number): number {
  return (length + 3) & ~3;
}
