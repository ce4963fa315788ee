import type { CollectorDeclaration } from "../core/collector.ts";

/**
 * What program files are made of: `binary_analysis`, `imports_exports`, `code_signing` and `yara_matches`. Files are opened by path, and by process
 * through the link to what it runs, which also leads to files without a name and to those of other namespaces.
 */
export const binmond: CollectorDeclaration = {
  name: "binmond",
  kind: "triggerable",
  tables: ["binary_analysis", "imports_exports", "code_signing", "yara_matches"],
  permissions: { proc: "follow", files: "all", sys: ["statfs"] },
  modules: { linux: new URL("./linux.ts", import.meta.url) },
};
