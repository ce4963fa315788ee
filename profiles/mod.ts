import type { TableSpec, ViewSpec } from "../schema/types.ts";
import { binary_analysis } from "./binary_analysis.ts";
import { code_signing } from "./code_signing.ts";
import { configuration_changes } from "./configuration_changes.ts";
import { file_events } from "./file_events.ts";
import { file_metadata } from "./file_metadata.ts";
import { groups } from "./groups.ts";
import { heap_analysis } from "./heap_analysis.ts";
import { imports_exports } from "./imports_exports.ts";
import { kernel_modules } from "./kernel_modules.ts";
import { logins } from "./logins.ts";
import { memory_artifacts } from "./memory_artifacts.ts";
import { memory_patterns } from "./memory_patterns.ts";
import { memory_regions } from "./memory_regions.ts";
import { mounts } from "./mounts.ts";
import { network_connections } from "./network_connections.ts";
import { network_interfaces } from "./network_interfaces.ts";
import { network_traffic } from "./network_traffic.ts";
import { packages } from "./packages.ts";
import { persistence_items } from "./persistence_items.ts";
import { process_events } from "./process_events.ts";
import { process_performance } from "./process_performance.ts";
import { processes } from "./processes.ts";
import { protocol_analysis } from "./protocol_analysis.ts";
import { security_policies } from "./security_policies.ts";
import { system_configuration } from "./system_configuration.ts";
import { threat_indicators } from "./threat_indicators.ts";
import { users } from "./users.ts";
import { process_ancestors } from "./views/process_ancestors.ts";
import { traffic_patterns } from "./views/traffic_patterns.ts";
import { yara_matches } from "./yara_matches.ts";

/** Every virtual table, by collector. */
export const PROFILES = [
  processes,
  process_events,
  network_connections,
  network_interfaces,
  file_events,
  file_metadata,
  process_performance,
  binary_analysis,
  code_signing,
  imports_exports,
  yara_matches,
  memory_regions,
  memory_artifacts,
  memory_patterns,
  heap_analysis,
  network_traffic,
  protocol_analysis,
  threat_indicators,
  system_configuration,
  configuration_changes,
  security_policies,
  users,
  groups,
  logins,
  kernel_modules,
  mounts,
  packages,
  persistence_items,
] as const satisfies readonly TableSpec[];

/** Every view that the engine makes of a virtual table. Queries read them like tables; nothing collects or stores them. */
export const VIEWS: readonly ViewSpec[] = [process_ancestors, traffic_patterns];

/** Virtual tables by name. */
export type Catalogue = ReadonlyMap<string, TableSpec>;

/** The catalogue of {@linkcode PROFILES}. */
export const CATALOGUE: Catalogue = new Map(
  PROFILES.map((spec): [string, TableSpec] => [spec.name, spec]),
);
