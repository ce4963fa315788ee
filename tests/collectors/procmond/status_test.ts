import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseStatus } from "../../../collectors/procmond/status.ts";

/** Of a setuid program on Linux 6.18, as the kernel wrote it, shortened. */
const STATUS = `Name:	su\\n\\\\Uid:	7
Umask:	0022
State:	S (sleeping)
Tgid:	7060
Pid:	7060
PPid:	7013
TracerPid:	0
Uid:	1000	0	0	0
Gid:	1001	1002	1002	1002
FDSize:	256
Groups:	4 24 27 1000 
VmPeak:	    3840 kB
VmSize:	    3840 kB
VmHWM:	    2181 kB
VmRSS:	    2180 kB
Threads:	1
CapEff:	000001fffeffffff
voluntary_ctxt_switches:	150
nonvoluntary_ctxt_switches:	545
`;

Deno.test("parseStatus() reads ids and memory", () => {
  assertEquals(parseStatus(STATUS), {
    uid: 1000,
    effectiveUid: 0,
    gid: 1001,
    effectiveGid: 1002,
    rss: 2180 * 1024,
    switches: 695,
  });
});

Deno.test("parseStatus() is not misled by a name", () => {
  const named = STATUS.replace(/^Name:.*/, "Name:	Uid:	0	0");
  assertEquals(parseStatus(named).uid, 1000);
});

Deno.test("parseStatus() knows what has no memory, and what says nothing", () => {
  assertEquals(parseStatus(STATUS.replace(/^Vm.*\n/gm, "")).rss, 0);
  assertEquals(parseStatus(""), {
    uid: null,
    effectiveUid: null,
    gid: null,
    effectiveGid: null,
    rss: 0,
    switches: null,
  });
});

Deno.test("parseStatus() throws at nothing", () => {
  fc.assert(fc.property(fc.string(), fc.nat(STATUS.length), (text, at) => {
    parseStatus(text);
    parseStatus(STATUS.slice(0, at) + text);
  }));
});
