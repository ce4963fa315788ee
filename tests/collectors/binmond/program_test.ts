import { assert, assertEquals, assertThrows } from "@std/assert";
import { readProgram } from "../../../collectors/binmond/formats/program.ts";
import { createSource, Exhausted, sourceOf } from "../../../collectors/binmond/formats/source.ts";
import type { ProgramSymbol } from "../../../collectors/binmond/formats/types.ts";
import { build, craftElf, craftFat, craftMachO, craftPe } from "./crafted.ts";

const read = (bytes: Uint8Array) => readProgram(sourceOf(bytes));
const symbolsOf = (bytes: Uint8Array) => [...read(bytes).symbols()];
const inWords = ({ type, library, name, ordinal, address }: ProgramSymbol) =>
  [type, library ?? "-", name ?? "-", ordinal ?? "-", address ?? "-"].join(" ");

const ELF_SYMBOLS = [
  "import libc.so.6 ptrace - -",
  "import libc.so.6 socket - -",
  "import - secret - -",
  "import libpcap.so.0.8 - - -",
  "export - run - 0x40",
  "export - trick - 0x48",
];

for (const is64 of [true, false]) {
  for (const littleEndian of [true, false]) {
    const kind = `${is64 ? 64 : 32} bits, ${littleEndian ? "little" : "big"} end first`;
    Deno.test(`readProgram() reads ELF of ${kind}, without any section`, () => {
      const bytes = craftElf({ is64, littleEndian });
      assertEquals(symbolsOf(bytes).map(inWords), ELF_SYMBOLS);
      const program = read(bytes);
      assertEquals([program.format, program.architecture], ["ELF", "x86_64"]);
      assertEquals(program.platform(), "linux");
      assertEquals(program.counts(), { sections: 0, symbols: 6, libraries: 2 });
    });
  }
}

Deno.test("readProgram() names processors as uname does", () => {
  const named = (machine: number, is64 = true, littleEndian = true) =>
    read(craftElf({ machine, is64, littleEndian })).architecture;
  assertEquals(named(183), "aarch64");
  assertEquals(named(21), "ppc64le");
  assertEquals(named(21, true, false), "ppc64");
  assertEquals(named(243, false), "riscv32");
  assertEquals(named(8, false, true), "mipsel");
  assertEquals(named(65_000), undefined);
});

Deno.test("readProgram() does not believe a number of symbols that does not fit into the file", () => {
  const bytes = craftElf({ symbols: 0xffff_ffff });
  assertEquals(symbolsOf(bytes).map(inWords).slice(0, 3), ELF_SYMBOLS.slice(0, 3));
});

Deno.test("what loaders do not look at may say anything", () => {
  const bytes = craftElf();
  const view = new DataView(bytes.buffer);
  const dynamic = 64 + 56;
  const start = Number(view.getBigUint64(dynamic + 16, true));
  // The place of the dynamic segment in the file and its length, the length of the names, the number of versions.
  view.setBigUint64(dynamic + 8, 0n, true);
  view.setBigUint64(dynamic + 32, 16n, true);
  const ignored = new Set([10, 0x6fff_ffff]);
  for (let at = start; at < bytes.length; at += 16) {
    if (ignored.has(Number(view.getBigUint64(at, true)))) view.setBigUint64(at + 8, 0n, true);
  }
  assertEquals(symbolsOf(bytes).map(inWords), ELF_SYMBOLS);
  // Whether what is taken is a function.
  const table = String.fromCharCode(...bytes).indexOf("\x12\0\0\0");
  assert(table > 0);
  bytes[table] = 0x11;
  assertEquals(symbolsOf(bytes).map(inWords), ELF_SYMBOLS);
});

for (const is64 of [true, false]) {
  Deno.test(`readProgram() reads PE of ${is64 ? 64 : 32} bits`, () => {
    const program = read(craftPe(is64));
    assertEquals(
      [program.format, program.architecture, program.platform(), program.buildTool()],
      ["PE", is64 ? "x86_64" : "i386", "windows", "linker 14.42"],
    );
    const addressed = ({ type, library, name, ordinal }: ProgramSymbol) =>
      inWords({
        type,
        ...(library && { library }),
        ...(name && { name }),
        ...(ordinal && { ordinal }),
      });
    const symbols = [...program.symbols()];
    assertEquals(symbols.map(addressed), [
      "import KERNEL32.dll WriteProcessMemory - -",
      "import KERNEL32.dll - 7 -",
      "import WS2_32.dll WSAStartup - -",
      "export OTHER Pass 7 -",
      "export - Run 5 -",
      "export - - 6 -",
    ]);
    assertEquals(symbols[4]!.address, "0x1800");
    assertEquals(program.counts(), { sections: 1, symbols: 6, libraries: 2 });
  });
}

Deno.test("readProgram() reads the chained imports and the tree of names of Mach-O", () => {
  const program = read(craftMachO());
  assertEquals(
    [program.format, program.architecture, program.platform(), program.buildTool()],
    ["Mach-O", "aarch64", "macos", "ld 820.1.0"],
  );
  assertEquals([...program.symbols()].map(inWords).sort(), [
    "export - run - 0x40",
    "export - rush - 0x48",
    "import /usr/lib/libSystem.B.dylib ptrace - -",
  ]);
});

Deno.test("readProgram() reads every image of a fat file, and tells each function once", () => {
  const program = read(craftFat([craftMachO(0x0100_0007), craftMachO(0x0100_000c)]));
  assertEquals([program.format, program.architecture], ["Mach-O", "x86_64,aarch64"]);
  assertEquals([...program.symbols()].length, 3);
});

Deno.test("readProgram() tells a class of Java from a fat file", () => {
  const bytes = build(false).add(4, 0xcafe_babe).add(2, 0, 52).upTo(200).bytes();
  assertEquals(read(bytes).format, "unknown");
});

Deno.test("readProgram() knows scripts, and what it does not know", () => {
  const formats = ["#!/bin/sh\n", "hello", "", "MZ", "\x7fELF", "\x7fELF\x02\x01"].map((text) =>
    read(new TextEncoder().encode(text)).format
  );
  assertEquals(formats, ["script", "unknown", "unknown", "unknown", "ELF", "ELF"]);
});

Deno.test("a tree of names that leads back into itself ends", () => {
  const bytes = craftMachO();
  const at = String.fromCharCode(...bytes).indexOf("n\0\x10sh\0");
  assert(at > 0);
  bytes[at + 2] = 0;
  const names = [...read(bytes).symbols()].map(({ name }) => name);
  assert(names.includes("rush"));
});

Deno.test("versions that follow each other in a circle end", () => {
  const bytes = craftElf();
  const view = new DataView(bytes.buffer);
  const needs = String.fromCharCode(...bytes).indexOf("\x01\0\x01\0\x01\0\0\0\x10\0\0\0");
  assert(needs > 0);
  view.setUint32(needs + 12, 0x1_0000, true);
  view.setUint16(needs + 2, 0xffff, true);
  view.setUint32(needs + 28, 0, true);
  assert(symbolsOf(bytes).length >= 5);
});

Deno.test("a source ends with its file, and costs no more than it may", () => {
  const source = createSource({ size: 100, readInto: () => 0 });
  assertEquals([source.read(-1, 5), source.read(100, 5), source.read(NaN, 5)], [
    new Uint8Array(),
    new Uint8Array(),
    new Uint8Array(),
  ]);
  assertEquals(source.read(50, 100).length, 0);
  const endless = createSource({
    size: 2 ** 40,
    readInto: (buffer) => buffer.length,
  });
  const error = assertThrows(() => {
    for (let at = 0;; at += 2 ** 24) endless.read(at, 2 ** 24);
  }, Exhausted);
  assertEquals(error.reason, "budget");
  assertThrows(() => {
    const names = createSource({ size: 2 ** 40, readInto: (buffer) => buffer.fill(65).length });
    for (let at = 0;; at = (at + 16_000) % 65_536) names.text(at);
  }, Exhausted);
});
