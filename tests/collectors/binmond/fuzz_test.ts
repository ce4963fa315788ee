import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { readProgram } from "../../../collectors/binmond/formats/program.ts";
import { createSource, Exhausted } from "../../../collectors/binmond/formats/source.ts";
import { MAX_SYMBOLS } from "../../../collectors/binmond/formats/types.ts";
import { craftElf, craftFat, craftMachO, craftPe } from "./crafted.ts";

const RUNS = Number(Deno.env.get("PROPERTY_RUNS") ?? 1500);

const SEEDS: Readonly<Record<string, Uint8Array>> = {
  "ELF of 64 bits": craftElf(),
  "ELF of 32 bits": craftElf({ is64: false, littleEndian: false }),
  "PE of 64 bits": craftPe(),
  "PE of 32 bits": craftPe(false),
  "Mach-O": craftMachO(),
  "fat Mach-O": craftFat([craftMachO(0x0100_0007), craftMachO()]),
};

/** Reads everything of a file as a collector does, and counts what it takes. */
function readAll(bytes: Uint8Array, size = bytes.length): number {
  let read = 0;
  const source = createSource({
    size,
    readInto(buffer, offset) {
      read += buffer.length;
      buffer.fill(0);
      const part = bytes.subarray(offset, offset + buffer.length);
      buffer.set(part);
      return Math.min(buffer.length, size - offset);
    },
  });
  const program = readProgram(source);
  let symbols = 0;
  for (
    const part of [
      () => program.platform(),
      () => program.compiler(),
      () => program.buildTool(),
      () => program.counts(),
      () => {
        for (const { name, library, address } of program.symbols()) {
          symbols++;
          assert(name === undefined || name !== "");
          assert(library !== "");
          assert(address === undefined || /^0x-?[0-9a-f]+$/.test(address), address);
        }
      },
    ]
  ) {
    try {
      part();
    } catch (error) {
      if (!(error instanceof Exhausted)) throw error;
    }
  }
  assert(symbols <= MAX_SYMBOLS + 1, `${symbols} symbols`);
  return read;
}

/** What a broken or hostile file has instead of a number. */
const NUMBERS = [0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];

for (const [name, seed] of Object.entries(SEEDS)) {
  Deno.test(`what is broken in ${name} is read without harm`, () => {
    const place = fc.nat(seed.length - 1);
    const change = fc.oneof(
      fc.record({ at: place, bit: fc.nat(7) }),
      fc.record({ at: place, width: fc.constantFrom(1, 2, 4), value: fc.constantFrom(...NUMBERS) }),
      fc.record({ at: place, from: place, length: fc.nat(64) }),
    );
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 1, maxLength: 8 }),
        fc.option(fc.nat(seed.length), { nil: seed.length, freq: 4 }),
        (changes, length) => {
          const bytes = seed.slice();
          const view = new DataView(bytes.buffer);
          for (const one of changes) {
            if ("bit" in one) bytes[one.at]! ^= 1 << one.bit;
            else if ("from" in one) bytes.copyWithin(one.at, one.from, one.from + one.length);
            else {
              const at = Math.min(one.at, bytes.length - 4);
              if (one.width === 1) view.setUint8(at, one.value & 0xff);
              else if (one.width === 2) view.setUint16(at, one.value & 0xffff, true);
              else view.setUint32(at, one.value, true);
            }
          }
          readAll(bytes.subarray(0, length));
        },
      ),
      { numRuns: RUNS },
    );
  });

  Deno.test(`every number of ${name} may be any other`, () => {
    const step = seed.length > 2000 ? 4 : 1;
    for (let at = 0; at + 4 <= Math.min(seed.length, 5200); at += step) {
      if (seed.subarray(Math.max(0, at - 8), at + 8).every((byte) => byte === 0)) continue;
      for (const value of [0xffff_ffff, 0x7fff_ffff, 0x10_0000]) {
        const bytes = seed.slice();
        new DataView(bytes.buffer).setUint32(at, value, true);
        readAll(bytes);
      }
    }
  });

  Deno.test(`${name} that is cut off anywhere is read as far as it goes`, () => {
    for (let length = 0; length < seed.length; length += seed.length > 2000 ? 37 : 1) {
      readAll(seed.subarray(0, length));
    }
  });

  Deno.test(`${name} of 4 GB with nothing in it costs a bounded amount`, () => {
    for (const at of [0, 40, 60, 100, 200, 300].filter((at) => at + 4 <= seed.length)) {
      const bytes = seed.slice();
      if (at) new DataView(bytes.buffer).setUint32(at, 0xffff_fff0, true);
      const read = readAll(bytes, 4 * 2 ** 30);
      assert(read <= 300 * 2 ** 20, `${at}: ${read} bytes were read`);
    }
  });
}

Deno.test("a tree of names in which every node leads to many others ends", () => {
  const image = craftMachO();
  const view = new DataView(image.buffer);
  const command = 32 + 56 + 16;
  assertEquals(view.getUint32(command, true), 0x8000_0033);
  const bytes = new Uint8Array(8 * 2 ** 20);
  bytes.set(image);
  view.setUint32(command + 8, 4096, true);
  view.setUint32(command + 12, bytes.length - 4096, true);
  bytes.set(image);
  // Each byte may be the size of a node, the number of its children, an empty name, or a place.
  for (let at = 4096; at < bytes.length; at += 4) {
    bytes.set([0, 255, 0x80 + at % 101, at % 127], at);
  }
  readAll(bytes);
});

Deno.test("a file of which every byte is the same is no danger", () => {
  for (const beginning of ["\x7fELF\x02\x01", "\x7fELF\x01\x02", "MZ", "\xcf\xfa\xed\xfe", ""]) {
    for (const byte of [0x00, 0x01, 0x41, 0x7f, 0x80, 0xff]) {
      const bytes = new Uint8Array(2 ** 20).fill(byte);
      bytes.set(Uint8Array.from(beginning, (letter) => letter.charCodeAt(0)));
      readAll(bytes);
    }
  }
  assertEquals(readProgram(createSource({ size: 0, readInto: () => 0 })).format, "unknown");
});
