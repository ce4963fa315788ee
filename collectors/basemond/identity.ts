import { TICK } from "../proc/stat.ts";

/** Who a process is. */
export interface Identity {
  /** Its `process_key`. */
  readonly key: string;
  /** When it started, ms since the epoch. */
  readonly start: number;
}

/**
 * Tells who a process is, by its id and the time at which the library says it started, as local time in whole seconds;
 * `undefined` where that is no time.
 */
export type Identify = (pid: number, started: unknown) => Identity | undefined;

/** ms by which two tellings of one start may differ: the library has it from an age in whole seconds. */
const SLACK = 2000;

/**
 * Makes what makes an {@linkcode Identify} for each reading of a host that tells when it started, and of no clock ticks:
 * keys are that time, in whole seconds since the epoch, the id, and the start of the process in whole seconds since that
 * of the host. The first telling of a start counts as long as the process is in every reading, so that it has one key.
 */
export function identifyByTime(boot: number): () => Identify {
  let last = new Map<number, Identity>();
  return () => {
    const [before, now] = [last, new Map<number, Identity>()];
    last = now;
    return (pid, started) => {
      const start = parseLocalTime(started);
      if (start === undefined) return undefined;
      const known = before.get(pid);
      const seconds = Math.max(0, Math.round((start - boot) / 1000));
      const identity = known && Math.abs(known.start - start) <= SLACK
        ? known
        : { key: `${Math.round(boot / 1000)}:${pid}:${seconds}`, start };
      now.set(pid, identity);
      return identity;
    };
  };
}

/** Reads `2024-12-31 23:59:59`, a time of this host; `undefined` where it is none. */
export function parseLocalTime(text: unknown): number | undefined {
  const parts = typeof text === "string"
    ? /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)$/.exec(text)?.slice(1).map(Number)
    : undefined;
  if (!parts) return undefined;
  const [year, month, day, hour, minute, second] = parts as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const time = new Date(year, month - 1, day, hour, minute, second);
  return time.getMonth() === month - 1 && time.getDate() === day ? time.getTime() : undefined;
}

/** Reads what `sysctl -n kern.boottime` of macOS says (sysctl(3)): `{ sec = 1700000000, usec = 42 } Tue Nov …`, as ms. */
export function parseBootTime(text: string): number | undefined {
  const [, seconds] = /^\{ sec = (\d{9,11}), usec = \d+ \}/.exec(text.trim()) ?? [];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

/** Reads seconds since the epoch, as PowerShell was asked to write the start of a Windows host, as ms. */
export function parseSeconds(text: string): number | undefined {
  return /^\d{9,11}$/.test(text.trim()) ? Number(text) * 1000 : undefined;
}

/** A line of `/proc/<pid>/stat` (proc_pid_stat(5)). A name may hold line breaks, but no room for so many numbers. */
const STAT = /(\d+) \([^]{0,64}?\) \S(?: -?\d+){18} (\d+)(?: -?\d+){20,}\n/gy;

/**
 * Makes an {@linkcode Identify} of Linux, with the keys that the process collector gives: of
 * `/proc/sys/kernel/random/boot_id` and `/proc/stat`, and the `stat` of all processes, one after the other.
 */
export function identifyByTicks(host: string, processes: string): Identify {
  const boot = /^[0-9a-f]{8}-[0-9a-f-]{27}$/m.exec(host)?.[0];
  const started = Number(/^btime (\d+)$/m.exec(host)?.[1]) * 1000;
  const ticks = new Map(
    [...processes.matchAll(STAT)].map(([, pid, start]) => [Number(pid), Number(start)]),
  );
  return (pid) => {
    const start = ticks.get(pid);
    return boot === undefined || start === undefined || Number.isNaN(started)
      ? undefined
      : { key: `${boot}:${pid}:${start}`, start: started + start * TICK };
  };
}
