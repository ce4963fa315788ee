const NEWLINE = 0x0a;

/**
 * Splits a stream of bytes into lines. A line longer than `cap` bytes is not kept: it comes as `undefined` in its place,
 * so that whoever sends it costs no memory and can be counted. What follows the last newline is no line.
 */
export async function* readLines(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  cap: number,
): AsyncGenerator<Uint8Array<ArrayBuffer> | undefined, void, void> {
  let parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const chunk of stream) {
    let rest = chunk;
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
      const fits = length + end <= cap;
      const last = rest.subarray(0, end);
      yield fits ? parts.length ? join([...parts, last]) : last : undefined;
      parts = [];
      length = 0;
      rest = rest.subarray(end + 1);
    }
    length += rest.length;
    if (length > cap) parts = [];
    else if (rest.length) parts.push(rest);
  }
}

function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
