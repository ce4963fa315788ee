import { readFileSync } from "node:fs";
import { decode, Failure, type ProcFiles } from "../proc/files.ts";

/** What is the same for all processes of a host. */
export interface Host {
  /** Differs from boot to boot. */
  readonly bootId: string;
  /**
   * When the host started, ms since the epoch. The kernel says it in whole seconds. A finer figure (the clock less the
   * uptime) would come out a little different each time, and with it every start time, so that one process would look
   * like another in the next scan.
   */
  readonly bootTime: number;
  /** Ms since the host started. */
  uptime(): number;
  /** Names by user id. */
  readonly users: ReadonlyMap<number, string>;
}

/** Reads a {@linkcode Host}; throws `Error` where there is no process tree. */
export function readHost(files: ProcFiles): Host {
  const text = (path: string) => textOf(files, path);
  const bootTime = Number(/^btime (\d+)$/m.exec(text("stat"))?.[1]) * 1000;
  if (!Number.isSafeInteger(bootTime)) throw new Error("the process tree says no boot time");
  const uptime = readUptime(files);
  const readAt = performance.now();
  return {
    bootId: text("sys/kernel/random/boot_id").trim(),
    bootTime,
    uptime: () => uptime + performance.now() - readAt,
    users: readUsers("/etc/passwd"),
  };
}

/** Ms since the host started, in steps of 10; throws `Error` where there is no process tree. */
export function readUptime(files: ProcFiles): number {
  return parseFloat(textOf(files, "uptime")) * 1000;
}

function textOf(files: ProcFiles, path: string): string {
  const bytes = files.read(path);
  if (bytes instanceof Failure) throw new Error(`${path} of the process tree: ${bytes.reason}`);
  return decode(bytes);
}

function readUsers(path: string): ReadonlyMap<number, string> {
  try {
    return parseUsers(decode(readFileSync(path)));
  } catch {
    return new Map();
  }
}

/** Reads passwd(5); of several names for one id the first is taken, as getpwuid(3) does. */
export function parseUsers(text: string): ReadonlyMap<number, string> {
  const users = new Map<number, string>();
  for (const line of text.split("\n")) {
    const [name, , id] = line.split(":", 3);
    if (!name || !id || !/^\d{1,10}$/.test(id)) continue;
    const uid = Number(id);
    if (!users.has(uid)) users.set(uid, name);
  }
  return users;
}
