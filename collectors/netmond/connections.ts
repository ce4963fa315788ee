import type { CollectorContext, Reading } from "../core/collector.ts";
import type { TaskMessage } from "../core/messages.ts";
import { openProcFiles } from "../proc/files.ts";
import { listProcesses } from "../proc/list.ts";
import { CONNECTION_COLUMNS, connectionReadings } from "./connection.ts";
import { createHistory } from "./history.ts";
import { createHolders } from "./holders.ts";
import { createNamespaces, visit } from "./namespaces.ts";
import { meetNeighbours, type Neighbourhood } from "./neighbourhood.ts";
import { createOwners } from "./owners.ts";
import { PROTOCOLS } from "./sockets.ts";
import { possibleValues } from "./wanted.ts";

/** Sockets that are read in one scan, at most, so that memory stays bounded. */
const MAX_SOCKETS = 250_000;

/** Reads `network_connections`. */
export type ReadConnections = (
  task: Pick<TaskMessage, "project" | "where">,
  context: Pick<CollectorContext, "deadline">,
) => Iterable<Reading>;

/**
 * Makes what reads `network_connections`; once, because it remembers what earlier scans have found. First all tables are
 * read, then who holds the sockets is looked for: so one that is opened meanwhile is not shown without its holder.
 */
export function createConnections(procRoot: string): ReadConnections {
  const files = openProcFiles(procRoot);
  const namespaces = createNamespaces(files);
  const holders = createHolders(files);
  const history = createHistory();

  return function* ({ project, where }, { deadline }) {
    const wantedProtocols = possibleValues(where, "protocol");
    const protocols = PROTOCOLS.filter((protocol) => wantedProtocols?.has(protocol) ?? true);
    const pids = listProcesses(files);
    const all = namespaces.find(pids);
    history.keep(all.map(({ name }) => name));
    const ids = possibleValues(where, "namespace_id");
    const chosen = all.filter(({ id }) => id === null || (ids?.has(String(id)) ?? true));

    const hoods: Neighbourhood[] = [];
    let room = MAX_SOCKETS;
    let fault: string | undefined;
    for (const namespace of chosen) {
      if (performance.now() > deadline) {
        fault = "not all network namespaces were read in time";
        break;
      }
      const hood = visit(
        files,
        namespace,
        (pid) => meetNeighbours(files, namespace, { pid, protocols, room }),
      );
      if (!hood) continue;
      hoods.push(hood);
      room -= hood.sockets.length;
      fault ??= hood.fault;
    }

    const inodes = new Set<number>();
    for (const { sockets } of hoods) {
      for (const { inode } of sockets) if (inode !== 0) inodes.add(inode);
    }
    const found = holders.find(inodes, pids, {
      whole: wantedProtocols === undefined && ids === undefined && fault === undefined,
      list: () => listProcesses(files),
      deadline,
    });
    const owners = createOwners(files, project.includes("gid") || project.includes("uid"));
    const wanted = new Set([...project, "inode"]);
    const columns = CONNECTION_COLUMNS.filter((column) => wanted.has(column));
    const now = Date.now();
    for (const hood of hoods) {
      const { name } = hood.namespace;
      const looks = new Map(
        protocols.map((protocol) => [protocol, history.look(name, protocol, now)]),
      );
      for (const socket of hood.sockets) {
        const seen = looks.get(socket.protocol)!.of(socket, () => hood.doors.directionOf(socket));
        yield* connectionReadings({ socket, seen, hood }, { found, owners }, columns);
      }
      for (const look of looks.values()) look.end();
    }
    if (fault !== undefined) throw new Error(fault);
  };
}
