import type { CollectorDeclaration } from "../core/collector.ts";
import { OWNER_FILES } from "../files/owners.ts";

/**
 * What happens to files: `file_events`. It is told by the kernel through a reader of its own and sees no files itself; it
 * looks at the processes that did it.
 */
export const fsmond: CollectorDeclaration = {
  name: "fsmond",
  kind: "monitor",
  tables: ["file_events"],
  permissions: { proc: "look", read: OWNER_FILES, fileEvents: true },
  modules: { linux: new URL("./linux.ts", import.meta.url) },
};
