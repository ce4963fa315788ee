import { setColorEnabled } from "@std/fmt/colors";
import { refusal } from "../diagnostics/path_fault.ts";
import { FailedError } from "./command.ts";

/** What a command may touch of the terminal: results go to `out`, everything else to `err`. */
export interface Io {
  /**
   * Writes to standard output, the result alone.
   *
   * @throws {OutputClosed} where nobody reads it any more
   * @throws {FailedError} where it cannot be written
   */
  out(text: string): void;
  /** Writes a line to standard error, if it can be written. */
  err(line: string): void;
  /** Replaces the progress line; does nothing unless standard error is a terminal. An empty text removes the line. */
  progress(text: string): void;
}

/** How a run is to look. */
export interface IoOptions {
  readonly quiet: boolean;
  readonly color: boolean;
}

/** Whether colours are wanted: a terminal, and neither `--no-color` nor `NO_COLOR` (https://no-color.org). */
export function colorWanted(noColorFlag: boolean): boolean {
  return !noColorFlag && Deno.stdout.isTerminal() && !Deno.env.get("NO_COLOR") &&
    Deno.env.get("TERM") !== "dumb";
}

const encoder = new TextEncoder();

/** Thrown when the reader of standard output has gone (`| head`): there is nobody left to tell. */
export class OutputClosed extends Error {
  constructor() {
    super("whoever read the output has gone");
  }
}

/** Time between two tries to write to a full pipe, ms. */
const PAUSE = 10;

/**
 * Writes texts to a stream, each whole: what is cut off by an error comes before the next one.
 *
 * @param patience how long a full non-blocking pipe is waited for, ms; nothing else happens meanwhile
 * @returns what throws {@linkcode OutputClosed}, and {@linkcode FailedError} where the text cannot be written
 */
export function createWriter(
  stream: { writeSync(bytes: Uint8Array): number },
  patience = Infinity,
): (text: string) => void {
  let rest = new Uint8Array();
  /** Nobody has read for so long that it is not worth to wait again. */
  let stuck = false;

  function writeRest(): void {
    let end = performance.now() + (stuck ? 0 : patience);
    while (rest.length > 0) {
      try {
        rest = rest.subarray(stream.writeSync(rest));
        stuck = false;
        end = performance.now() + patience;
      } catch (error) {
        if (error instanceof Deno.errors.BrokenPipe) throw new OutputClosed();
        if (!(error instanceof Deno.errors.WouldBlock)) {
          throw new FailedError(`the output cannot be written: ${refusal(error).reason}`);
        }
        stuck = performance.now() >= end;
        if (stuck) throw new FailedError("the output cannot be written: nobody reads it");
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
      }
    }
  }

  return (text) => {
    writeRest();
    rest = encoder.encode(text);
    const { length } = rest;
    try {
      writeRest();
    } catch (error) {
      // Nothing of it is to be seen: whoever wants it written says so again.
      if (rest.length === length) rest = new Uint8Array();
      throw error;
    }
  };
}

/** Does what can be done without: that nobody can be told something is no reason to end. */
export function ifPossible(act: () => void): void {
  try {
    act();
  } catch {
    // There is nowhere else to say it.
  }
}

/** The process's own standard streams. */
export function processIo({ quiet, color }: IoOptions): Io {
  setColorEnabled(color);
  const [out, err] = [createWriter(Deno.stdout), createWriter(Deno.stderr)];
  const tell = (text: string) => ifPossible(() => err(text));
  const shows = !quiet && Deno.stderr.isTerminal();
  let shown = false;
  const clear = () => {
    if (shown) tell("\r\x1b[K");
    shown = false;
  };
  return {
    out(text) {
      clear();
      out(text);
    },
    err(line) {
      clear();
      tell(line + "\n");
    },
    progress(text) {
      if (!shows) return;
      clear();
      if (!text) return;
      tell(text);
      shown = true;
    },
  };
}
