import { binary_analysis } from "../profiles/binary_analysis.ts";
import { file_events } from "../profiles/file_events.ts";
import { groups } from "../profiles/groups.ts";
import { kernel_modules } from "../profiles/kernel_modules.ts";
import { logins } from "../profiles/logins.ts";
import { mounts } from "../profiles/mounts.ts";
import { network_traffic } from "../profiles/network_traffic.ts";
import { packages } from "../profiles/packages.ts";
import { protocol_analysis } from "../profiles/protocol_analysis.ts";
import { persistence_items } from "../profiles/persistence_items.ts";
import { threat_indicators } from "../profiles/threat_indicators.ts";
import { users } from "../profiles/users.ts";
import { yara_matches } from "../profiles/yara_matches.ts";
import { code_signing } from "../profiles/code_signing.ts";
import { imports_exports } from "../profiles/imports_exports.ts";
import { file_metadata } from "../profiles/file_metadata.ts";
import { heap_analysis } from "../profiles/heap_analysis.ts";
import { memory_artifacts } from "../profiles/memory_artifacts.ts";
import { memory_patterns } from "../profiles/memory_patterns.ts";
import { memory_regions } from "../profiles/memory_regions.ts";
import { network_connections } from "../profiles/network_connections.ts";
import { network_interfaces } from "../profiles/network_interfaces.ts";
import { process_events } from "../profiles/process_events.ts";
import { process_performance } from "../profiles/process_performance.ts";
import { processes } from "../profiles/processes.ts";
import { configuration_changes } from "../profiles/configuration_changes.ts";
import { security_policies } from "../profiles/security_policies.ts";
import { system_configuration } from "../profiles/system_configuration.ts";
import type { ColumnSource } from "../schema/sources.ts";
import type { Platform, TableSpec } from "../schema/types.ts";
import { baseFileSources } from "./basefilemond/sources.ts";
import { baseSources } from "./basemond/sources.ts";
import {
  analysisSources,
  matchSources,
  signatureSources,
  symbolSources,
} from "./binmond/sources.ts";
import { changeSources, configurationSources, policySources } from "./configmond/sources.ts";
import { metadataSources } from "./filemond/sources.ts";
import { fileEventSources } from "./fsmond/sources.ts";
import { artifactSources, heapSources, patternSources, regionSources } from "./memmond/sources.ts";
import * as analysed from "./netanalymond/sources.ts";
import { connectionSources, interfaceSources } from "./netmond/sources.ts";
import { performanceSources } from "./perfmond/sources.ts";
import { eventSources, processSources } from "./procmond/sources.ts";
import * as inventory from "./regmond/sources.ts";

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
  [processes.name]: { linux: processSources, ...base(processes) },
  [process_events.name]: { linux: eventSources },
  [binary_analysis.name]: { linux: analysisSources },
  [imports_exports.name]: { linux: symbolSources },
  [code_signing.name]: { linux: signatureSources },
  [yara_matches.name]: { linux: matchSources },
  [heap_analysis.name]: { linux: heapSources },
  [memory_artifacts.name]: { linux: artifactSources },
  [memory_patterns.name]: { linux: patternSources },
  [memory_regions.name]: { linux: regionSources },
  [network_connections.name]: { linux: connectionSources, ...base(network_connections) },
  [network_interfaces.name]: { linux: interfaceSources, ...base(network_interfaces) },
  [file_metadata.name]: {
    linux: metadataSources,
    macos: baseFileSources("macos"),
    windows: baseFileSources("windows"),
  },
  [file_events.name]: { linux: fileEventSources },
  [users.name]: { linux: inventory.userSources },
  [groups.name]: { linux: inventory.groupSources },
  [logins.name]: { linux: inventory.loginSources },
  [kernel_modules.name]: { linux: inventory.moduleSources },
  [mounts.name]: { linux: inventory.mountSources },
  [packages.name]: { linux: inventory.packageSources },
  [persistence_items.name]: { linux: inventory.persistenceSources },
  [system_configuration.name]: { linux: configurationSources },
  [configuration_changes.name]: { linux: changeSources },
  [security_policies.name]: { linux: policySources },
  [network_traffic.name]: { linux: analysed.trafficSources },
  [protocol_analysis.name]: { linux: analysed.analysisSources },
  [threat_indicators.name]: { linux: analysed.indicatorSources },
  [process_performance.name]: { linux: performanceSources, ...base(process_performance) },
};

/** What platforms have that only the base source reads. */
function base(spec: TableSpec): Readonly<Partial<Record<Platform, SourcesByColumn>>> {
  return { macos: baseSources(spec, "macos"), windows: baseSources(spec, "windows") };
}
