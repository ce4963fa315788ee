import type { CollectorDeclaration } from "../../core/collector.ts";

/**
 * What changes of the host's settings: `configuration_changes`. A process of its own, because it lives as long as somebody
 * watches, while `configmond` ends when nobody asks it anything. Who changes files the kernel tells it, as it tells
 * `fsmond`.
 */
export const changemond: CollectorDeclaration = {
  name: "changemond",
  kind: "monitor",
  tables: ["configuration_changes"],
  permissions: { files: "all", proc: "look", network: "host", fileEvents: true },
  modules: { linux: new URL("./linux.ts", import.meta.url) },
};
