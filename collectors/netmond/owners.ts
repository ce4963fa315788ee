import { decode, Failure, type ProcFiles } from "../proc/files.ts";
import { parseStat } from "../proc/stat.ts";

/** What the rows of `network_connections` say of the process that holds a socket. */
export interface Owner {
  /** Its id. */
  readonly pid: number;
  /** Its name. */
  readonly process_name: string;
  /** Its identity across reboots. */
  readonly process_key: string;
  /** The user whose rights it has on files; absent where ids are not read. */
  readonly uid?: number;
  /** The group whose rights it has on files; absent where ids are not read. */
  readonly gid?: number;
}

/** Reads processes that hold sockets, each once. */
export interface Owners {
  /** The process; `undefined` where it has ended. */
  of(pid: number): Owner | undefined;
}

/** Makes an {@linkcode Owners} for one scan. */
export function createOwners(files: ProcFiles, readsIds: boolean): Owners {
  const bootId = text(files.read("sys/kernel/random/boot_id"))?.trim();
  const known = new Map<number, Owner | undefined>();
  const read = (pid: number): Owner | undefined => {
    const bytes = files.read(`${pid}/stat`);
    const stat = bytes instanceof Failure ? undefined : parseStat(bytes);
    if (!stat) return undefined;
    const process = {
      pid,
      process_name: stat.comm,
      process_key: `${bootId}:${pid}:${stat.starttime}`,
    };
    if (!readsIds) return process;
    const status = text(files.read(`${pid}/status`)) ?? "";
    const [, uid] = FILE_USER.exec(status) ?? [];
    const [, gid] = FILE_GROUP.exec(status) ?? [];
    return uid === undefined || gid === undefined
      ? undefined
      : { ...process, uid: Number(uid), gid: Number(gid) };
  };
  return {
    of(pid) {
      if (!known.has(pid)) known.set(pid, read(pid));
      return known.get(pid);
    },
  };
}

/** The last of the four numbers: what the process creates, a socket as well, belongs to them (proc_pid_status(5)). */
const FILE_USER = /^Uid:\t\d+\t\d+\t\d+\t(\d+)$/m;
const FILE_GROUP = /^Gid:\t\d+\t\d+\t\d+\t(\d+)$/m;

function text(bytes: Uint8Array | Failure): string | undefined {
  return bytes instanceof Failure ? undefined : decode(bytes);
}
