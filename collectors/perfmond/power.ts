import { namesIn, numberIn, textIn } from "./sysfs.ts";

/** Microjoules that each package of processors has used, by its zone, and the value at which its counter begins anew. */
export type Energy = ReadonlyMap<string, { readonly used: number; readonly range: number }>;

/** Reads the energy counters of the packages (powercap.rst of the kernel); only root may. */
export function readEnergy(sysRoot: string): Energy {
  const folder = `${sysRoot}/class/powercap`;
  const energy = new Map<string, { used: number; range: number }>();
  for (const zone of namesIn(folder, /^[a-z-]+:\d+$/)) {
    if (!textIn(`${folder}/${zone}/name`)?.startsWith("package-")) continue;
    const used = numberIn(`${folder}/${zone}/energy_uj`);
    const range = numberIn(`${folder}/${zone}/max_energy_range_uj`);
    if (used !== undefined && range !== undefined) energy.set(zone, { used, range });
  }
  return energy;
}

/** Watts that the packages drew together between two readings, ms apart; `undefined` where nothing counts. */
export function wattsBetween(before: Energy, now: Energy, passed: number): number | undefined {
  let microjoules: number | undefined;
  for (const [zone, { used, range }] of now) {
    const last = before.get(zone);
    if (!last) continue;
    const difference = used >= last.used ? used - last.used : used + range - last.used;
    if (difference >= 0) microjoules = (microjoules ?? 0) + difference;
  }
  return microjoules === undefined || !(passed > 0) ? undefined : microjoules / 1000 / passed;
}
