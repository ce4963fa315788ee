/**
 * The query process: SQLite over one image, without any permission. It reads requests from standard input and answers
 * on standard output; it ends when its input does.
 *
 * @module
 */
import { forgetPatterns } from "../../dialect/mod.ts";
import { tidyAtRest } from "../../std/garbage.ts";
import { type Image, openImage } from "./database.ts";
import { readFrames, writeFrame } from "./frames.ts";
import type { Failure, Reply, Request } from "./protocol.ts";

/** Bytes of the heap from which on compiled patterns are forgotten with the next image. */
const MAX_HEAP = 32 << 20;

async function serve(): Promise<void> {
  const writer = Deno.stdout.writable.getWriter();
  await writeFrame(writer, { type: "ready" } satisfies Reply);
  let image: Image | undefined;
  const stir = tidyAtRest();
  for await (const request of readFrames<Request>(Deno.stdin.readable)) {
    stir();
    const { header, payload } = attempt(
      (): { header: Reply; payload?: Uint8Array<ArrayBuffer> } => {
        if (request.header.type === "load") {
          image?.close();
          image = undefined;
          // The next image has much the same texts; what patterns have learnt of them is kept as long as it is little.
          if (Deno.memoryUsage().heapUsed > MAX_HEAP) forgetPatterns();
          image = openImage(request.payload, request.header.heap);
          return { header: { type: "loaded" } };
        }
        if (!image) return { header: { type: "error", reason: "no image is loaded" } };
        if (request.header.type === "lay") {
          image.lay(request.payload);
          return { header: { type: "loaded" } };
        }
        return image.run(request.header);
      },
    );
    await writeFrame(writer, header, payload);
  }
}

function attempt<T>(work: () => T): T | { header: Failure; payload?: undefined } {
  try {
    return work();
  } catch (error) {
    return { header: failure(error) };
  }
}

/** SQLite's result codes that mean that a limit was met (https://sqlite.org/rescode.html). */
const LIMITS = new Map([[7, "memory"], [18, "value"]] as const);

function failure(error: unknown): Failure {
  const { errcode, message } = error as { errcode?: number; message?: string };
  const limit = LIMITS.get(errcode as 7);
  return limit ? { type: "limit", limit } : { type: "error", reason: String(message ?? error) };
}

if (import.meta.main) await serve();
