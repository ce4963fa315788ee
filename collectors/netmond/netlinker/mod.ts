import type { CollectorDeclaration } from "../../core/collector.ts";
import { socket_details } from "./tables.ts";

/**
 * Asks the kernel, through netlink, for what it tells of sockets in no file. A process of its own: to ask takes the C
 * library and the host's network, which nothing that sees other processes may have. It sees neither processes nor files.
 */
export const netlinker: CollectorDeclaration = {
  name: "netlinker",
  kind: "monitor",
  tables: [socket_details.name],
  permissions: { network: "host", ffi: true },
  modules: { linux: new URL("./linux.ts", import.meta.url) },
};
