import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { openCollectors } from "../../collectors/mod.ts";
import { afterLook, ENOUGH_MEMORY, watchMemory } from "../../engine/memory_pressure.ts";
import { type MemoryReading, readMemory } from "../../engine/memory_reading.ts";
import { hostPlatform } from "../../cli/platform.ts";
import { temporaryFolder } from "../sinks/support.ts";
import { until } from "../sinks/syslog/rsyslog.ts";
import { watched } from "./health/watched.ts";

/** What is done after each look: small batches (`s`) and how many times as long intervals are. */
function done(readings: readonly Partial<MemoryReading>[]): string[] {
  let state = ENOUGH_MEMORY;
  return readings.map((one) => {
    state = afterLook(state, { heap: 0.1, ...one });
    return `${state.thrifty ? "s" : "-"}${state.factor}`;
  });
}

Deno.test("afterLook() makes batches small first, then intervals long, and goes back the same way", () => {
  const scarce = { stalled: 20 };
  assertEquals(
    done([{}, scarce, scarce, scarce, scarce, scarce, ...new Array(4).fill(scarce)]),
    ["-1", "s1", "s1", "s2", "s2", "s4", "s4", "s8", "s8", "s8"],
  );
  assertEquals(
    done([scarce, scarce, scarce, scarce, scarce, ...new Array(9).fill({})]),
    ["s1", "s1", "s2", "s2", "s4", "s4", "s4", "s2", "s2", "s2", "s1", "s1", "s1", "-1"],
  );
});

Deno.test("afterLook() does not flicker between two levels", () => {
  assertEquals(done([{ used: 0.85 }, { used: 0.91 }, { used: 0.85 }, { used: 0.79 }]), [
    "-1",
    "s1",
    "s1",
    "s1",
  ]);
  assertEquals(done([{ heap: 0.8 }, { heap: 0.9 }]), ["-1", "s1"]);
  assertEquals(done([{ killed: 3 }, { killed: 3 }, { killed: 4 }]), ["-1", "-1", "s1"]);
});

Deno.test({
  name: "memory that becomes scarce is told when it begins and when it is over",
  ignore: Deno.build.os !== "linux",
}, async () => {
  await using folder = await temporaryFolder();
  const pressure = join(folder.path, "memory");
  const write = (avg10: string) =>
    Deno.writeTextFile(pressure, `some avg10=${avg10} avg60=0.00 avg300=0.00 total=1\n`);
  await write("0.00");
  await using memory = watchMemory(() => readMemory({ pressure }), 30);
  await using agent = await watched(folder.path, { memory });
  await until(() => Promise.resolve(memory.now().looks === 0));
  await write("31.07");
  await until(() => Promise.resolve(memory.now().factor === 8));
  assert(memory.now().thrifty);
  await write("0.00");
  await until(() => Promise.resolve(agent.alerts.length === 2));
  assertEquals(memory.now().factor, 1);
  const [begun, over] = agent.alerts;
  assertEquals(
    begun!.title,
    "Memory is scarce: programs on this host wait 31.07 % of their time for memory",
  );
  assert(over!.title.startsWith("There is enough memory again after "));
  assertEquals(over!.alert_data.factor, 8);
});

Deno.test({
  name:
    "openCollectors() asks for small batches while memory is scarce, and gets the same rows with the same hashes",
  ignore: Deno.build.os !== "linux",
}, async () => {
  let thrifty = false;
  await using collectors = await openCollectors({
    platform: hostPlatform(),
    policy: "preferred",
    thrifty: () => thrifty,
  });
  const sleepers = Array.from(
    { length: 150 },
    () => new Deno.Command("sleep", { args: ["60"] }).spawn(),
  );
  try {
    const collect = async () => {
      const sizes: number[] = [];
      const found = new Map<unknown, unknown>();
      const rows = collectors.collect({
        table: "processes",
        project: ["pid", "name", "executable_hash"],
        deadline: 60_000,
      });
      let next = await rows.next();
      for (; !next.done; next = await rows.next()) {
        const { columns, values } = next.value;
        const at = (name: string) => values[columns.indexOf(name)]!;
        sizes.push(next.value.rows);
        at("pid").forEach((pid, row) => found.set(pid, at("executable_hash")[row]));
      }
      const hashes = sleepers.map(({ pid }) => found.get(pid));
      return { sizes, hashes, outcome: next.value };
    };
    const usual = await collect();
    thrifty = true;
    const small = await collect();
    assertEquals(small.hashes, usual.hashes);
    assert(small.hashes.every((hash) => typeof hash === "string"));
    assertEquals([usual.outcome.status, small.outcome.status], ["complete", "complete"]);
    assert(Math.max(...usual.sizes) > 100 && Math.max(...small.sizes) === 100, `${small.sizes}`);
  } finally {
    for (const sleeper of sleepers) sleeper.kill("SIGKILL");
    await Promise.all(sleepers.map(({ status }) => status));
  }
});
