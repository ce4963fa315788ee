import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { KERNEL_THREAD, parseStat } from "../../../collectors/proc/stat.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** Of a shell on Linux 6.18, as the kernel wrote it. */
const BASH =
  "3060 (bash) S 3059 3060 3060 0 -1 4194304 5106 175331 0 147 17 24 1041 425 20 -3 1 0 100092 7544832 965 18446744073709551615 94251206238208 94251207156141 140724063318416 0 0 0 65536 4 65538 1 0 0 17 1 0 0 0 0 0 94251207396112 94251207444036 94251224895488 140724063324735 140724063324757 140724063324757 140724063330286 0\n";
const KTHREADD =
  "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 3 0 0 20 0 1 0 22 0 0 18446744073709551615 0 0 0 0 0 0 0 2147483647 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n";

Deno.test("parseStat() reads what the kernel wrote of a program", () => {
  assertEquals(parseStat(bytes(BASH)), {
    comm: "bash",
    state: "S",
    ppid: 3059,
    session: 3060,
    flags: 4194304,
    utime: 17,
    stime: 24,
    priority: 20,
    nice: -3,
    num_threads: 1,
    starttime: 100092,
    vsize: 7544832,
  });
});

Deno.test("parseStat() reads what the kernel wrote of a kernel thread", () => {
  const stat = parseStat(bytes(KTHREADD))!;
  assertEquals([stat.comm, stat.ppid, stat.starttime], ["kthreadd", 0, 22]);
  assertEquals((stat.flags & KERNEL_THREAD) !== 0, true);
});

Deno.test("parseStat() reads names that look like fields", () => {
  for (
    const name of [") S 1 1", "a)b", "((", "", " ", "x\ny", "\x1b[2J", ") Z 0 0 (", "(sd-pam)"]
  ) {
    const stat = parseStat(bytes(BASH.replace("bash", () => name)));
    assertEquals([stat?.comm, stat?.state, stat?.starttime], [name, "S", 100092], name);
  }
});

Deno.test("parseStat() shows bytes of a name that are not UTF-8", () => {
  const text = bytes(BASH);
  text.set([0xff, 0xc3, 0x28, 0x80], text.indexOf(0x28) + 1);
  assertEquals(parseStat(text)?.comm, "\ufffd\ufffd(\ufffd");
});

Deno.test("parseStat() refuses what is cut short", () => {
  const whole = bytes(BASH);
  const needed = BASH.indexOf(" 965 ") + 1;
  for (let length = 0; length < needed; length++) {
    assertEquals(parseStat(whole.subarray(0, length)), undefined, `${length} bytes`);
  }
});

Deno.test("parseStat() throws at nothing", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (any) => {
    parseStat(any);
  }));
  fc.assert(fc.property(fc.string({ maxLength: 64 }), fc.nat(400), (name, cut) => {
    parseStat(bytes(BASH.replace("bash", () => name)).subarray(0, cut));
  }));
});
