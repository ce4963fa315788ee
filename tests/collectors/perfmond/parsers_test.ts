import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseGraphics } from "../../../collectors/perfmond/graphics.ts";
import { parseBusy, parseStorage } from "../../../collectors/perfmond/host.ts";
import { parseMemoryUse } from "../../../collectors/perfmond/memory.ts";
import { parsePressure } from "../../../collectors/perfmond/pressure.ts";
import { parseTally } from "../../../collectors/perfmond/stat.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

const STAT =
  "7 (a) S 1 2)) S 1 7 7 0 -1 4194304 102 5 3 6 20 30 0 0 20 0 1 0 100 4096 9 18446744073709551615 1 1 1 0 0 0 0 0 0 0 0 0 17 5 0 0 44 12 0 1 2 3 4 5 6 7 0\n";

Deno.test("parseTally() counts fields from the last parenthesis", () => {
  const tally = parseTally(bytes(STAT))!;
  assertEquals(
    [tally.comm, tally.faults, tally.processor, tally.blkio, tally.guest, tally.starttime],
    ["a) S 1 2)", 105, 5, 44, 12, 100],
  );
});

Deno.test("parseTally() takes nothing that is cut off before its last field", () => {
  const whole = STAT.indexOf(" 12 0 1 2") + " 12".length;
  for (let length = 0; length < STAT.indexOf(" 12 0 1 2"); length++) {
    assertEquals(parseTally(bytes(STAT.slice(0, length))), undefined, STAT.slice(0, length));
  }
  assertEquals(parseTally(bytes(STAT.slice(0, whole)))?.guest, 12);
});

Deno.test("parseMemoryUse() reads memory and context switches, whatever the name says", () => {
  const status =
    "Name:\ta\\nVmRSS:\t9 kB\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\nRssAnon:\t     512 kB\nRssFile:\t     500 kB\nRssShmem:\t      12 kB\nvoluntary_ctxt_switches:\t10\nnonvoluntary_ctxt_switches:\t4\n";
  assertEquals(parseMemoryUse(status), {
    rss: 2 ** 20,
    peak: 2 ** 21,
    shared: 2 ** 19,
    private: 2 ** 19,
    switches: 14,
  });
  assertEquals(parseMemoryUse("Name:\tkthreadd\nState:\tS (sleeping)\n"), {
    rss: 0,
    peak: null,
    shared: 0,
    private: 0,
    switches: null,
  });
});

Deno.test("parseBusy() and parseStorage() read what the host used", () => {
  // user nice system idle iowait irq softirq steal guest guest_nice
  assertEquals(parseBusy("cpu  100 20 30 4000 500 6 7 8 9 1\ncpu0 1 2 3 4\n"), 1630);
  assertEquals(parseBusy("intr 1"), 0);
  assertEquals(parseStorage("nr_free_pages 1\npgpgin 10\npgpgout 5\n"), 15 * 1024);
  assertEquals(parseStorage("pgpgin 10\n"), null);
});

Deno.test("parsePressure() reads the shares of ten seconds", () => {
  assertEquals(
    parsePressure(
      "some avg10=6.40 avg60=1.00 avg300=0.00 total=123\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n",
    ),
    { some: 6.4, full: 0 },
  );
  assertEquals(parsePressure(""), undefined);
});

Deno.test("parseGraphics() reads what drivers tell of their clients", () => {
  // As in Documentation/gpu/drm-usage-stats.rst of the kernel, for i915 and for an older amdgpu.
  const i915 =
    "pos:\t0\nflags:\t0100002\ndrm-driver:\ti915\ndrm-pdev:\t0000:00:02.0\ndrm-client-id:\t7\ndrm-engine-render:\t9288864723 ns\ndrm-engine-copy:\t2035071108 ns\ndrm-engine-capacity-video:\t2\ndrm-total-system0:\t2 MiB\ndrm-resident-system0:\t1 MiB\ndrm-resident-stolen-system0:\t4 KiB\n";
  assertEquals(parseGraphics(i915), {
    id: "0000:00:02.0 7",
    engines: new Map([
      ["0000:00:02.0 drm-engine-render", 9288864723],
      ["0000:00:02.0 drm-engine-copy", 2035071108],
    ]),
    memory: 2 ** 20 + 4096,
  });
  assertEquals(
    parseGraphics("drm-driver:\tamdgpu\ndrm-client-id:\t1\ndrm-memory-vram:\t64 KiB\n")!.memory,
    65_536,
  );
  assertEquals(parseGraphics("pos:\t0\nflags:\t02\n"), undefined);
});

Deno.test("no parser throws, whatever the bytes", () => {
  const near = fc.array(
    fc.constantFrom(
      ...["7 (", ") S ", " 1", "-", "\n", "kB", "VmRSS:\t", "cpu ", "pgpgin ", "some avg10="],
      ...["drm-client-id:\t", "drm-engine-", " ns", "9".repeat(40), "\0", "\ufffd", "full"],
    ),
    { maxLength: 60 },
  ).map((parts) => parts.join(""));
  fc.assert(fc.property(fc.oneof(near, fc.string({ maxLength: 200, unit: "binary" })), (text) => {
    const tally = parseTally(bytes(text));
    if (tally) assert(Number.isFinite(tally.faults + tally.blkio));
    const memory = parseMemoryUse(text);
    assert(memory.rss >= 0 && !Number.isNaN(memory.rss));
    assert(parseBusy(text) >= 0 || Number.isNaN(parseBusy(text)) === false);
    parseStorage(text);
    parsePressure(text);
    parseGraphics(text);
  }));
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (some) => void parseTally(some)));
});
