import type { CollectorDeclaration } from "../core/collector.ts";

/** What processes use of the host: `process_performance`. */
export const perfmond: CollectorDeclaration = {
  name: "perfmond",
  kind: "monitor",
  tables: ["process_performance"],
  permissions: {
    proc: "look",
    read: [
      "/sys/class/hwmon",
      "/sys/class/powercap",
      "/sys/class/thermal",
      "/sys/devices/system/cpu",
      // Where a host has both versions of control groups, the newer one is mounted on the second.
      "/sys/fs/cgroup",
      "/sys/fs/cgroup/unified",
    ],
  },
  modules: { linux: new URL("./linux.ts", import.meta.url) },
};
