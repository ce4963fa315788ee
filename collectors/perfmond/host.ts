import { decode, Failure, type ProcFiles } from "../proc/files.ts";
import { TICK } from "../proc/stat.ts";

/** What the host as a whole has, and has used so far. */
export interface HostUse {
  /** Differs from boot to boot. */
  readonly bootId: string;
  /** Ms from the start of the host to this reading. */
  readonly uptime: number;
  /** When this was read, as `performance.now()` counts. */
  readonly at: number;
  /** Bytes of memory. */
  readonly memory: number;
  /** Ms for which its processors ran something, all together. */
  readonly busy: number;
  /** Bytes that went from and to storage; `null` where the kernel does not count them. */
  readonly storage: number | null;
  /** Whether the kernel counts how long processes wait for storage. */
  readonly countsWaiting: boolean;
}

/** Reads what the host has used; throws `Error` where there is no process tree. */
export function readHostUse(files: ProcFiles): HostUse {
  const text = (path: string) => {
    const bytes = files.readPieces(path);
    return bytes instanceof Failure ? "" : decode(bytes);
  };
  const at = performance.now();
  const uptime = parseFloat(text("uptime")) * 1000;
  const memory = Number(/^MemTotal: +(\d+) kB$/m.exec(text("meminfo"))?.[1]) * 1024;
  if (!Number.isFinite(uptime) || !(memory > 0)) throw new Error("there is no process tree");
  return {
    bootId: text("sys/kernel/random/boot_id").trim(),
    uptime,
    at,
    memory,
    busy: parseBusy(text("stat")),
    storage: parseStorage(text("vmstat")),
    countsWaiting: text("sys/kernel/task_delayacct").trim() === "1",
  };
}

/** Reads the first line of `/proc/stat` (proc_stat(5)): all but what was idle, and the guests' time, which counts twice. */
export function parseBusy(stat: string): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] =
    /^cpu +([\d ]+)$/m.exec(stat)?.[1]?.split(" ").map(Number) ?? [];
  return (user + nice + system + irq + softirq) * TICK;
}

/** Reads `pgpgin` and `pgpgout` of `/proc/vmstat` (proc_vmstat(5)), which count KiB. */
export function parseStorage(vmstat: string): number | null {
  const [, read] = /^pgpgin (\d+)$/m.exec(vmstat) ?? [];
  const [, written] = /^pgpgout (\d+)$/m.exec(vmstat) ?? [];
  return read === undefined || written === undefined
    ? null
    : (Number(read) + Number(written)) * 1024;
}
