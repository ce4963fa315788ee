import { decode, Failure, type ProcFiles } from "../proc/files.ts";
import { parseControlGroups } from "../procmond/control_groups.ts";
import { createDoors, type Doors } from "./direction.ts";
import { keyOf } from "./identity.ts";
import type { Namespace } from "./namespaces.ts";
import { readSockets, type Socket } from "./sockets.ts";

/** The sockets of a namespace. */
export interface Neighbourhood {
  /** The namespace. */
  readonly namespace: Namespace;
  /** Id of the container that it belongs to. */
  readonly container_id: string | null;
  /** Its sockets, each once. */
  readonly sockets: readonly Socket[];
  /** Where connections can come in. */
  readonly doors: Doors;
  /** Why sockets are missing, in words; absent where none are. */
  readonly fault?: string;
}

/** Reads the sockets of a namespace through a process that lives there, no more than there is room for. */
export function meetNeighbours(
  files: ProcFiles,
  namespace: Namespace,
  { pid, protocols, room }: {
    readonly pid: number;
    readonly protocols: readonly Socket["protocol"][];
    readonly room: number;
  },
): Neighbourhood {
  const sockets: Socket[] = [];
  const known = new Set<number | string>();
  const doors = createDoors();
  let full = false;
  const take = (socket: Socket) => {
    // The kernel may hand out a socket twice when others come and go while its table is read.
    const key = keyOf(socket);
    if (known.has(key)) return;
    if (sockets.length === room) {
      full = true;
      return;
    }
    known.add(key);
    doors.add(socket);
    sockets.push(socket);
  };
  const failure = readSockets(files, pid, take, new Set(protocols));
  const fault = full
    ? "there are more sockets than are read at once"
    : failure && `the sockets of ${namespace.name}: ${failure.reason}`;
  return {
    namespace,
    container_id: containerOf(files, pid),
    sockets,
    doors,
    ...(fault !== undefined && { fault }),
  };
}

/**
 * The id of the container that a process is in, from the name of its control group; NULL where it is in none. Of the
 * processes of a network namespace it is the one with the lowest id that is asked, mostly the oldest.
 */
export function containerOf(files: ProcFiles, pid: number): string | null {
  const bytes = files.read(`${pid}/cgroup`);
  return bytes instanceof Failure ? null : parseControlGroups(decode(bytes)).container_id;
}
