import { network_connections } from "../profiles/network_connections.ts";
import { network_interfaces } from "../profiles/network_interfaces.ts";
import { process_events } from "../profiles/process_events.ts";
import { processes } from "../profiles/processes.ts";
import type { ColumnSource } from "../schema/sources.ts";
import type { Platform } from "../schema/types.ts";
import { connectionSources, interfaceSources } from "./netmond/sources.ts";
import { eventSources, processSources } from "./procmond/sources.ts";

/** Where columns come from, by name. */
export type SourcesByColumn = Readonly<Record<string, ColumnSource>>;

/**
 * Where the columns of each table come from, by platform: what `docs/tables/` shows, and what tests hold against the live
 * host. A collector states it beside its code as `ColumnSources`, which no column can be missing from; a line here
 * publishes it.
 */
export const SOURCES: Readonly<
  Record<string, Readonly<Partial<Record<Platform, SourcesByColumn>>>>
> = {
  [processes.name]: { linux: processSources },
  [process_events.name]: { linux: eventSources },
  [network_connections.name]: { linux: connectionSources },
  [network_interfaces.name]: { linux: interfaceSources },
};
