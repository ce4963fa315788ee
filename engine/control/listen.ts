/**
 * The control process: listens at the unix socket `Deno.args[0]`, hands each request to the agent by standard output and
 * its answer back. It may do nothing else, and ends when its input does. What comes over the socket is bounded here, in size,
 * time and number, so that the agent meets nothing else.
 *
 * @module
 */
import { readFrames, writeFrame } from "../sandbox/frames.ts";
import { MAX_REQUEST, readLine, writeText } from "./lines.ts";
import type { ControlAnswer } from "./protocol.ts";

/** What it says. */
export type Heard = { readonly listening: true } | {
  readonly number: number;
  readonly line: string;
};

/** What it is told. */
export interface Told {
  readonly number: number;
  readonly answer: ControlAnswer;
}

/** Requests at the same time; whoever comes then is turned away. */
const MAX_OPEN = 8;

/** How long a client may take to ask, and to take the answer; and how long the agent may take: ms. */
const SLOWEST_CLIENT = 5_000;
const SLOWEST_ANSWER = 30_000;

async function serve(path: string): Promise<void> {
  const listener = Deno.listen({ transport: "unix", path });
  const writer = Deno.stdout.writable.getWriter();
  const waiting = new Map<number, (answer: ControlAnswer) => void>();
  let numbers = 0;
  let open = 0;

  async function talk(connection: Deno.Conn): Promise<void> {
    const refuse = (error: string) =>
      writeText(connection, JSON.stringify({ error } satisfies ControlAnswer) + "\n");
    const close = () => {
      try {
        connection.close();
      } catch {
        // The client has gone before.
      }
    };
    let timer = setTimeout(close, SLOWEST_CLIENT);
    const number = ++numbers;
    try {
      if (open > MAX_OPEN) return await refuse("the agent answers others; try again");
      const line = await readLine(connection, MAX_REQUEST);
      clearTimeout(timer);
      if (line === undefined) return await refuse("a request is one line of at most 64 KB");
      timer = setTimeout(close, SLOWEST_ANSWER);
      const answered = Promise.withResolvers<ControlAnswer>();
      waiting.set(number, answered.resolve);
      await writeFrame(writer, { number, line } satisfies Heard);
      const answer = await answered.promise;
      clearTimeout(timer);
      timer = setTimeout(close, SLOWEST_CLIENT);
      await writeText(connection, JSON.stringify(answer) + "\n");
    } catch {
      // A client that is gone, or too slow, is no concern of anybody.
    } finally {
      waiting.delete(number);
      clearTimeout(timer);
      close();
    }
  }

  async function accept(): Promise<void> {
    for (;;) {
      try {
        const connection = await listener.accept();
        open++;
        void talk(connection).finally(() => open--);
      } catch {
        // No more files may be open: somebody has to finish first.
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  await writeFrame(writer, { listening: true } satisfies Heard);
  void accept();
  for await (const { header } of readFrames<Told>(Deno.stdin.readable)) {
    waiting.get(header.number)?.(header.answer);
  }
}

if (import.meta.main) {
  await serve(Deno.args[0]!);
  Deno.exit();
}
