/** Bytes that came too early and wait, for one side of a connection. */
const MAX_PENDING = 65_536;
const MAX_SEGMENTS = 256;

/** A segment of TCP. */
export interface Segment {
  /** Number of its first byte. */
  readonly sequence: number;
  /** What was kept of its payload. */
  readonly bytes: Uint8Array;
  /** Bytes that its payload had. */
  readonly length: number;
}

/** What one side of a connection sends, in order. */
export interface Stream {
  /** Number of the byte that comes next; -1 before anything is known. */
  next: number;
  /** Takes a segment, in whatever order; each byte is handed out once, the first that comes of those that overlap. */
  add(segment: Segment): void;
  /** Hands out what waits, with gaps. */
  flush(): void;
}

/** Who is given the bytes of a stream. */
export interface Listener {
  /** Takes the bytes that come next. */
  readonly data: (bytes: Uint8Array) => void;
  /** So many bytes were not captured. */
  readonly gap: (length: number) => void;
}

/** Makes a {@linkcode Stream}. Where too much waits for a byte that does not come, it is given up as a gap. */
export function createStream({ data, gap }: Listener): Stream {
  const pending: Segment[] = [];
  let held = 0;

  const deliver = ({ sequence, bytes, length }: Segment) => {
    const known = stream.next - sequence | 0;
    if (known >= length) return;
    stream.next = sequence + length >>> 0;
    if (known < bytes.length) data(known > 0 ? bytes.subarray(known) : bytes);
    const missing = length - Math.max(known, bytes.length);
    if (missing > 0) gap(missing);
  };
  const deliverPending = () => {
    while (pending.length > 0 && (pending[0]!.sequence - stream.next | 0) <= 0) {
      const segment = pending.shift()!;
      held -= segment.bytes.length;
      deliver(segment);
    }
  };
  const giveUp = () => {
    const { sequence } = pending[0]!;
    const missing = sequence - stream.next | 0;
    stream.next = sequence;
    gap(missing);
    deliverPending();
  };

  const stream: Stream = {
    next: -1,
    add(segment) {
      if (segment.length === 0) return;
      if (stream.next < 0) stream.next = segment.sequence;
      const ahead = segment.sequence - stream.next | 0;
      if (ahead <= 0) {
        deliver(segment);
        deliverPending();
        return;
      }
      let place = pending.length;
      while (place > 0 && (pending[place - 1]!.sequence - segment.sequence | 0) > 0) place--;
      const before = pending[place - 1];
      if (before?.sequence === segment.sequence && before.length >= segment.length) return;
      pending.splice(place, 0, { ...segment, bytes: segment.bytes.slice() });
      held += segment.bytes.length;
      while (pending.length > MAX_SEGMENTS || held > MAX_PENDING) giveUp();
    },
    flush() {
      while (pending.length > 0) giveUp();
    },
  };
  return stream;
}
