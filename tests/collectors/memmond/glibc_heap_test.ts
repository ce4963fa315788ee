import { assert, assertEquals } from "@std/assert";
import type { Buffer } from "node:buffer";
import fc from "fast-check";
import { readBlocks } from "../../../collectors/memmond/glibc_heap.ts";

const START = 0x5600_0000_0000;
const free = { spend: () => undefined };

/** Memory in which these bytes stand; pages that are none of them are not there. */
function memoryOf(bytes: Uint8Array, start = START) {
  return {
    isPresent: (address: number) => address >= start && address < start + bytes.length,
    read(buffer: Buffer, address: number) {
      const part = bytes.subarray(address - start, address - start + buffer.length);
      buffer.set(part);
      return part.length;
    },
  };
}

/** A heap of blocks, each with its size and whether it is in use, and what is free behind them. */
function craftHeap(
  blocks: readonly (readonly [size: number, used: boolean])[],
  length = 8192,
  from = 0,
): Uint8Array {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  let at = from;
  let before = true;
  for (const [size, used] of [...blocks, [0, true] as const]) {
    const whole = size || length - at;
    view.setBigUint64(at + 8, BigInt(whole) | (before ? 1n : 0n), true);
    before = used;
    at += whole;
  }
  return bytes;
}

const first = { start: START, end: START + 8192, isFirst: true };

Deno.test("readBlocks() counts the blocks of the first heap", () => {
  const bytes = craftHeap([[0x290, true], [32, true], [64, false], [1024, true], [48, false], [
    32,
    true,
  ]]);
  assertEquals(readBlocks(memoryOf(bytes), first, free), {
    used: 4,
    free: 2,
    freeBytes: 112,
    bytes: 0x290 + 32 + 64 + 1024 + 48 + 32,
    largest: 1016,
    room: 0x290 + 32 + 1024 + 32 - 4 * 8,
  });
});

Deno.test("readBlocks() finds the blocks of another arena, whatever the version", () => {
  for (const [info, state] of [[0x20, 0x880], [0x30, 0x898], [0x30, 0x8a8]] as const) {
    const start = 0x7f00_0000_0000;
    const from = Math.ceil((info + state) / 16) * 16;
    const bytes = craftHeap([[32, true], [64, false], [32, true]], 12_288, from);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(0, BigInt(start + info), true);
    view.setBigUint64(16, 12_288n, true);
    const heap = { start, end: start + 2 * 12_288, isFirst: false };
    const blocks = readBlocks(memoryOf(bytes, start), heap, free);
    assert(typeof blocks === "object");
    assertEquals([blocks.used, blocks.free, blocks.freeBytes], [2, 1, 64]);
    view.setBigUint64(16, 12_289n, true);
    assertEquals(readBlocks(memoryOf(bytes, start), heap, free), undefined);
  }
});

Deno.test("what is no heap of glibc has no blocks, and what cannot be read is told of", () => {
  assertEquals(readBlocks(memoryOf(new Uint8Array(8192)), first, free), undefined);
  assertEquals(readBlocks(memoryOf(new Uint8Array(8192).fill(0x41)), first, free), undefined);
  const bytes = craftHeap(Array.from({ length: 40 }, () => [32, true] as const));
  assertEquals(readBlocks(memoryOf(bytes.subarray(0, 0)), first, free), "not_collected");
  assertEquals(readBlocks(memoryOf(bytes), first, { spend: () => "deadline" }), "deadline");
  // A chain that was right so far and then is not: the process changes it just now.
  bytes[30 * 32 + 8] = 0xf1;
  bytes[30 * 32 + 15] = 0x7f;
  assertEquals(readBlocks(memoryOf(bytes), first, free), "not_collected");
});

Deno.test("whatever stands in a heap is read without harm", () => {
  const seed = craftHeap([[0x290, true], [32, true], [64, false], [1024, true], [48, false]]);
  const change = fc.record({
    at: fc.nat(seed.length / 8 - 1),
    value: fc.oneof(
      fc.constantFrom(0n, 1n, 16n, 17n, 33n, 2n ** 63n, 2n ** 64n - 1n, 8192n),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    ),
  });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 30 }), fc.boolean(), (changes, isFirst) => {
      const bytes = seed.slice();
      const view = new DataView(bytes.buffer);
      for (const { at, value } of changes) view.setBigUint64(at * 8, value, true);
      const blocks = readBlocks(memoryOf(bytes), { ...first, isFirst }, free);
      if (typeof blocks !== "object") return;
      assert(blocks.bytes <= bytes.length && blocks.freeBytes <= blocks.bytes);
      assert(blocks.room < bytes.length && blocks.largest <= blocks.room);
    }),
    { numRuns: Number(Deno.env.get("PROPERTY_RUNS") ?? 1000) },
  );
});
