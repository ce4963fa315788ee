import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  parseMaps,
  parseReferenced,
  parseRollup,
  parseSmaps,
} from "../../../collectors/procmond/mappings.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("parseMaps() reads mappings with and without a file", () => {
  const text =
    `55d0c0a00000-55d0c0a2f000 r-xp 0002f000 08:01 1835042                    /usr/bin/a b
7ffc1c000000-7ffc1c021000 rw-p 00000000 00:00 0                          [stack]
7f0000000000-7f0000001000 ---p 00000000 00:00 0 
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
`;
  assertEquals(parseMaps(bytes(text)), [
    {
      start: "0x55d0c0a00000",
      end: "0x55d0c0a2f000",
      permissions: "r-xp",
      offset: 0x2f000,
      device: "08:01",
      inode: 1835042,
      path: "/usr/bin/a b",
    },
    {
      start: "0x7ffc1c000000",
      end: "0x7ffc1c021000",
      permissions: "rw-p",
      offset: 0,
      device: "00:00",
      inode: 0,
      path: "[stack]",
    },
    {
      start: "0x7f0000000000",
      end: "0x7f0000001000",
      permissions: "---p",
      offset: 0,
      device: "00:00",
      inode: 0,
      path: null,
    },
    {
      start: "0xffffffffff600000",
      end: "0xffffffffff601000",
      permissions: "--xp",
      offset: 0,
      device: "00:00",
      inode: 0,
      path: "[vsyscall]",
    },
  ]);
});

/** Of Linux 6.18, as the kernel wrote it; the second mapping is shortened. */
const SMAPS =
  `55db49116000-55db49118000 r--p 00000000 fe:00 247278                     /usr/bin/head
Size:                  8 kB
KernelPageSize:        4 kB
MMUPageSize:           4 kB
Rss:                   8 kB
Pss:                   4 kB
Pss_Dirty:             0 kB
Shared_Clean:          8 kB
Shared_Dirty:          0 kB
Private_Clean:         0 kB
Private_Dirty:         0 kB
Referenced:            8 kB
Anonymous:             0 kB
KSM:                   0 kB
LazyFree:              0 kB
AnonHugePages:         0 kB
ShmemPmdMapped:        0 kB
FilePmdMapped:         0 kB
Shared_Hugetlb:        0 kB
Private_Hugetlb:       0 kB
Swap:                  0 kB
SwapPss:               0 kB
Locked:                0 kB
THPeligible:           0
VmFlags: rd mr mw me 
55db49118000-55db4911e000 rw-p 00000000 00:00 0 
Size:                 24 kB
Rss:                  12 kB
Pss:                  12 kB
Private_Dirty:        12 kB
Anonymous:            12 kB
Swap:                  4 kB
`;

Deno.test("parseSmaps() reads what is counted of each mapping, in bytes", () => {
  assertEquals(parseSmaps(bytes(SMAPS)), [
    {
      start: "0x55db49116000",
      end: "0x55db49118000",
      permissions: "r--p",
      path: "/usr/bin/head",
      size: 8192,
      rss: 8192,
      pss: 4096,
      private_dirty: 0,
      anonymous: 0,
      swap: 0,
    },
    {
      start: "0x55db49118000",
      end: "0x55db4911e000",
      permissions: "rw-p",
      path: null,
      size: 24_576,
      rss: 12_288,
      pss: 12_288,
      private_dirty: 12_288,
      anonymous: 12_288,
      swap: 4096,
    },
  ]);
});

/** Of Linux 6.18, as the kernel wrote it. */
const ROLLUP = `55a0bff25000-7ffd11781000 ---p 00000000 00:00 0                          [rollup]
Rss:                1740 kB
Pss:                 243 kB
Pss_Dirty:           112 kB
Pss_Anon:            112 kB
Pss_File:            131 kB
Pss_Shmem:             0 kB
Shared_Clean:       1588 kB
Shared_Dirty:          0 kB
Private_Clean:        40 kB
Private_Dirty:       112 kB
Referenced:         1724 kB
Anonymous:           112 kB
KSM:                   0 kB
LazyFree:              0 kB
AnonHugePages:         0 kB
ShmemPmdMapped:        0 kB
FilePmdMapped:         0 kB
Shared_Hugetlb:        0 kB
Private_Hugetlb:       0 kB
Swap:                  8 kB
SwapPss:               0 kB
Locked:                0 kB
`;

Deno.test("parseRollup() and parseReferenced() read what is counted of all mappings", () => {
  assertEquals(parseRollup(ROLLUP), {
    rss: 1740 * 1024,
    pss: 243 * 1024,
    private_dirty: 112 * 1024,
    anonymous: 112 * 1024,
    swap: 8192,
  });
  assertEquals(parseReferenced(ROLLUP), { referenced: 1724 * 1024 });
  assertEquals([parseRollup(""), parseReferenced("")], [undefined, undefined]);
});

Deno.test("no path makes a mapping of its own: the kernel escapes line breaks", () => {
  const path = "/tmp/a\\01255d0-55d1 rwxp 00000000 00:00 0 x\tRss: 9 kB";
  const line = `55d0c0a00000-55d0c0a2f000 r-xp 00000000 08:01 7      ${path}\n`;
  assertEquals(parseMaps(bytes(line)).map((mapping) => mapping.path), [path]);
  assertEquals(parseSmaps(bytes(line + "Rss:   4 kB\n")).map(({ rss }) => rss), [4096]);
});

Deno.test("the parsers of mappings throw at nothing, and read what is cut short as far as it goes", () => {
  fc.assert(fc.property(fc.string(), fc.nat(SMAPS.length), (text, at) => {
    for (const some of [text, SMAPS.slice(0, at), SMAPS.slice(0, at) + text + SMAPS.slice(at)]) {
      parseMaps(bytes(some));
      parseRollup(some);
      parseReferenced(some);
      const mappings = parseSmaps(bytes(some));
      JSON.stringify(mappings);
    }
  }));
  assertEquals(parseSmaps(bytes(SMAPS.repeat(5000))).length, 10_000);
});
