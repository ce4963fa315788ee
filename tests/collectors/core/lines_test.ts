import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { readLines } from "../../../collectors/core/lines.ts";

async function linesOf(
  chunks: readonly Uint8Array<ArrayBuffer>[],
  cap = 100,
): Promise<(string | undefined)[]> {
  const lines = await Array.fromAsync(readLines(ReadableStream.from(chunks), cap));
  return lines.map((line) => line && new TextDecoder().decode(line));
}

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("readLines() joins what comes in pieces, also within a character", async () => {
  const whole = bytes("één\nzwei\n\nrest");
  const pieces = Array.from(whole, (byte) => Uint8Array.of(byte));
  assertEquals(await linesOf(pieces), ["één", "zwei", ""]);
});

Deno.test("readLines() tells a line beyond the cap and goes on after it", async () => {
  assertEquals(await linesOf([bytes("12345\n1234"), bytes("56\nok\n")], 5), [
    "12345",
    undefined,
    "ok",
  ]);
});

Deno.test("readLines() keeps no more than the cap of an endless line", async () => {
  const before = Deno.memoryUsage().external;
  const chunks = (function* () {
    for (let count = 0; count < 300; count++) yield new Uint8Array(2 ** 20).fill(0x61);
    yield bytes("\nok\n");
  })();
  const lines = await Array.fromAsync(readLines(ReadableStream.from(chunks), 1000));
  assertEquals(lines, [undefined, bytes("ok")]);
  const grown = Deno.memoryUsage().external - before;
  assertEquals(grown < 200 * 2 ** 20, true, `${grown} bytes were kept`);
});

Deno.test("readLines() finds the lines of any text, however it is cut", async () => {
  await fc.assert(fc.asyncProperty(
    fc.array(fc.string({ unit: "grapheme" }).map((line) => line.replaceAll("\n", " ")), {
      maxLength: 8,
    }),
    fc.integer({ min: 1, max: 20 }),
    async (lines, size) => {
      const whole = bytes(lines.map((line) => line + "\n").join(""));
      const chunks = [];
      for (let at = 0; at < whole.length; at += size) chunks.push(whole.subarray(at, at + size));
      assertEquals(await linesOf(chunks, 10_000), lines);
    },
  ));
});
