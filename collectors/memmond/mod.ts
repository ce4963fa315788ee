import type { CollectorDeclaration } from "../core/collector.ts";

/**
 * What the memory of processes is made of and what stands in it: `memory_regions`, `memory_patterns`, `memory_artifacts`
 * and `heap_analysis`. Memory is only read, through `/proc/<pid>/mem`; no process is stopped for it.
 */
export const memmond: CollectorDeclaration = {
  name: "memmond",
  kind: "triggerable",
  tables: ["memory_regions", "memory_patterns", "memory_artifacts", "heap_analysis"],
  permissions: { proc: "look" },
  modules: { linux: new URL("./linux.ts", import.meta.url) },
};
