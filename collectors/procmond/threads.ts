import { decode, Failure, listFolder, type ProcFiles } from "../proc/files.ts";
import { parseStat, stateOf, TICK } from "../proc/stat.ts";
import { parseCapabilitySet } from "./capabilities.ts";
import { parseCounters } from "./counters.ts";
import { parseStatus } from "./status.ts";

/** Reads something of each thread of a process; threads that end meanwhile are left out. */
export function readThreads<T>(
  files: ProcFiles,
  pid: number,
  file: string,
  parse: (text: Uint8Array) => T | undefined,
): readonly ({ readonly tid: number } & T)[] | Failure {
  const folder = `${pid}/task`;
  const tids = listFolder(files, folder);
  if (tids instanceof Failure) return tids;
  const threads: ({ readonly tid: number } & T)[] = [];
  for (const tid of tids) {
    const bytes = files.readPieces(`${folder}/${tid}/${file}`);
    if (bytes === Failure.GONE) continue;
    if (bytes instanceof Failure) return bytes;
    const thread = parse(bytes);
    if (thread !== undefined) threads.push({ tid: Number(tid), ...thread });
  }
  return threads;
}

/** Reads a thread's `stat`; times in ms. */
export function threadStat(bytes: Uint8Array): {
  readonly name: string;
  readonly state: string;
  readonly user_time: number;
  readonly system_time: number;
} | undefined {
  const stat = parseStat(bytes);
  return stat && {
    name: stat.comm,
    state: stateOf(stat),
    user_time: stat.utime * TICK,
    system_time: stat.stime * TICK,
  };
}

/** Reads a thread's `status`. */
export function threadStatus(bytes: Uint8Array): {
  readonly name: string | null;
  readonly user_id: number | null;
  readonly effective_user_id: number | null;
  readonly effective: readonly string[];
  readonly no_new_privileges: boolean;
  readonly seccomp: number;
} {
  const text = decode(bytes);
  const { uid, effectiveUid } = parseStatus(text);
  return {
    name: nameOf(text),
    user_id: uid,
    effective_user_id: effectiveUid,
    effective: parseCapabilitySet(text, "effective"),
    no_new_privileges: /^NoNewPrivs:\t1$/m.test(text),
    seccomp: Number(/^Seccomp:\t(\d)$/m.exec(text)?.[1] ?? 0),
  };
}

/** The name is the first line; the kernel escapes line breaks and backslashes in it, and nothing else. */
function nameOf(status: string): string | null {
  const name = /^Name:\t(.*)$/m.exec(status)?.[1];
  return name?.replace(/\\([n\\])/g, (_, escaped) => escaped === "n" ? "\n" : "\\") ?? null;
}

/** Reads a thread's `io` for what reached storage. */
export function threadIo(bytes: Uint8Array): {
  readonly read_bytes: number;
  readonly write_bytes: number;
} {
  const { read_bytes = 0, write_bytes = 0 } = parseCounters(decode(bytes));
  return { read_bytes, write_bytes };
}

/** Reads a thread's `children`. */
export function threadChildren(bytes: Uint8Array): { readonly children: readonly number[] } {
  return { children: decode(bytes).split(" ").filter((pid) => /^\d+$/.test(pid)).map(Number) };
}
