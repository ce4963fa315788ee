import type { CollectorDeclaration } from "../core/collector.ts";
import { OWNER_FILES } from "../files/owners.ts";
import { FILE_COLUMNS } from "./columns.ts";

/**
 * Files as every platform's Deno can see them: `file_metadata` on macOS and Windows, and what is left of it on Linux where
 * `filemond` fails. It opens nothing but regular files, and follows links only on the way to the place that is asked for.
 */
export const basefilemond: CollectorDeclaration = {
  name: "basefilemond",
  kind: "triggerable",
  tables: ["file_metadata"],
  columns: { file_metadata: FILE_COLUMNS },
  permissions: { files: "all", read: OWNER_FILES },
  permissionsOn: { windows: { files: "all" } },
  modules: {
    linux: new URL("./run.ts", import.meta.url),
    macos: new URL("./run.ts", import.meta.url),
    windows: new URL("./run.ts", import.meta.url),
  },
};
