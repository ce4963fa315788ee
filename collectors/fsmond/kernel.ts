import { parseStatx } from "../core/fanotify/statx.ts";
import type { Asked, FileHappening, Said } from "../core/fanotify/told.ts";
import { readLines } from "../core/lines.ts";
import type { FileSource, Happening } from "./happening.ts";
import { bytesOf } from "./path_text.ts";
import type { Named } from "./paths.ts";

/** Bytes of the longest line: two paths and little else. */
const MAX_LINE = 2 ** 20;

/** The pipes to and from what reads the kernel's events. */
interface Pipes {
  /** The process for which all of this is done. */
  readonly agent: number;
  ask(asked: Asked): void;
  next(): Promise<Said>;
}

/** A pipe that ends does not begin again: whoever has it keeps it. */
let pipes: Promise<Pipes> | undefined;
let asked = 0;
let taken = false;

/** A source with whom it is made for. */
export interface KernelEvents extends FileSource {
  /** The process for which all of this is done. */
  readonly agent: number;
}

/**
 * Asks what reads the kernel's events for some places. There is one reader, so there is one who asks at a time.
 *
 * @throws {Error} in words, where somebody asks already
 */
export async function openKernelEvents(
  root: string,
  { paths, access }: Named,
  lost: (count: number, reason: string) => void,
): Promise<KernelEvents> {
  if (taken) throw new Error("files are being watched already");
  taken = true;
  const { agent, ask, next } = await (pipes ??= openPipes(root));
  const number = ++asked;
  // What happened before is of what somebody else asked.
  let isOurs = false;
  ask({ number, paths: paths.map(bytesOf), access });
  return {
    agent,
    async next() {
      const said = await next();
      if (said.said === "asked") isOurs ||= said.number === number;
      if (!isOurs) return [];
      if (said.said === "lost") lost(said.count, said.reason);
      return said.said === "event" ? [happening(said)] : [];
    },
    close() {
      ask({ number: ++asked, paths: [], access: false });
      taken = false;
    },
  };
}

async function openPipes(root: string): Promise<Pipes> {
  const requests = Deno.openSync(`${root}/ask`, { write: true });
  const lines = readLines((await Deno.open(`${root}/events`)).readable, MAX_LINE);
  let pending: Promise<Said> | undefined;
  const read = async (): Promise<Said> => {
    const { value } = await lines.next();
    if (value === undefined) {
      // Only the agent can begin anew: it starts this process again, and what reads with it.
      console.error("what reads the kernel's events of files has ended");
      Deno.exit(1);
    }
    return JSON.parse(new TextDecoder().decode(value));
  };
  const hello = await read();
  return {
    agent: hello.said === "hello" ? hello.agent : 0,
    ask: (asked) => {
      requests.writeSync(new TextEncoder().encode(JSON.stringify(asked) + "\n"));
    },
    // Whoever stopped to wait has left the waiting to the next one.
    next: () => pending ??= read().finally(() => pending = undefined),
  };
}

function happening({ status, said: _said, ...rest }: FileHappening): Happening {
  return {
    ...rest,
    ...(status !== undefined && { stat: parseStatx(Uint8Array.fromBase64(status)) }),
  };
}
