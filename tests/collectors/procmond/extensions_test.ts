import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  parseCapabilities,
  parseCounters,
  parseLimits,
  parseMaps,
} from "../../../collectors/procmond/extensions.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("parseMaps() reads mappings with and without a file", () => {
  const text =
    `55d0c0a00000-55d0c0a2f000 r-xp 0002f000 08:01 1835042                    /usr/bin/a b
7ffc1c000000-7ffc1c021000 rw-p 00000000 00:00 0                          [stack]
7f0000000000-7f0000001000 ---p 00000000 00:00 0 
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
  ]);
});

Deno.test("parseLimits() reads names with spaces and limits without limit", () => {
  const text = `Limit                     Soft Limit           Hard Limit           Units     
Max cpu time              unlimited            unlimited            seconds   
Max open files            1024                 524288               files     
Max nice priority         0                    0                    
`;
  assertEquals(parseLimits(text), {
    cpu_time: { soft: null, hard: null },
    open_files: { soft: 1024, hard: 524288 },
    nice_priority: { soft: 0, hard: 0 },
  });
});

Deno.test("parseCapabilities() names the bits of each set", () => {
  const status =
    "Name:	x\nCapInh:	0000000000000000\nCapPrm:	0000000000080004\nCapEff:	8000000000000001\nCapBnd:	0000010000000000\nCapAmb:	0000000000000000\n";
  assertEquals(parseCapabilities(status), {
    inheritable: [],
    permitted: ["CAP_DAC_READ_SEARCH", "CAP_SYS_PTRACE"],
    effective: ["CAP_CHOWN", "CAP_63"],
    bounding: ["CAP_CHECKPOINT_RESTORE"],
    ambient: [],
  });
});

Deno.test("parseCounters() reads io", () => {
  assertEquals(parseCounters("rchar: 6976\nwchar: 0\n"), { rchar: 6976, wchar: 0 });
});

Deno.test("the parsers of extensions throw at nothing", () => {
  fc.assert(fc.property(fc.string(), (text) => {
    parseMaps(bytes(text));
    parseLimits(text);
    parseCapabilities(text);
    parseCounters(text);
  }));
});
