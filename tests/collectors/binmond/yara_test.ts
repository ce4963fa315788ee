import { assertEquals, assertRejects } from "@std/assert";
import { readMatches } from "../../../collectors/binmond/yara/system.ts";
import { matchFiles } from "../../../collectors/binmond/yara/files.ts";
import { rulesOf } from "../../../collectors/binmond/yara/rules.ts";
import { isLinux, testWith } from "../support.ts";
import { gatherMemory } from "../../../collectors/binmond/yara/memory.ts";
import { scanTargets } from "../../../collectors/binmond/yara_matches.ts";
import { MAX_STRINGS } from "../../../dialect/yara/types.ts";

const NAMES = new Set(["one", "two"]);
const TARGET = "/proc/1/fd/3";
const read = (...lines: string[]) => readMatches(lines, NAMES, TARGET);

Deno.test("readMatches() reads rules with the places of their strings", async () => {
  assertEquals(await read(), []);
  assertEquals(await read(`one ${TARGET}`, "0x1f:12:$a", "0x0:1:$", `two ${TARGET}`), [
    {
      rule: "one",
      count: 2,
      strings: [{ identifier: "$a", offset: 31, length: 12 }, {
        identifier: "$",
        offset: 0,
        length: 1,
      }],
    },
    { rule: "two", count: 0, strings: [] },
  ]);
  const places = Array.from({ length: 2 * MAX_STRINGS }, (_, at) => `0x${at.toString(16)}:1:$a`);
  const [{ count, strings }] = await read(`one ${TARGET}`, ...places) as [
    Awaited<ReturnType<typeof read>>[0],
  ];
  assertEquals([count, strings.length], [2 * MAX_STRINGS, MAX_STRINGS]);
});

Deno.test("readMatches() takes nothing for a match that is none", async () => {
  for (
    const lines of [
      ["0x1f:12:$a"],
      ["three " + TARGET],
      ["one"],
      ["one /proc/1/fd/4"],
      [`one ${TARGET} `],
      [`one ${TARGET}`, "what a module prints"],
      [`one ${TARGET}`, "0x1f:12:$a: text"],
      [`one ${TARGET}`, "0xfg:12:$a"],
      [`one ${TARGET}`, ""],
    ]
  ) await assertRejects(() => read(...lines), Error, "no match");
});

testWith(
  { Linux: isLinux },
  "matchFiles() tries again a file for which there was no time before",
  async () => {
    const path = await Deno.makeTempFile();
    await Deno.writeTextFile(path, "text");
    const rules = rulesOf([{ name: "a.yar", text: "rule small { condition: filesize == 4 }" }]);
    const match = async (time: number) => {
      const reasons: string[] = [];
      const readings = matchFiles({ column: "file_path", values: [path] }, rules, {
        procRoot: "/proc",
        deadline: performance.now() + time,
        partial: (reason) => reasons.push(reason),
      });
      return { names: (await Array.fromAsync(readings)).map(({ row }) => row.rule_name), reasons };
    };
    const late = await match(-1);
    assertEquals([late.names, late.reasons.length], [[], 1]);
    assertEquals(await match(60_000), { names: ["small"], reasons: [] });
    await Deno.remove(path);
  },
);

Deno.test("scanTargets() are what is named, and files where somebody names nothing", () => {
  const test = (value: string) => ({ op: "=", column: "scan_target", value }) as const;
  const targets = (...interests: NonNullable<Parameters<typeof scanTargets>[0]>) => [
    ...scanTargets(interests),
  ];
  assertEquals([...scanTargets(undefined)], ["file"]);
  assertEquals(targets(), ["file"]);
  assertEquals(targets(test("file")), ["file"]);
  assertEquals(targets(test("memory")), ["memory"]);
  assertEquals(targets(test("memory"), test("file")), ["file", "memory"]);
  assertEquals(targets(test("memory"), { op: "and", of: [] }), ["file", "memory"]);
  assertEquals(targets({ op: "<>", column: "scan_target", value: "file" }), ["memory"]);
  assertEquals(targets(test("other")), []);
});

/** Memory of pages of 4096 bytes: what is at an address tells which page it is of. */
function memoryOf(
  runs: readonly (readonly [start: number, end: number])[],
  unreadable = new Set(),
) {
  const gaps: string[] = [];
  return {
    gaps,
    runs: () => runs.map(([start, end]) => ({ start: start * 4096, end: end * 4096 })),
    read(buffer: Uint8Array, address: number) {
      let count = 0;
      while (count < buffer.length && !unreadable.has(Math.floor((address + count) / 4096))) {
        buffer[count] = Math.floor((address + count) / 4096);
        count++;
      }
      return count;
    },
    isPresent: () => true,
    isAlive: () => true,
    lack: (reason: string) => void gaps.push(reason),
  };
}

Deno.test("gatherMemory() keeps pieces apart, and knows their addresses", () => {
  const memory = memoryOf([[16, 18], [32, 35]], new Set([33]));
  const { bytes, pieces } = gatherMemory(memory, 2 ** 20, Infinity);
  assertEquals(pieces.map(({ address, length }) => [address / 4096, length / 4096]), [
    [16, 2],
    [32, 1],
    [34, 1],
  ]);
  assertEquals(memory.gaps, ["not_collected"]);
  let end = 0;
  for (const { address, offset, length } of pieces) {
    assertEquals(offset - end >= 4096, true);
    assertEquals(new Set(bytes.subarray(end, offset)), new Set([0]));
    assertEquals(bytes[offset], address / 4096);
    assertEquals(bytes[offset + length - 1], (address + length) / 4096 - 1);
    end = offset + length;
  }
  assertEquals(bytes.length, end);
});

Deno.test("gatherMemory() takes no more than it may, and says so", () => {
  for (const most of [0, 1, 4096, 4097, 8192, 12_288, 28_671, 28_672]) {
    const memory = memoryOf([[16, 18], [32, 35]]);
    const { bytes, pieces } = gatherMemory(memory, most, Infinity);
    assertEquals(bytes.length <= most, true);
    assertEquals(pieces.every(({ offset, length }) => length > 0 && offset + length <= most), true);
    assertEquals(memory.gaps, most < 28_672 ? ["budget"] : []);
  }
});
