import { assertEquals } from "@std/assert";
import { readHeat } from "../../../collectors/perfmond/heat.ts";
import { readEnergy, wattsBetween } from "../../../collectors/perfmond/power.ts";
import { createPressure } from "../../../collectors/perfmond/pressure.ts";

/** A folder that looks like /sys, with these files. */
async function fakeSys(files: Readonly<Record<string, string>>): Promise<
  AsyncDisposable & { readonly root: string }
> {
  const root = await Deno.makeTempDir();
  for (const [path, text] of Object.entries(files)) {
    await Deno.mkdir(`${root}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(`${root}/${path}`, text);
  }
  return { root, [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }) };
}

Deno.test("readHeat() tells the temperature of the core that a processor belongs to", async () => {
  await using sys = await fakeSys({
    "class/hwmon/hwmon0/name": "acpitz\n",
    "class/hwmon/hwmon0/temp1_input": "20000\n",
    "class/hwmon/hwmon3/name": "coretemp\n",
    "class/hwmon/hwmon3/temp1_input": "51000\n",
    "class/hwmon/hwmon3/temp1_label": "Package id 1\n",
    "class/hwmon/hwmon3/temp2_input": "47500\n",
    "class/hwmon/hwmon3/temp2_label": "Core 4\n",
    "devices/system/cpu/cpu9/topology/physical_package_id": "1\n",
    "devices/system/cpu/cpu9/topology/core_id": "4\n",
    "devices/system/cpu/cpu10/topology/physical_package_id": "1\n",
    "devices/system/cpu/cpu10/topology/core_id": "5\n",
    "devices/system/cpu/cpu0/topology/physical_package_id": "0\n",
    "devices/system/cpu/cpu0/topology/core_id": "4\n",
  });
  const heat = readHeat(sys.root);
  assertEquals([9, 10, 0].map((cpu) => heat.temperatureOf(cpu)), [47.5, 51, null]);
  assertEquals(heat.state, null);
});

Deno.test("readHeat() tells the worst trip point that any zone has reached", async () => {
  const zone = (temp: number) => ({
    "class/thermal/thermal_zone0/type": "x86_pkg_temp\n",
    "class/thermal/thermal_zone0/temp": `${temp}\n`,
    "class/thermal/thermal_zone0/trip_point_0_temp": "80000\n",
    "class/thermal/thermal_zone0/trip_point_0_type": "passive\n",
    "class/thermal/thermal_zone0/trip_point_1_temp": "95000\n",
    "class/thermal/thermal_zone0/trip_point_1_type": "hot\n",
    "class/thermal/thermal_zone0/trip_point_2_temp": "100000\n",
    "class/thermal/thermal_zone0/trip_point_2_type": "critical\n",
    "class/thermal/thermal_zone0/trip_point_3_temp": "-1\n",
    "class/thermal/thermal_zone0/trip_point_3_type": "critical\n",
    "class/thermal/thermal_zone1/temp": "none\n",
  });
  const states = [];
  for (const temp of [40_000, 80_000, 96_000, 120_000]) {
    await using sys = await fakeSys(zone(temp));
    const { state, temperatureOf } = readHeat(sys.root);
    states.push([state, temperatureOf(0)]);
  }
  assertEquals(states, [["nominal", 40], ["fair", 80], ["serious", 96], ["critical", 120]]);
});

Deno.test("readEnergy() and wattsBetween() know that counters begin anew", async () => {
  const zones = (used: number, other: number) => ({
    "class/powercap/intel-rapl:0/name": "package-0\n",
    "class/powercap/intel-rapl:0/energy_uj": `${used}\n`,
    "class/powercap/intel-rapl:0/max_energy_range_uj": "262143328850\n",
    "class/powercap/intel-rapl:1/name": "package-1\n",
    "class/powercap/intel-rapl:1/energy_uj": `${other}\n`,
    "class/powercap/intel-rapl:1/max_energy_range_uj": "1000000\n",
    // What a package holds is counted with it.
    "class/powercap/intel-rapl:0:0/name": "core\n",
    "class/powercap/intel-rapl:0:0/energy_uj": "1\n",
    "class/powercap/intel-rapl:0:0/max_energy_range_uj": "2\n",
    "class/powercap/intel-rapl:2/name": "psys\n",
  });
  await using before = await fakeSys(zones(1_000_000, 900_000));
  await using now = await fakeSys(zones(13_000_000, 100_000));
  const [first, second] = [readEnergy(before.root), readEnergy(now.root)];
  assertEquals(wattsBetween(first, second, 2000), 6.1);
  assertEquals(wattsBetween(first, second, 0), undefined);
  assertEquals(wattsBetween(readEnergy("/nowhere"), second, 2000), undefined);
});

Deno.test("createPressure() reads a control group in either place, and none above the root", async () => {
  const line = "some avg10=1.50 avg60=0.00 avg300=0.00 total=1\n";
  await using sys = await fakeSys({
    "fs/cgroup/unified/a/cpu.pressure": line,
    "fs/cgroup/b/memory.pressure": line,
    "fs/cpu.pressure": line,
  });
  const pressure = createPressure(sys.root);
  assertEquals(pressure("/a"), '{"cpu":{"some":1.5}}');
  assertEquals(pressure("/b"), '{"memory":{"some":1.5}}');
  assertEquals([pressure("/c"), pressure("/.."), pressure("/a/../..")], [null, null, null]);
});
