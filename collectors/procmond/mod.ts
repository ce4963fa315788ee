import type { CollectorDeclaration } from "../core/collector.ts";

/** Running processes: `processes`. */
export const procmond: CollectorDeclaration = {
  name: "procmond",
  kind: "monitor",
  tables: ["processes"],
  permissions: { proc: "look", read: ["/etc/passwd"] },
  modules: { linux: new URL("./linux.ts", import.meta.url) },
};
