import { setColorEnabled } from "@std/fmt/colors";
import { refusal } from "../diagnostics/path_fault.ts";
import { FailedError } from "./command.ts";

/** What a command may touch of the terminal: results go to `out`, everything else to `err`. */
export interface Io {
  /** Writes to standard output, the result alone. */
  out(text: string): void;
  /** Writes a line to standard error. */
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
export class OutputClosed extends Error {}

function write(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  let bytes = encoder.encode(text);
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(stream.writeSync(bytes));
    } catch (error) {
      if (error instanceof Deno.errors.BrokenPipe) throw new OutputClosed();
      // A full non-blocking pipe: its reader is slower than we are.
      if (error instanceof Deno.errors.WouldBlock) continue;
      throw new FailedError(`the output cannot be written: ${refusal(error).reason}`);
    }
  }
}

/** The process's own standard streams. */
export function processIo({ quiet, color }: IoOptions): Io {
  setColorEnabled(color);
  const shows = !quiet && Deno.stderr.isTerminal();
  let shown = false;
  const clear = () => {
    if (shown) write(Deno.stderr, "\r\x1b[K");
    shown = false;
  };
  return {
    out(text) {
      clear();
      write(Deno.stdout, text);
    },
    err(line) {
      clear();
      write(Deno.stderr, line + "\n");
    },
    progress(text) {
      if (!shows) return;
      clear();
      if (!text) return;
      write(Deno.stderr, text);
      shown = true;
    },
  };
}
