import type { CollectorDeclaration } from "../core/collector.ts";

/**
 * What the host has on record of itself: accounts, logins, software, what it starts by itself. It reads files of everybody's,
 * those of root among them, opens nothing but regular files and runs nothing.
 */
export const regmond: CollectorDeclaration = {
  name: "regmond",
  kind: "monitor",
  tables: [
    "users",
    "groups",
    "logins",
    "kernel_modules",
    "mounts",
    "packages",
    "persistence_items",
  ],
  permissions: { files: "all", proc: "look", read: ["/sys/module"], sys: ["statfs"] },
  modules: { linux: new URL("./linux.ts", import.meta.url) },
};
