import { readdirSync } from "node:fs";
import type { linux } from "../../profiles/extensions/processes.ts";
import type { Cell } from "../../schema/batch.ts";
import { decode, Failure, failure, type ProcFiles } from "../proc/files.ts";

/** Reads one column of a process from below `<root>/<base>`; NULL where the process has no such thing. */
export type Extension = (files: ProcFiles, base: string) => Cell | Failure;

/**
 * The columns that only Linux has and that are read only for detections that ask for them (proc(5)). Those of the
 * profile that are missing here are not collected.
 */
export const EXTENSIONS: Readonly<Partial<Record<keyof typeof linux, Extension>>> = {
  memory_maps: (files, base) => json(files.readPieces(`${base}/maps`), parseMaps),
  file_descriptors: (files, base) =>
    json(names(files, `${base}/fd`), (fds) =>
      fds.flatMap((fd) => {
        const target = files.link(`${base}/fd/${fd}`);
        return target instanceof Failure ? [] : [{ fd: Number(fd), target }];
      })),
  namespaces: (files, base) => {
    const namespaces: Record<string, number> = {};
    for (const kind of NAMESPACES) {
      const target = files.link(`${base}/ns/${kind}`);
      if (target === Failure.DENIED) return target;
      const inode = target instanceof Failure ? undefined : /\[(\d+)\]$/.exec(target)?.[1];
      if (inode !== undefined) namespaces[kind] = Number(inode);
    }
    return JSON.stringify(namespaces);
  },
  capabilities: (files, base) => json(text(files, `${base}/status`), parseCapabilities),
  security_context: (files, base) => {
    const context = text(files, `${base}/attr/current`);
    // Without a security module the kernel refuses to read the file, or knows none.
    if (context instanceof Failure) return context === Failure.DENIED ? context : null;
    return context.replace(/[\0\n]+$/, "") || null;
  },
  io_statistics: (files, base) => json(text(files, `${base}/io`), parseCounters),
  limits: (files, base) => json(text(files, `${base}/limits`), parseLimits),
  oom_score: (files, base) => integer(text(files, `${base}/oom_score`)),
  oom_score_adj: (files, base) => integer(text(files, `${base}/oom_score_adj`)),
  autogroup: (files, base) =>
    json(text(files, `${base}/autogroup`), (line) => {
      const [, id, nice] = /^\/autogroup-(\d+) nice (-?\d+)/.exec(line) ?? [];
      return id === undefined ? undefined : { id: Number(id), nice: Number(nice) };
    }),
  wchan: (files, base) => {
    const name = text(files, `${base}/wchan`);
    return name instanceof Failure || !/^\w*[a-z]/i.test(name) ? gone(name) : name.trim();
  },
};

const NAMESPACES = [
  "cgroup",
  "ipc",
  "mnt",
  "net",
  "pid",
  "pid_for_children",
  "time",
  "user",
  "uts",
];

function text(files: ProcFiles, path: string): string | Failure {
  const bytes = files.read(path);
  return bytes instanceof Failure ? bytes : decode(bytes);
}

/** NULL for what is not there, the failure itself for what could not be read. */
function gone(value: unknown): null | Failure {
  return value instanceof Failure && value !== Failure.GONE ? value : null;
}

function json<T extends string | Uint8Array | readonly string[]>(
  content: T | Failure,
  parse: (content: T) => unknown,
): Cell | Failure {
  if (content instanceof Failure) return gone(content);
  const value = parse(content);
  return value === undefined ? null : JSON.stringify(value);
}

function integer(content: string | Failure): Cell | Failure {
  if (content instanceof Failure) return gone(content);
  return /^-?\d+\s*$/.test(content) ? Number(content) : null;
}

const MAX_NAMES = 65_536;

function names(files: ProcFiles, path: string): readonly string[] | Failure {
  try {
    const names = readdirSync(`${files.root}/${path}`);
    if (names.length > MAX_NAMES) return Failure.TOO_BIG;
    return names.sort((one, other) => Number(one) - Number(other));
  } catch (error) {
    return failure(error);
  }
}

/** Reads `maps`; a line is `start-end permissions offset device inode path`. */
export function parseMaps(bytes: Uint8Array): unknown[] {
  return decode(bytes).split("\n").flatMap((line) => {
    const [, start, end, permissions, offset, device, inode, path] =
      /^([0-9a-f]+)-([0-9a-f]+) (\S{4}) ([0-9a-f]+) (\S+) (\d+) *(.*)$/.exec(line) ?? [];
    if (start === undefined) return [];
    return [{
      start: `0x${start}`,
      end: `0x${end}`,
      permissions,
      offset: parseInt(offset!, 16),
      device,
      inode: Number(inode),
      path: path || null,
    }];
  });
}

/** Reads `io`: a name and a number a line. */
export function parseCounters(content: string): Record<string, number> {
  const counters: Record<string, number> = {};
  for (const [, name, value] of content.matchAll(/^(\w+): (\d+)$/gm)) {
    counters[name!] = Number(value);
  }
  return counters;
}

/** Reads `limits`: a table with columns at fixed places; the first of them holds names with spaces. */
export function parseLimits(
  content: string,
): Record<string, { soft: number | null; hard: number | null }> {
  const limits: Record<string, { soft: number | null; hard: number | null }> = {};
  for (
    const [, name, soft, hard] of content.matchAll(
      /^Max ([a-z ]+?) {2,}(unlimited|\d+) +(unlimited|\d+)/gm,
    )
  ) {
    limits[name!.replaceAll(" ", "_")] = { soft: limit(soft!), hard: limit(hard!) };
  }
  return limits;
}

function limit(value: string): number | null {
  return value === "unlimited" ? null : Number(value);
}

const CAPABILITY_SETS = {
  inheritable: "CapInh",
  permitted: "CapPrm",
  effective: "CapEff",
  bounding: "CapBnd",
  ambient: "CapAmb",
} as const;

/** The bits of a capability set, by linux/capability.h. */
// deno-fmt-ignore
const CAPABILITIES = [
  "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
  "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER", "SYS_MODULE",
  "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE", "SYS_RESOURCE", "SYS_TIME",
  "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP", "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG",
  "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF", "CHECKPOINT_RESTORE",
];

/** Reads the capability sets of `status`. Bits that have no name yet are `CAP_<number>`. */
export function parseCapabilities(status: string): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(CAPABILITY_SETS).map(([name, label]) => {
      const mask = BigInt(
        `0x${new RegExp(`^${label}:\\s+([0-9a-f]{1,16})$`, "m").exec(status)?.[1] ?? 0}`,
      );
      const held = Array.from({ length: 64 }, (_, bit) => bit).filter((bit) =>
        mask >> BigInt(bit) & 1n
      )
        .map((bit) => `CAP_${CAPABILITIES[bit] ?? bit}`);
      return [name, held];
    }),
  );
}
