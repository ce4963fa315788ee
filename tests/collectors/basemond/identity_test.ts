import { assertEquals } from "@std/assert";
import {
  identifyByTicks,
  identifyByTime,
  parseBootTime,
  parseLocalTime,
  parseSeconds,
} from "../../../collectors/basemond/identity.ts";

Deno.test("parseLocalTime() reads times of this host, and no others", () => {
  assertEquals(
    parseLocalTime("2024-02-03 04:05:06"),
    new Date("2024-02-03T04:05:06").getTime(),
  );
  for (const text of ["2024-02-30 04:05:06", "Ss-67-14 2022", "", undefined, 7, "2024-02-03"]) {
    assertEquals(parseLocalTime(text), undefined, String(text));
  }
});

Deno.test("parseBootTime() and parseSeconds() read when the host started", () => {
  // As sysctl(8) of macOS writes it.
  assertEquals(
    parseBootTime("{ sec = 1321644969, usec = 0 } Fri Nov 18 19:36:09 2011\n"),
    1_321_644_969_000,
  );
  assertEquals(parseSeconds("1700000000\r\n"), 1_700_000_000_000);
  assertEquals([parseBootTime(""), parseSeconds("Get-CimInstance: …")], [undefined, undefined]);
});

Deno.test("identifyByTime() gives a process one key, though it is told a second later or earlier", () => {
  const boot = new Date("2024-02-03T04:00:00").getTime();
  const begin = identifyByTime(boot);
  const key = `${boot / 1000}:7:306`;
  assertEquals(begin()(7, "2024-02-03 04:05:06")!.key, key);
  for (const second of ["05", "07", "06"]) {
    const identity = begin()(7, `2024-02-03 04:05:${second}`)!;
    assertEquals([identity.key, identity.start], [key, boot + 306_000]);
  }
  // Another process has the id.
  assertEquals(begin()(7, "2024-02-03 04:06:06")!.key, `${boot / 1000}:7:366`);
  // One that was not there in between is looked at anew.
  begin();
  assertEquals(begin()(7, "2024-02-03 04:06:05")!.key, `${boot / 1000}:7:365`);
  assertEquals(begin()(7, "unknown"), undefined);
});

Deno.test("identifyByTicks() has the keys of the process collector, whatever processes are called", () => {
  const line = (name: string, start: number) =>
    `(${name}) S 1 7 7 0 -1 4194304 102 5 3 6 20 30 0 0 20 0 1 0 ${start} 4096 9 18446744073709551615 1 1 1 0 0 0 0 0 0 0 0 0 17 5 0 0 44 12 0 1 2 3 4 5 6 7 0\n`;
  const host = "11111111-2222-3333-4444-555555555555\ncpu  1 2 3 4\nbtime 1700000000\n";
  const identify = identifyByTicks(
    host,
    `7 ${line("a) S 1 2)", 4242)}8 ${line("x\n9 (y) S 1 1", 77)}11 ${line("", 5)}12 (cut) S 1 2`,
  );
  assertEquals(identify(7, ""), {
    key: "11111111-2222-3333-4444-555555555555:7:4242",
    start: 1_700_000_042_420,
  });
  assertEquals([8, 11].map((pid) => identify(pid, "")?.key.split(":")[2]), ["77", "5"]);
  // The name of 8 looks like a line of 9, and the line of 12 is cut off.
  assertEquals([9, 10, 12].map((pid) => identify(pid, "")), [undefined, undefined, undefined]);
  assertEquals(identifyByTicks("", "")(7, ""), undefined);
});
