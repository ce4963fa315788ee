import { Failure, type ProcFiles } from "../proc/files.ts";
import { readSockets, type Socket } from "../netmond/sockets.ts";

/** A socket that a process holds open. What is in no table of the kernel, as those of netlink, has a number alone. */
export interface HeldSocket extends
  Pick<
    Socket,
    "inode" | "local_address" | "local_port" | "remote_address" | "remote_port" | "state"
  > {
  /** NULL for what is in no table. */
  readonly protocol: Socket["protocol"] | null;
}

/** Finds sockets by their inode numbers, reading the tables of each network namespace once. */
export interface SocketTables {
  /** The sockets of the namespace in which a process lives. */
  of(pid: number): ReadonlyMap<number, HeldSocket> | Failure;
}

/** Makes a {@linkcode SocketTables} for one scan. */
export function createSocketTables(files: ProcFiles): SocketTables {
  const known = new Map<string, ReadonlyMap<number, HeldSocket> | Failure>();

  const read = (pid: number): ReadonlyMap<number, HeldSocket> | Failure => {
    const sockets = new Map<number, HeldSocket>();
    const failure = readSockets(files, pid, (socket) => {
      const { inode, protocol, local_address, local_port, remote_address, remote_port, state } =
        socket;
      sockets.set(inode, {
        inode,
        protocol,
        local_address,
        local_port,
        remote_address,
        remote_port,
        state,
      });
    });
    return failure ?? sockets;
  };

  return {
    of(pid) {
      const namespace = files.link(`${pid}/ns/net`);
      if (namespace instanceof Failure) return namespace;
      let sockets = known.get(namespace);
      if (!sockets) known.set(namespace, sockets = read(pid));
      return sockets;
    },
  };
}

/** The sockets among what file descriptors refer to, each once. */
export function heldSockets(
  targets: readonly string[],
  sockets: ReadonlyMap<number, HeldSocket>,
): HeldSocket[] {
  const inodes = targets.map((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1])
    .filter((inode) => inode !== undefined);
  return [...new Set(inodes)].map((digits) => {
    const inode = Number(digits);
    return sockets.get(inode) ?? {
      inode,
      protocol: null,
      local_address: null,
      local_port: null,
      remote_address: null,
      remote_port: null,
      state: null,
    };
  });
}
