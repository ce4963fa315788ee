import { escapeTerminal } from "../../diagnostics/escape.ts";

const LINES = 8;
const LINE_LENGTH = 300;

/** How unshare says that its child was ended by SIGKILL: it tries to end in the same way, which this signal does not allow. */
const UNSHARE_KILLED = /^unshare: sigprocmask unblock failed\b.*/;
/** What a tail then says instead. */
export const KILLED = "killed by SIGKILL, as the kernel does where memory runs out";

/** The end of what a child writes to its standard error. */
export interface Tail {
  /** The last lines, each escaped for a terminal and cut to a readable length, joined by ` | `. */
  text(): string;
  /** Settles when the child has closed the stream. */
  readonly closed: Promise<void>;
}

/** Reads a stream to its end and keeps its last lines; it costs the same however much comes. */
export function keepTail(stream: ReadableStream<Uint8Array>): Tail {
  const decoder = new TextDecoder();
  let kept = "";
  const closed = (async () => {
    for await (const chunk of stream) {
      kept = (kept + decoder.decode(chunk, { stream: true })).slice(-LINES * LINE_LENGTH);
    }
  })().catch(() => {});
  return {
    closed,
    text: () =>
      kept.split("\n").map((line) => line.trim().replace(UNSHARE_KILLED, KILLED)).filter((line) =>
        line !== ""
      ).slice(-LINES)
        .map((line) => escapeTerminal(line).slice(0, LINE_LENGTH)).join(" | "),
  };
}
