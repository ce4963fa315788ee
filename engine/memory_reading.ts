import { getHeapStatistics } from "node:v8";

/** How scarce memory is, as far as it can be told. */
export interface MemoryReading {
  /** Percent of the last ten seconds in which something on the host waited for memory (`some avg10` of proc(5), PSI). */
  readonly stalled?: number;
  /** The share of what this program and its children may use that they do use, without what can be dropped at once. */
  readonly used?: number;
  /** Processes that the kernel has ended for their memory, since the control group was made. */
  readonly killed?: number;
  /** The share of its heap that this process uses. */
  readonly heap: number;
}

/** Where memory is told of. */
export interface MemoryPlaces {
  /** The file of the host's pressure. */
  readonly pressure: string;
  /** The control group of this program. */
  readonly group?: string;
}

/** Bytes of each file that are read. */
const ENOUGH = 8_192;

/** More is no limit: of cgroup v1, "none" is a number. */
const NO_LIMIT = 2 ** 60;

const PRESSURE = "/proc/pressure/memory";
const GROUPS = "/proc/self/cgroup";

/**
 * Reads small files, by another program: Deno keeps /proc and /sys from a process that has not every permission. What
 * cannot be read is left out.
 */
async function readFiles(paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await new Deno.Command("setpriv", {
    args: ["--no-new-privs", "head", "-v", "-c", String(ENOUGH), "--", ...paths],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).output();
  const [, ...parts] = new TextDecoder().decode(stdout).split(/^==> (.+) <==\n/m);
  const found = new Map<string, string>();
  for (let at = 0; at + 1 < parts.length; at += 2) found.set(parts[at]!, parts[at + 1]!);
  return found;
}

/** Finds out where memory is told of on this host: of cgroup v2, else of v1 (cgroups(7)). */
export async function memoryPlaces(): Promise<MemoryPlaces> {
  const files = await readFiles([GROUPS]).catch(() => new Map<string, string>());
  const lines = (files.get(GROUPS) ?? "").split("\n");
  const path = (prefix: RegExp) => lines.find((line) => prefix.test(line))?.replace(prefix, "");
  const v1 = path(/^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:/);
  const v2 = path(/^0::/);
  const group = v1 !== undefined
    ? `/sys/fs/cgroup/memory${v1}`
    : v2 !== undefined
    ? `/sys/fs/cgroup${v2}`
    : undefined;
  return { pressure: PRESSURE, ...(group !== undefined && { group }) };
}

/** Reads how scarce memory is. Never throws: what cannot be told is left out. */
export async function readMemory({ pressure, group }: MemoryPlaces): Promise<MemoryReading> {
  const at = (name: string) => `${group}/${name}`;
  const paths = [
    pressure,
    ...group === undefined ? [] : [
      "memory.current",
      "memory.max",
      "memory.high",
      "memory.events",
      "memory.usage_in_bytes",
      "memory.limit_in_bytes",
      "memory.oom_control",
      "memory.stat",
    ].map(at),
  ];
  const files = await readFiles(paths).catch(() => new Map<string, string>());
  const number = (name: string) => {
    const text = files.get(at(name))?.trim();
    return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
  };
  const field = (name: string, key: string) => {
    const [, value] = new RegExp(`^${key} (\\d+)$`, "m").exec(files.get(at(name)) ?? "") ?? [];
    return value === undefined ? undefined : Number(value);
  };
  const [, some] = /^some avg10=([\d.]+)/m.exec(files.get(pressure) ?? "") ?? [];
  const limits = ["memory.max", "memory.high", "memory.limit_in_bytes"].map(number)
    .filter((limit) => limit !== undefined && limit < NO_LIMIT) as number[];
  const current = number("memory.current") ?? number("memory.usage_in_bytes");
  const cached = field("memory.stat", "total_inactive_file") ??
    field("memory.stat", "inactive_file") ?? 0;
  const killed = field("memory.events", "oom_kill") ?? field("memory.oom_control", "oom_kill");
  const { used_heap_size, heap_size_limit } = getHeapStatistics();
  return {
    ...(some !== undefined && { stalled: Number(some) }),
    ...(current !== undefined && limits.length > 0 &&
      { used: Math.max(0, current - cached) / Math.min(...limits) }),
    ...(killed !== undefined && { killed }),
    heap: used_heap_size / heap_size_limit,
  };
}
