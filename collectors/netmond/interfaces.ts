import type { CollectorContext, Reading } from "../core/collector.ts";
import type { TaskMessage } from "../core/messages.ts";
import { openProcFiles } from "../proc/files.ts";
import { listProcesses } from "../proc/list.ts";
import type { Device } from "./devices.ts";
import { interfaceReading } from "./interface.ts";
import { createNamespaces, ownNamespace, visit } from "./namespaces.ts";
import { isUnused, readStack } from "./stack.ts";

/** Reads `network_interfaces`. */
export type ReadInterfaces = (
  task: Pick<TaskMessage, "project">,
  context: Pick<CollectorContext, "deadline">,
) => Iterable<Reading>;

/**
 * Makes what reads `network_interfaces`; once, because it remembers the counters of the previous reading. Left out are
 * namespaces other than its own in which no interface has an address or ever carried a packet: sandboxes without a
 * network, those of this toolkit among them.
 */
export function createInterfaces(
  { procRoot, sysRoot }: Pick<CollectorContext, "procRoot" | "sysRoot">,
): ReadInterfaces {
  const files = openProcFiles(procRoot);
  const namespaces = createNamespaces(files);
  let previous = new Map<string, Device>();

  return function* ({ project }, { deadline }) {
    const wanted = new Set(project);
    const own = ownNamespace(files);
    const read = new Map<string, Device>();
    for (const namespace of namespaces.find(listProcesses(files))) {
      if (performance.now() > deadline) {
        throw new Error("not all network namespaces were read in time");
      }
      const isOwn = namespace.name === own;
      const stack = visit(
        files,
        namespace,
        (pid) => readStack(files, pid, { namespace, wanted, own: isOwn, sysRoot }),
      );
      if (!stack || (!isOwn && isUnused(stack))) continue;
      for (const device of stack.devices) {
        const key = `${namespace.name} ${device.name}`;
        read.set(key, device);
        yield interfaceReading(stack, device, previous.get(key));
      }
    }
    previous = read;
  };
}
