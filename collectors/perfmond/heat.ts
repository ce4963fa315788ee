import { namesIn, numberIn, textIn } from "./sysfs.ts";

/** How far heat limits the host. */
export type ThermalState = "nominal" | "fair" | "serious" | "critical";

/** How warm the host is. */
export interface Heat {
  /** `null` where no zone tells. */
  readonly state: ThermalState | null;
  /** Degrees Celsius of a processor by its number; `null` where no sensor tells. */
  temperatureOf(processor: number): number | null;
}

/** What a trip point that was reached means, by its type (sysfs-api.rst of the kernel's thermal framework). */
const TRIPS: readonly (readonly [ThermalState, RegExp])[] = [
  ["critical", /^critical$/],
  ["serious", /^hot$/],
  ["fair", /^(passive|active)$/],
];

/** Drivers of sensors in processors (hwmon of the kernel), and types of thermal zones that are processors. */
const SENSORS = /^(coretemp|k10temp|zenpower|cpu_thermal)$/;
const ZONES = /^(x86_pkg_temp|cpu[-_]?thermal.*|cpu\d*[-_]thermal|soc[-_]thermal)$/i;

/** Reads zones at once, and sensors as they are asked for. */
export function readHeat(sysRoot: string): Heat {
  const thermal = `${sysRoot}/class/thermal`;
  const zones = namesIn(thermal, /^thermal_zone\d+$/).map((name) => `${thermal}/${name}`);
  const known = new Map<number, number | null>();
  let sensors: Sensors | undefined;
  const find = (processor: number) => {
    sensors ??= readSensors(sysRoot, zones);
    const topology = `${sysRoot}/devices/system/cpu/cpu${processor}/topology`;
    const packageId = numberIn(`${topology}/physical_package_id`) ?? 0;
    const core = numberIn(`${topology}/core_id`);
    return sensors.cores.get(`${packageId}:${core}`) ?? sensors.packages.get(packageId) ??
      sensors.any;
  };
  return {
    state: stateOf(zones),
    temperatureOf(processor) {
      const temperature = known.get(processor) ?? find(processor);
      known.set(processor, temperature);
      return temperature;
    },
  };
}

/** Temperatures by package and core, by package, and of what is not said to be either. */
interface Sensors {
  readonly cores: ReadonlyMap<string, number>;
  readonly packages: ReadonlyMap<number, number>;
  readonly any: number | null;
}

function readSensors(sysRoot: string, zones: readonly string[]): Sensors {
  const folder = `${sysRoot}/class/hwmon`;
  const cores = new Map<string, number>();
  const packages = new Map<number, number>();
  let any: number | null = null;
  for (const name of namesIn(folder, /^hwmon\d+$/)) {
    const device = `${folder}/${name}`;
    if (!SENSORS.test(textIn(`${device}/name`) ?? "")) continue;
    const readings = namesIn(device, /^temp\d+_input$/).flatMap((file) => {
      const value = celsius(`${device}/${file}`);
      return value === undefined ? [] : [{
        value,
        label: textIn(`${device}/${file.replace("input", "label")}`) ?? "",
      }];
    });
    const packageId = readings.map(({ label }) => /^Package id (\d+)$/.exec(label)?.[1])
      .find((id) => id !== undefined);
    for (const { value, label } of readings) {
      const core = /^Core (\d+)$/.exec(label)?.[1];
      if (core !== undefined) cores.set(`${packageId ?? 0}:${core}`, value);
      else if (label.startsWith("Package id ")) packages.set(Number(packageId), value);
      else any ??= value;
    }
  }
  for (const zone of zones) {
    if (ZONES.test(textIn(`${zone}/type`) ?? "")) any ??= celsius(`${zone}/temp`) ?? null;
  }
  return { cores, packages, any };
}

/** The worst that any zone has come to. */
function stateOf(zones: readonly string[]): ThermalState | null {
  const reached = new Set<ThermalState>();
  for (const zone of zones) {
    const now = celsius(`${zone}/temp`);
    if (now === undefined) continue;
    reached.add("nominal");
    for (const file of namesIn(zone, /^trip_point_\d+_temp$/)) {
      const trip = celsius(`${zone}/${file}`);
      // Drivers say 0 or less for a trip point that is not set.
      if (trip === undefined || trip <= 0 || now < trip) continue;
      const type = textIn(`${zone}/${file.replace("_temp", "_type")}`) ?? "";
      for (const [state, pattern] of TRIPS) if (pattern.test(type)) reached.add(state);
    }
  }
  return TRIPS.map(([state]) => state).find((state) => reached.has(state)) ??
    (reached.has("nominal") ? "nominal" : null);
}

/** Drivers write thousandths; what no processor can be is a sensor without a value. */
function celsius(path: string): number | undefined {
  const value = numberIn(path);
  return value === undefined || value < -100_000 || value > 200_000 ? undefined : value / 1000;
}
