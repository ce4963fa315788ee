/** A body that is passed over. */
export interface HttpBody {
  /** Whether it has ended. */
  readonly done: boolean;
  /** Passes over what of these bytes belongs to it; answers how many that are. */
  pass(bytes: Uint8Array): number;
  /** Passes over so many bytes that nobody has seen; answers whether they all belonged to it. */
  skip(length: number): boolean;
}

/** A line with the length of a chunk is not longer. */
const MAX_LINE = 4096;

/**
 * Makes what passes over the body after a head (RFC 9112, 6.3); `undefined` where there is none. A request without a length
 * has no body; an answer without one lasts as long as the connection.
 */
export function createBody(
  fields: ReadonlyMap<string, string>,
  of: "request" | "answer",
): HttpBody | undefined {
  if (/\bchunked\b/i.test(fields.get("transfer-encoding") ?? "")) return createChunked();
  const length = fields.get("content-length");
  if (length !== undefined && /^\d{1,15}$/.test(length)) {
    return Number(length) > 0 ? createPlain(Number(length)) : undefined;
  }
  return of === "answer" ? createPlain(Infinity) : undefined;
}

function createPlain(length: number): HttpBody {
  let left = length;
  return {
    get done() {
      return left === 0;
    },
    pass(bytes) {
      const used = Math.min(left, bytes.length);
      left -= used;
      return used;
    },
    skip(count) {
      if (count > left) return false;
      left -= count;
      return true;
    },
  };
}

function createChunked(): HttpBody {
  let left = 0;
  let line = "";
  let trailer = false;
  let done = false;
  return {
    get done() {
      return done;
    },
    pass(bytes) {
      let at = 0;
      while (at < bytes.length && !done) {
        if (left > 0) {
          const used = Math.min(left, bytes.length - at);
          left -= used;
          at += used;
          continue;
        }
        const code = bytes[at++]!;
        if (code !== 10) {
          if (code !== 13 && line.length < MAX_LINE) line += String.fromCharCode(code);
          continue;
        }
        if (trailer) done = line === "";
        else if (line !== "") {
          const size = /^[0-9a-f]{1,12}/i.exec(line)?.[0];
          // What is no length ends the body: the next head is looked for.
          if (size === undefined) done = true;
          else if (parseInt(size, 16) === 0) trailer = true;
          else left = parseInt(size, 16);
        }
        line = "";
      }
      return at;
    },
    skip(count) {
      if (count > left) return false;
      left -= count;
      return true;
    },
  };
}
