import { wattsBetween } from "./power.ts";
import { type Difference, grown, type Sample } from "./rates.ts";

/** Columns that tell what was used between two readings. */
export const RATES = [
  "cpu_usage_percent",
  "disk_usage_percent",
  "io_wait",
  "disk_read_speed",
  "disk_write_speed",
  "power_usage",
  "gpu_usage",
] as const;

/** One of {@linkcode RATES}. */
export type RateColumn = typeof RATES[number];

/**
 * What a process used between two readings, as speeds and shares. NULL where the host counts no such thing, absent where
 * the process' own figures are not known.
 */
export function sharesOf(
  before: Sample,
  now: Sample,
  difference: Difference | undefined,
): Partial<Record<RateColumn, number | null>> {
  if (!difference) return {};
  const { passed, cpu, waited, read, written, engine } = difference;
  const { host, energy } = now;
  const storage = grown(host.storage ?? undefined, before.host.storage ?? undefined);
  const watts = wattsBetween(before.energy, energy, host.at - before.host.at);
  const own = read === undefined || written === undefined ? undefined : read + written;
  const shares: Record<RateColumn, number | null | undefined> = {
    cpu_usage_percent: cpu === undefined ? undefined : percent(cpu, passed),
    disk_usage_percent: own === undefined
      ? undefined
      : storage === undefined
      ? null
      : percent(own, Math.max(own, storage)),
    io_wait: host.countsWaiting ? waited === undefined ? undefined : percent(waited, passed) : null,
    disk_read_speed: read === undefined ? undefined : Math.round(1000 * read / passed),
    disk_write_speed: written === undefined ? undefined : Math.round(1000 * written / passed),
    power_usage: watts === undefined
      ? null
      : cpu === undefined
      ? undefined
      : watts * percent(cpu, Math.max(cpu, host.busy - before.host.busy)) / 100,
    gpu_usage: engine === undefined ? undefined : Math.min(100, percent(engine / 1e6, passed)),
  };
  return Object.fromEntries(Object.entries(shares).filter(([, share]) => share !== undefined));
}

function percent(part: number, whole: number): number {
  return whole > 0 ? 100 * part / whole : 0;
}
