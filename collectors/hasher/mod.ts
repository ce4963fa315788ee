import type { CollectorDeclaration } from "../core/collector.ts";

/**
 * Hashes the files that processes run. A process of its own, because it must open files through the links of the process
 * tree, which nothing else may: so it can read every file, and has neither network nor a place to write to.
 */
export const hasher: CollectorDeclaration = {
  name: "hasher",
  kind: "triggerable",
  tables: ["executable_files", "file_hashes"],
  permissions: { proc: "follow", sys: ["statfs"] },
  modules: { linux: new URL("./linux.ts", import.meta.url) },
};
