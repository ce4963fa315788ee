import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { fileOf, isDeleted, programsIn, typeOf } from "../../../collectors/memmond/region_type.ts";
import { createRegionReader, type Region } from "../../../collectors/memmond/smaps.ts";

function read(text: string): readonly Region[] {
  const reader = createRegionReader();
  for (const line of text.split("\n")) reader.line(line);
  return reader.regions();
}

const SMAPS =
  `560dfdd75000-560dfdda4000 r--p 00000000 08:01 1234                       /usr/bin/bash
Size:                188 kB
560dfdda4000-560dfde65000 r-xp 0002f000 08:01 1234                       /usr/bin/bash
Size:                772 kB
KernelPageSize:        4 kB
Rss:                 688 kB
Shared_Dirty:          4 kB
Private_Dirty:         8 kB
Referenced:          400 kB
Swap:                 12 kB
VmFlags: rd ex mr mw me sd
7f0000000000-7f0000200000 rw-p 00000000 00:0f 99                         /anon_hugepage (deleted)
KernelPageSize:     2048 kB
Rss:                   0 kB
Private_Hugetlb:    2048 kB
Private_Dirty:      2048 kB
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]`;

Deno.test("createRegionReader() reads regions and what is counted of them", () => {
  const [, code, huge, kernel] = read(SMAPS);
  assertEquals(code, {
    start: 0x560dfdda4000,
    end: 0x560dfde65000,
    address: "0x560dfdda4000",
    permissions: "r-xp",
    offset: 0x2f000,
    file: "08:01:1234",
    name: "/usr/bin/bash",
    use: {
      resident: 688 * 1024,
      swapped: 12 * 1024,
      referenced: 400 * 1024,
      dirty: 12 * 1024,
      page: 4096,
      flags: ["rd", "ex", "mr", "mw", "me", "sd"],
    },
  });
  assertEquals([huge!.use!.resident, huge!.use!.page], [2 ** 21, 2 ** 21]);
  assertEquals([kernel!.address, kernel!.end - kernel!.start], ["0xffffffffff600000", 4096]);
});

Deno.test("typeOf() says what a region is for", () => {
  const type = (rest: string, permissions = "rw-p") => {
    const regions = read(
      `1000-2000 r-xp 00000000 08:01 7 /bin/x\n2000-3000 ${permissions} 00000000 ${rest}`,
    );
    const region = regions[1]!;
    return [typeOf(region, programsIn(regions)), fileOf(region), isDeleted(region)];
  };
  assertEquals(type("00:00 0"), ["anonymous", null, false]);
  assertEquals(type("00:00 0   [heap]"), ["heap", null, false]);
  assertEquals(type("00:00 0   [anon: glibc: malloc arena]"), ["heap", null, false]);
  assertEquals(type("00:00 0   [stack]"), ["stack", null, false]);
  assertEquals(type("00:00 0   [stack:77]"), ["stack", null, false]);
  assertEquals(type("00:00 0   [vvar]", "r--p"), ["kernel", null, false]);
  assertEquals(type("00:00 0   [anon:vdso]", "r--p"), ["anonymous", null, false]);
  assertEquals(type("00:01 5   /dev/zero (deleted)", "rw-s"), ["anonymous", null, false]);
  assertEquals(type("08:01 7   /bin/x"), ["data", "/bin/x", false]);
  assertEquals(type("08:01 7   /bin/x", "rw-s"), ["mapped", "/bin/x", false]);
  assertEquals(type("08:01 8   /usr/share/a b"), ["mapped", "/usr/share/a b", false]);
  assertEquals(type("00:01 9   /memfd:m (deleted)", "r-xp"), ["code", "/memfd:m", true]);
  assertEquals(type("00:01 9   /[heap]"), ["mapped", "/[heap]", false]);
});

Deno.test("what is no line of smaps is left out", () => {
  for (
    const text of [
      "",
      "Rss: 4 kB",
      "1000-1000 rw-p 0 00:00 0",
      "2000-1000 rw-p 0 00:00 0",
      "x-y rw-p 0 00:00 0",
      "1000-2000 rw-p",
      "1000-2000 rwxq 0 00:00 0",
      "11111111111111111-22222222222222222 rw-p 0 00:00 0",
    ]
  ) assertEquals(read(text), [], text);
  const [region] = read("1000-2000 rw-p 0 00:00 0\n__proto__: 4 kB\nconstructor: 1 kB\nRss: x kB");
  assertEquals(region!.use?.resident, 0);
});

Deno.test("whatever stands in smaps is read without harm", () => {
  const lines = SMAPS.split("\n");
  const line = fc.oneof(
    fc.constantFrom(...lines),
    fc.tuple(fc.constantFrom(...lines), fc.nat(80), fc.string({ maxLength: 8 }))
      .map(([line, at, put]) => line.slice(0, at) + put + line.slice(at + 1)),
    fc.string({ maxLength: 200 }),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
      for (const region of read(lines.join("\n"))) {
        assert(region.end > region.start);
        assert(/^0x[0-9a-f]+$/.test(region.address));
        assert(typeOf(region, new Set()) !== undefined);
        assert(
          Object.values(region.use ?? {}).flat().every((v) => typeof v === "string" || v >= 0),
        );
      }
    }),
    { numRuns: Number(Deno.env.get("PROPERTY_RUNS") ?? 1000) },
  );
});
