/**
 * The delivery process: sends alerts to sinks. It reads requests from standard input and answers on standard output; it
 * ends when its input does. It alone reads the secrets of sinks.
 *
 * @module
 */
import { openSink } from "../../sinks/open.ts";
import { type FrameWriter, readFrames, writeFrame } from "../sandbox/frames.ts";
import { createPost, type Post } from "./post.ts";
import type { Answer, Ask, Outcome } from "./protocol.ts";

/** A sink that minds its own time is given a little more before it counts as stuck, ms. */
const GRACE = 1_000;

async function serve(): Promise<void> {
  const writer: FrameWriter = Deno.stdout.writable.getWriter();
  const say = (answer: Answer) => writeFrame(writer, answer);
  const posts: Post[] = [];
  const answer = async (number: number, work: Promise<Outcome>) =>
    await say({ type: "done", number, outcome: await work });

  await say({ type: "ready" });
  for await (const { header, payload } of readFrames<Ask>(Deno.stdin.readable)) {
    if (header.type === "configure") {
      const { sinks, folder, noFolder } = header;
      for (const [index, options] of sinks.entries()) {
        const ownSocket = noFolder === undefined ? `${folder}/${index}.sock` : new Error(noFolder);
        posts.push(createPost(openSink(options, ownSocket), options.timeout + GRACE));
      }
      await say({ type: "configured" });
      continue;
    }
    const post = posts[header.sink]!;
    // Not awaited: a sink that hangs keeps no other waiting.
    void answer(header.number, header.type === "send" ? post.send(payload) : post.check());
  }
}

if (import.meta.main) {
  // What Deno would print of an error that nobody expects could hold a secret.
  const end = (event: Event) => {
    event.preventDefault();
    Deno.exit(70);
  };
  globalThis.addEventListener("unhandledrejection", end);
  globalThis.addEventListener("error", end);
  await serve();
}
