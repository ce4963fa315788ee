import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseCapabilities } from "../../../collectors/procmond/capabilities.ts";
import {
  parseAutogroup,
  parseCoredumpFilter,
  parseCounters,
  parseLimits,
} from "../../../collectors/procmond/counters.ts";

/** Of Linux 6.18, as the kernel wrote it. */
const LIMITS = `Limit                     Soft Limit           Hard Limit           Units     
Max cpu time              unlimited            unlimited            seconds   
Max file size             unlimited            unlimited            bytes     
Max core file size        0                    unlimited            bytes     
Max processes             96365                96365                processes 
Max open files            1024                 524288               files     
Max nice priority         0                    0                    
Max realtime timeout      unlimited            unlimited            us        
`;

Deno.test("parseLimits() reads names with spaces and limits without limit", () => {
  assertEquals(parseLimits(LIMITS), {
    cpu_time: { soft: null, hard: null },
    file_size: { soft: null, hard: null },
    core_file_size: { soft: 0, hard: null },
    processes: { soft: 96365, hard: 96365 },
    open_files: { soft: 1024, hard: 524288 },
    nice_priority: { soft: 0, hard: 0 },
    realtime_timeout: { soft: null, hard: null },
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

Deno.test("parseCoredumpFilter() names the kinds of memory", () => {
  assertEquals(parseCoredumpFilter("00000033\n"), {
    mask: 51,
    kinds: ["anonymous_private", "anonymous_shared", "elf_headers", "hugetlb_private"],
  });
  assertEquals(parseCoredumpFilter("00000000\n"), { mask: 0, kinds: [] });
  assertEquals(parseCoredumpFilter(""), undefined);
});

Deno.test("parseAutogroup() reads the group and its niceness", () => {
  assertEquals(parseAutogroup("/autogroup-52 nice -7\n"), { id: 52, nice: -7 });
  assertEquals(parseAutogroup(""), undefined);
});

Deno.test("the parsers of counters throw at nothing", () => {
  fc.assert(fc.property(fc.string(), fc.nat(LIMITS.length), (text, at) => {
    for (const some of [text, LIMITS.slice(0, at) + text]) {
      parseLimits(some);
      parseCapabilities(some);
      parseCounters(some);
      parseCoredumpFilter(some);
      parseAutogroup(some);
    }
  }));
});
