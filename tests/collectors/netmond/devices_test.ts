import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  counterOf,
  deviceStatistics,
  parseDeviceLine,
  sinceBefore,
} from "../../../collectors/netmond/devices.ts";
import { hostileText, recordedLines } from "./recorded.ts";

Deno.test("parseDeviceLine() reads all counters", () => {
  const devices = recordedLines("dev").flatMap((line) => parseDeviceLine(line) ?? []);
  assertEquals(devices.map(({ name }) => name), ["lo", "nmv1", "nmv0"]);
  const line =
    "eth0-\x1b[1m:18446744073709551615 2 3    4    5     6          7         8     9   10   11   12   13    14     15         16";
  const device = parseDeviceLine(line)!;
  assertEquals(device.name, "eth0-\x1b[1m");
  assertEquals(
    deviceStatistics(device),
    '{"receive":{"bytes":18446744073709551615,"packets":2,"errors":3,"dropped":4,"fifo":5,"frame":6,"compressed":7,"multicast":8},' +
      '"transmit":{"bytes":9,"packets":10,"errors":11,"dropped":12,"fifo":13,"collisions":14,"carrier":15,"compressed":16}}',
  );
});

Deno.test("counterOf() is exact as far as a column can hold it", () => {
  assertEquals(counterOf("81920"), 81920);
  assertEquals(counterOf("9007199254740993"), 9007199254740993n);
  assertEquals(counterOf("9223372036854775807"), 9223372036854775807n);
  assertEquals(counterOf("9223372036854775808"), null);
});

Deno.test("sinceBefore() does not take a new interface for an old one", () => {
  assertEquals(sinceBefore("18446744073709551615", "18446744073709551610"), 5);
  assertEquals(sinceBefore("7", "7"), 0);
  assertEquals(sinceBefore("7", "8"), null);
});

Deno.test("parseDeviceLine() throws at nothing", () => {
  fc.assert(fc.property(hostileText(), fc.nat(120), (text, at) => {
    parseDeviceLine(text);
    const line = recordedLines("dev").at(-1)!;
    const device = parseDeviceLine(line.slice(0, at) + text + line.slice(at));
    if (device) JSON.parse(deviceStatistics(device));
  }));
});
