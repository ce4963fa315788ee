import { collectedColumns, METADATA_COLUMNS } from "../../schema/columns.ts";
import type { ColumnSource } from "../../schema/sources.ts";
import { type Platform, PLATFORM_NAMES, type TableSpec } from "../../schema/types.ts";
import { basemond } from "./mod.ts";

/** Platforms that have no better source. */
export type BasePlatform = Exclude<Platform, "linux">;

/** What the library asks for a table, by platform. */
const ASKS: Readonly<Record<string, Readonly<Record<BasePlatform, string>>>> = {
  processes: {
    macos: "`processes()` of systeminformation, which asks `ps -axo`, ps(1)",
    windows: "`processes()` of systeminformation, which asks PowerShell for `Win32_Process`",
  },
  process_performance: {
    macos: "`processes()` of systeminformation, which asks `ps -axo`, ps(1)",
    windows: "`processes()` of systeminformation, which asks PowerShell for `Win32_Process`",
  },
  network_connections: {
    macos: "`networkConnections()` of systeminformation, which asks `netstat -natvln`, netstat(1)",
    windows: "`networkConnections()` of systeminformation, which asks `netstat -nao`",
  },
  network_interfaces: {
    macos:
      "`networkInterfaces()` and `networkStats()` of systeminformation, which ask ifconfig(8) and netstat(1)",
    windows:
      "`networkInterfaces()` and `networkStats()` of systeminformation, which ask PowerShell for `Win32_NetworkAdapter` and `Get-NetAdapterStatistics`",
  },
};

/** Columns that the library tells elsewhere, and not, or not to be relied on, on a platform; by table. */
export const UNTOLD: Readonly<Record<BasePlatform, Readonly<Record<string, readonly string[]>>>> = {
  macos: {
    processes: ["executable_path", "parent_executable_path"],
    network_interfaces: ["duplex"],
  },
  windows: {
    processes: ["cpu_usage", "memory_vms", "nice_value", "user_name", "state"],
    process_performance: ["cpu_usage_percent", "memory_vms", "nice_value"],
    network_connections: ["process_name"],
    network_interfaces: ["duplex", "mtu"],
  },
};

/** What is made of something else than the library's answer, by column. */
const MADE: Readonly<Record<string, Readonly<Record<BasePlatform, string>>>> = {
  process_key: {
    macos:
      "`sysctl kern.boottime`, pid, and the start that `ps` tells by the process' age, in whole seconds",
    windows:
      "`LastBootUpTime` of `Win32_OperatingSystem`, pid, and `CreationDate` in whole seconds",
  },
  parent_key: {
    macos: "the `process_key` of the parent, if that is not younger",
    windows: "the `process_key` of the parent, if that is not younger",
  },
  ip_networks: {
    macos: "getifaddrs(3), as Deno asks it",
    windows: "`GetAdaptersAddresses`, as Deno asks it",
  },
  accessible: { macos: "always false", windows: "always false" },
};

/** Where the columns of a table come from on a platform that has no better source. */
export function baseSources(
  spec: TableSpec,
  platform: BasePlatform,
): Readonly<Record<string, ColumnSource>> {
  const given: readonly string[] = basemond.columns?.[spec.name] ?? [];
  const names = collectedColumns(spec, platform).map(({ name }) => name)
    .filter((name) => !(name in METADATA_COLUMNS));
  return Object.fromEntries(names.map((name) => {
    if (!given.includes(name) || UNTOLD[platform][spec.name]?.includes(name)) {
      return [name, `not collected on ${PLATFORM_NAMES[platform]}`];
    }
    return [name, MADE[name]?.[platform] ?? ASKS[spec.name]![platform]];
  }));
}
