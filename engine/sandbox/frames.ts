/**
 * The messages between the agent and its query processes: two lengths (32 bits, big-endian), a JSON header of the first
 * length, binary payload of the second.
 *
 * @module
 */

/** A message: what it is about, and bytes that JSON should not carry. */
export interface Frame<Header> {
  /** What it is about. */
  readonly header: Header;
  /** The bytes. */
  readonly payload: Uint8Array<ArrayBuffer>;
}

/** The longest header and payload that are accepted; a peer that says more is broken. */
const MAX_HEADER = 1 << 20;
const MAX_PAYLOAD = 0x7fff_ffff;

/** Payloads of so many bytes are written together with their header. */
const MAX_COPIED = 64 << 10;

const NOTHING = new Uint8Array(0);
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Where frames go to: standard input of a process, or one's own standard output. */
export type FrameWriter = WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;

/** Writes a frame; rejects where the peer is gone. */
export async function writeFrame(
  writer: FrameWriter,
  header: unknown,
  payload: Uint8Array<ArrayBuffer> = NOTHING,
): Promise<void> {
  const text = encoder.encode(JSON.stringify(header));
  const length = 8 + text.length;
  // A system call costs more than copying what is small.
  const together = payload.length <= MAX_COPIED;
  const start = new Uint8Array(length + (together ? payload.length : 0));
  const view = new DataView(start.buffer);
  view.setUint32(0, text.length);
  view.setUint32(4, payload.length);
  start.set(text, 8);
  if (together) start.set(payload, length);
  // Without a pause between the two: another frame would come in between.
  const writing = [writer.write(start), ...together ? [] : [writer.write(payload)]];
  await Promise.all(writing);
}

/**
 * Reads frames until the stream ends, or until whoever reads stops: then the stream is closed. Headers are taken at their
 * word: a reader that does not trust its peer checks them.
 *
 * @throws {RangeError} at a frame beyond the limits
 * @throws {SyntaxError} at a header that is not JSON
 */
export async function* readFrames<Header>(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  maxPayload: number = MAX_PAYLOAD,
): AsyncGenerator<Frame<Header>, void, void> {
  const reader = stream.getReader();
  let rest: Uint8Array<ArrayBuffer> = NOTHING;

  /** The next bytes, `undefined` where the stream ends before. */
  async function take(length: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (rest.length >= length) {
      const taken = rest.subarray(0, length);
      rest = rest.subarray(length);
      return taken;
    }
    const taken = new Uint8Array(length);
    let filled = 0;
    while (true) {
      const part = rest.subarray(0, length - filled);
      taken.set(part, filled);
      filled += part.length;
      rest = rest.subarray(part.length);
      if (filled === length) return taken;
      const { value, done } = await reader.read();
      if (done) return undefined;
      rest = value;
    }
  }

  try {
    while (true) {
      const lengths = await take(8);
      if (!lengths) return;
      const view = new DataView(lengths.buffer, lengths.byteOffset);
      const [header, payload] = [view.getUint32(0), view.getUint32(4)];
      if (header > MAX_HEADER || payload > maxPayload) throw new RangeError("a frame is too long");
      const [text, bytes] = [await take(header), await take(payload)];
      if (!text || !bytes) return;
      yield { header: JSON.parse(decoder.decode(text)), payload: bytes };
    }
  } finally {
    // Who stops reading has no use for the rest, and a stream that nobody reads keeps its file open for ever.
    await reader.cancel().catch(() => {});
    reader.releaseLock();
  }
}
