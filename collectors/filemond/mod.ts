import type { CollectorDeclaration } from "../core/collector.ts";
import { OWNER_FILES } from "../files/owners.ts";

/**
 * Files as they are on disk, asked for by path: `file_metadata`. A process of its own: it sees every file and calls the
 * C library, because Deno has neither extended attributes nor a way to open a path without following links. It sees no
 * other process's memory, has no network, and owns nothing.
 */
export const filemond: CollectorDeclaration = {
  name: "filemond",
  kind: "triggerable",
  tables: ["file_metadata"],
  permissions: { files: "all", read: OWNER_FILES, ffi: true },
  modules: { linux: new URL("./linux.ts", import.meta.url) },
};
