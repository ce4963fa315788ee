import type { GapReason } from "../../../schema/batch.ts";

/** Thrown where going on would take more bytes, text or time than one file may take. */
export class Exhausted extends Error {
  /** Tells it from other errors. */
  override readonly name = "Exhausted";

  /** Makes one, with the reason that the missing values get. */
  constructor(
    /** Why what was asked for is missing. */
    readonly reason: Extract<GapReason, "budget" | "deadline">,
  ) {
    super(`a file takes more than its ${reason}`);
  }
}

/** The bytes of a file, by offset. Formats are read through it alone, so what they can cost is bounded here. */
export interface Source {
  /** Length of the file in bytes. */
  readonly size: number;
  /**
   * Bytes from an offset on: fewer than `length` where the file ends, none for an offset outside of it. They stay as they
   * are.
   *
   * @throws {Exhausted} where the file has taken all that it may
   */
  read(offset: number, length: number): Uint8Array;
  /** The text from an offset to the next NUL, at most {@linkcode MAX_NAME} bytes; `undefined` outside of the file. */
  text(offset: number): string | undefined;
  /** The same of a table that was read; `undefined` outside of it. */
  name(table: Uint8Array, at: number): string | undefined;
}

/** What a {@linkcode Source} is made with. */
export interface SourceOptions {
  /** Length of the file in bytes. */
  readonly size: number;
  /** Reads into a buffer from an offset; how many bytes it was. */
  readonly readInto: (buffer: Uint8Array, offset: number) => number;
  /** Called before each reading from the file; throws {@linkcode Exhausted} when it is too late. */
  readonly checkTime?: () => void;
}

/** Bytes of names and tables that are read of one file at most. */
export const MAX_READ = 256 * 2 ** 20;

/** Bytes of names of one file at most. */
export const MAX_TEXT = 64 * 2 ** 20;

/** Names after which the time is looked at. */
const NAMES = 1024;

/** Bytes of one name at most; what is longer is cut. C++ makes names of some thousand. */
export const MAX_NAME = 16_384;

/** Bytes read at once, where less is asked for: names lie close to each other. */
const WINDOW = 65_536;

/** Windows that are kept: a table, the names that it speaks of, and what those speak of. */
const MAX_WINDOWS = 16;

/** Makes a {@linkcode Source}. */
export function createSource({ size, readInto, checkTime }: SourceOptions): Source {
  let left = MAX_READ;
  const windows = new Map<number, Uint8Array>();

  const load = (offset: number, length: number): Uint8Array => {
    checkTime?.();
    left -= length;
    if (left < 0) throw new Exhausted("budget");
    const bytes = new Uint8Array(length);
    let count = 0;
    while (count < length) {
      const more = readInto(count ? bytes.subarray(count) : bytes, offset + count);
      if (more === 0) break;
      count += more;
    }
    return bytes.subarray(0, count);
  };

  /** The window that holds an offset, and so much more that a name which begins in it ends in it. */
  const windowAt = (start: number): Uint8Array => {
    let window = windows.get(start);
    if (window) windows.delete(start);
    else {
      window = load(start, Math.min(WINDOW + MAX_NAME, size - start));
      if (windows.size === MAX_WINDOWS) windows.delete(windows.keys().next().value!);
    }
    windows.set(start, window);
    return window;
  };

  const read = (offset: number, length: number): Uint8Array => {
    if (!(offset >= 0 && offset < size && length > 0)) return new Uint8Array();
    const wanted = Math.min(length, size - offset);
    if (wanted > MAX_NAME) return load(offset, wanted);
    const start = offset - offset % WINDOW;
    return windowAt(start).subarray(offset - start, offset - start + wanted);
  };

  let text = MAX_TEXT;
  let names = 0;
  const name = (table: Uint8Array, at: number): string | undefined => {
    if (!(at >= 0 && at < table.length)) return undefined;
    if (++names % NAMES === 0) checkTime?.();
    const found = table.indexOf(0, at);
    const end = Math.min(found < 0 ? table.length : found, at + MAX_NAME);
    text -= end - at;
    if (text < 0) throw new Exhausted("budget");
    return decodeText(table.subarray(at, end));
  };

  return {
    size,
    read,
    name,
    text: (offset) => name(read(offset, MAX_NAME), 0),
  };
}

/** A source over bytes in memory. */
export function sourceOf(bytes: Uint8Array): Source {
  return createSource({
    size: bytes.length,
    readInto(buffer, offset) {
      const part = bytes.subarray(offset, offset + buffer.length);
      buffer.set(part);
      return part.length;
    },
  });
}

const decoder = new TextDecoder();

/** Text of a file: UTF-8, U+FFFD for what is none. */
export function decodeText(bytes: Uint8Array): string {
  // Short ASCII is nearly all there is, and calling the decoder costs more than decoding.
  if (bytes.length < 64) {
    let text = "";
    for (const byte of bytes) {
      if (byte > 0x7f) return decoder.decode(bytes);
      text += String.fromCharCode(byte);
    }
    return text;
  }
  return decoder.decode(bytes);
}

/** Bytes of a table of names that are read at once. */
const MAX_TABLE = 64 * 2 ** 20;

/**
 * Reads names of a table that begins at an offset. It is read at once as far as it is said to go; names behind that are
 * read one by one, because loaders do not look at its length.
 */
export function namesOf(
  source: Source,
  offset: number,
  length: number,
): (at: number) => string | undefined {
  const table = source.read(offset, Math.min(length, MAX_TABLE));
  const last = table.lastIndexOf(0);
  return (at) => at < last ? source.name(table, at) : source.text(offset + at);
}
