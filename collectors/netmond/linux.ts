import { type CollectorContext, defineCollector, type Reading } from "../core/collector.ts";
import type { TaskMessage } from "../core/messages.ts";
import { runCollector } from "../core/runtime.ts";
import { createConnections } from "./connections.ts";
import { createInterfaces } from "./interfaces.ts";
import { netmond } from "./mod.ts";

type Read = (task: TaskMessage, context: CollectorContext) => Iterable<Reading>;

/** Makes what reads each of the tables; what was made is kept, because it remembers earlier readings. */
const READERS: Readonly<Record<string, (context: CollectorContext) => Read>> = {
  network_connections: ({ procRoot }) => createConnections(procRoot),
  network_interfaces: createInterfaces,
};
const readers = new Map<string, Read>();

/** Reads the network from the process tree of Linux and from /sys. */
function collect(task: TaskMessage, context: CollectorContext): Iterable<Reading> {
  let read = readers.get(task.table);
  if (!read) readers.set(task.table, read = READERS[task.table]!(context));
  return read(task, context);
}

if (import.meta.main) await runCollector(defineCollector({ ...netmond, collect }));
