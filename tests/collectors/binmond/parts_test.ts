import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { describeApi } from "../../../collectors/binmond/api.ts";
import { API_GROUPS } from "../../../collectors/binmond/api_categories.ts";
import { COMPLEXITY_BOUNDS, complexityOf } from "../../../collectors/binmond/complexity.ts";
import { MAX_CONTENT, readContents } from "../../../collectors/binmond/contents.ts";
import { countBytes } from "../../../collectors/binmond/entropy.ts";
import { readGoBuild } from "../../../collectors/binmond/formats/go.ts";
import { readLeb128 } from "../../../collectors/binmond/formats/leb128.ts";
import { findPacker } from "../../../collectors/binmond/formats/packers.ts";
import { Exhausted, sourceOf } from "../../../collectors/binmond/formats/source.ts";
import { build } from "./crafted.ts";

const entropyOf = (...parts: readonly Uint8Array[]) => {
  const counts = countBytes();
  for (const part of parts) counts.add(part);
  return counts.entropy();
};

Deno.test("countBytes() measures entropy from 0 to 8 bits, in any pieces", () => {
  assertEquals(entropyOf(), 0);
  assertEquals(entropyOf(new Uint8Array(1000)), 0);
  assertEquals(entropyOf(Uint8Array.from({ length: 256 }, (_, byte) => byte)), 8);
  assertAlmostEquals(entropyOf(Uint8Array.of(1, 1, 2)), 0.9182958, 1e-6);
  assertEquals(
    entropyOf(Uint8Array.of(1, 1), Uint8Array.of(2)),
    entropyOf(Uint8Array.of(1, 1, 2)),
  );
});

const fileOf = (bytes: Uint8Array, size = bytes.length) => ({
  size,
  readInto(buffer: Uint8Array, offset: number) {
    const part = bytes.subarray(offset, offset + 7);
    buffer.set(part);
    return part.length;
  },
  checkTime: () => {},
});

Deno.test("readContents() finds out what is wanted and nothing else", () => {
  const file = fileOf(new TextEncoder().encode("The quick brown fox jumps over the lazy dog"));
  assertEquals(readContents(file, new Set(["md5_hash"])), {
    md5_hash: "9e107d9d372bb6826bd81d3542a419d6",
  });
  const all = readContents(file, new Set(["entropy", "sha256_hash"]));
  assertEquals(
    all.sha256_hash,
    "d7a8fbb307d7809469ca9abcb0082e4f8d5651e46d3cdb762d02d0bf37c9e592",
  );
  assertAlmostEquals(all.entropy!, 4.43, 0.01);
});

Deno.test("readContents() reads neither giants nor for ever", () => {
  const wanted = new Set<string>();
  const reasonOf = (read: () => unknown) => assertThrows(read, Exhausted).reason;
  assertEquals(
    reasonOf(() => readContents(fileOf(new Uint8Array(), MAX_CONTENT + 1), wanted)),
    "budget",
  );
  const endless = { size: 5, checkTime: () => {}, readInto: (buffer: Uint8Array) => buffer.length };
  assertEquals(reasonOf(() => readContents(endless, wanted)), "budget");
  const late = {
    ...endless,
    checkTime() {
      throw new Exhausted("deadline");
    },
  };
  assertEquals(reasonOf(() => readContents(late, wanted)), "deadline");
});

Deno.test("complexityOf() counts sections, symbols and libraries together", () => {
  const of = (symbols: number) => complexityOf({ sections: 30, symbols, libraries: 2 });
  assertEquals(of(COMPLEXITY_BOUNDS.medium - 33), "low");
  assertEquals(of(COMPLEXITY_BOUNDS.medium - 32), "medium");
  assertEquals(of(COMPLEXITY_BOUNDS.high - 33), "medium");
  assertEquals(of(COMPLEXITY_BOUNDS.high - 32), "high");
});

Deno.test("describeApi() knows functions by name, with what libraries and Windows add to it", () => {
  const cases: readonly (readonly [name: string, category: string, suspicious: boolean])[] = [
    ["ptrace", "debug", true],
    ["memfd_create", "memory", true],
    ["socket", "network", false],
    ["__xstat64", "file", false],
    ["fopen64", "file", false],
    ["__read_chk", "file", false],
    ["CreateFileW", "file", false],
    ["RegSetValueExA", "registry", false],
    ["CreateRemoteThreadEx", "process", true],
    ["SetWindowsHookExW", "process", true],
    ["EVP_EncryptInit_ex", "crypto", false],
    ["curl_easy_perform", "network", false],
    ["commit_creds", "privilege", true],
    ["strlen", "other", false],
    ["toString", "other", false],
    ["__proto__", "other", false],
  ];
  for (const [name, category, suspicious] of cases) {
    const api = describeApi(name);
    assertEquals([api.category, api.suspicious], [category, suspicious], name);
  }
  assertEquals(describeApi("constructor").category, "other");
  assertEquals(describeApi(undefined), { suspicious: false });
});

Deno.test("no function stands in two groups", () => {
  const names = API_GROUPS.flatMap(({ names }) => names.trim().split(/\s+/));
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  assertEquals(twice, []);
  assert(names.length > 400);
});

Deno.test("readLeb128() reads numbers, and ends where they do not", () => {
  assertEquals(readLeb128(Uint8Array.of(0xe5, 0x8e, 0x26, 1), 0), { value: 624485, next: 3 });
  assertEquals(readLeb128(Uint8Array.of(0x80, 0x80), 0), undefined);
  assertEquals(readLeb128(new Uint8Array(20).fill(0x80), 0), undefined);
});

Deno.test("findPacker() knows packers by sections and by marks at the beginning and the end", () => {
  const file = (text: string, length: number, at: number) => {
    const bytes = new Uint8Array(length);
    bytes.set(new TextEncoder().encode(text), at);
    return sourceOf(bytes);
  };
  assertEquals(findPacker(file("", 10, 0), [".text", "UPX1"]), "UPX");
  assertEquals(findPacker(file("UPX!", 9000, 236), []), "UPX");
  assertEquals(findPacker(file("UPX!", 9000, 4000), []), undefined);
  assertEquals(findPacker(file("MEI\x0c\x0b\x0a\x0b\x0e", 9000, 8900), []), "PyInstaller");
  assertEquals(findPacker(file("d3n0l4nd", 9000, 8960), []), "deno compile");
  assertEquals(findPacker(file("", 10, 0), ["constructor", "toString"]), undefined);
});

Deno.test("readGoBuild() reads what Go writes now and what it wrote before 1.18", () => {
  const nowhere = () => new Uint8Array();
  const now = build();
  now.add(1, 0xff).text(" Go buildinf:");
  now.set(14, 1, 8).set(15, 1, 2).upTo(32);
  now.add(1, 8).text("go1.22.1");
  now.set(41, 1, 15).upTo(42).text("build\tGOOS=linux");
  now.set(41, 1, 17);
  assertEquals(readGoBuild(now.bytes(), nowhere)?.version, "go1.22.1");

  const before = build();
  before.add(1, 0xff).text(" Go buildinf:");
  before.set(14, 1, 8).set(15, 1, 0).upTo(16).add(8, 0x1000, 0);
  const memory = build().add(8, 0x10, 8).upTo(0x10);
  memory.text("go1.12.9");
  const bytes = memory.bytes();
  const at = (address: number, length: number) =>
    address >= 0x1000
      ? bytes.subarray(address - 0x1000, address - 0x1000 + length)
      : bytes.subarray(address, address + length);
  assertEquals(readGoBuild(before.bytes(), at)?.version, "go1.12.9");
  assertEquals(readGoBuild(new Uint8Array(4096).fill(255), nowhere), undefined);
});
