import type { CollectorDeclaration } from "../core/collector.ts";
import { CONNECTION_COLUMNS } from "./connections.ts";
import { INTERFACE_COLUMNS } from "./interfaces.ts";
import { PERFORMANCE_COLUMNS, PROCESS_COLUMNS } from "./processes.ts";

/** What Deno tells the library of a host: it asks for each of these. */
const SYS = ["networkInterfaces", "systemMemoryInfo", "osRelease", "cpus"];

/**
 * The base source, by the library systeminformation: what can be had of processes and the network on every platform. It is
 * all that macOS and Windows have, and what is left on Linux where the collectors that read the kernel itself fail.
 */
export const basemond: CollectorDeclaration = {
  name: "basemond",
  kind: "monitor",
  tables: ["processes", "process_performance", "network_connections", "network_interfaces"],
  columns: {
    processes: PROCESS_COLUMNS,
    process_performance: PERFORMANCE_COLUMNS,
    network_connections: CONNECTION_COLUMNS,
    network_interfaces: INTERFACE_COLUMNS,
  },
  permissions: { tools: ["/bin/sh"], sys: SYS, env: true },
  permissionsOn: {
    macos: { tools: ["/bin/sh", "/usr/sbin/sysctl"], sys: SYS, env: true },
    windows: { tools: ["cmd.exe", "powershell.exe"], sys: SYS, env: true },
  },
  modules: {
    linux: new URL("./linux.ts", import.meta.url),
    macos: new URL("./macos.ts", import.meta.url),
    windows: new URL("./windows.ts", import.meta.url),
  },
};
