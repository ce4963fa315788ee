import type { CollectorDeclaration } from "../core/collector.ts";

/** The network as this host sees it: `network_connections` and `network_interfaces`. */
export const netmond: CollectorDeclaration = {
  name: "netmond",
  kind: "monitor",
  tables: ["network_connections", "network_interfaces"],
  permissions: {
    proc: "look",
    read: ["/sys/class/net"],
    sys: ["networkInterfaces"],
    network: "host",
  },
  modules: { linux: new URL("./linux.ts", import.meta.url) },
};
