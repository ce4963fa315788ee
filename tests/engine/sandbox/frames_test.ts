import { assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { readFrames, writeFrame } from "../../../engine/sandbox/frames.ts";

/** The bytes that writing frames gives. */
async function written(
  frames: readonly { header: unknown; payload?: Uint8Array<ArrayBuffer> }[],
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  const writer = new WritableStream<Uint8Array<ArrayBuffer>>({
    write: (chunk) => void chunks.push(chunk),
  }).getWriter();
  for (const { header, payload } of frames) await writeFrame(writer, header, payload);
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

/** A stream of the bytes, cut at places that a pipe might choose. */
function streamOf(
  bytes: Uint8Array<ArrayBuffer>,
  sizes: readonly number[],
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start(controller) {
      for (let at = 0, index = 0; at < bytes.length; index++) {
        const size = sizes[index % sizes.length] ?? bytes.length;
        controller.enqueue(bytes.slice(at, at + size));
        at += size;
      }
      controller.close();
    },
  });
}

Deno.test("readFrames() reads what writeFrame() wrote, however the pipe cuts it", async () => {
  const frame = fc.record({
    header: fc.jsonValue(),
    payload: fc.uint8Array({ maxLength: 40 }).map((bytes) => new Uint8Array(bytes)),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(frame, { maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
      async (frames, sizes) => {
        const read = await Array.fromAsync(readFrames(streamOf(await written(frames), sizes)));
        assertEquals(
          read.map(({ header, payload }) => [header, [...payload]]),
          frames.map(({ header, payload }) => [JSON.parse(JSON.stringify(header)), [...payload]]),
        );
      },
    ),
  );
});

Deno.test("writeFrame() keeps frames apart that are written at the same time", async () => {
  const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>>();
  const writer = writable.getWriter();
  // As an alert that is long goes to several sinks.
  const payload = new Uint8Array(100_000).fill(7);
  const writing = Promise.all([1, 2, 3].map((number) => writeFrame(writer, { number }, payload)));
  const closing = writing.then(() => writer.close());
  const frames = await Array.fromAsync(readFrames(readable));
  await closing;
  assertEquals(frames.map(({ header }) => header), [{ number: 1 }, { number: 2 }, { number: 3 }]);
  for (const frame of frames) assertEquals(frame.payload, payload);
});

Deno.test("readFrames() leaves out a frame that the end of the stream cuts off", async () => {
  const bytes = await written([{ header: 1 }, { header: 2, payload: new Uint8Array(9) }]);
  for (let cut = 1; cut < 18; cut++) {
    const stream = streamOf(bytes.slice(0, bytes.length - cut), [7]);
    assertEquals((await Array.fromAsync(readFrames(stream))).map(({ header }) => header), [1]);
  }
});

Deno.test("readFrames() refuses frames beyond the limits and headers that are no JSON", async () => {
  const bytes = await written([{ header: 1, payload: new Uint8Array(9) }]);
  await assertRejects(() => Array.fromAsync(readFrames(streamOf(bytes, [4]), 8)), RangeError);
  const longHeader = new Uint8Array([0xff, 0, 0, 0, 0, 0, 0, 0]);
  await assertRejects(() => Array.fromAsync(readFrames(streamOf(longHeader, [8]))), RangeError);
  const broken = new Uint8Array([0, 0, 0, 1, 0, 0, 0, 0, 0x7b]);
  await assertRejects(() => Array.fromAsync(readFrames(streamOf(broken, [3]))), SyntaxError);
});
