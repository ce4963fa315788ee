import type { CollectorDeclaration, CollectorPermissions } from "../core/collector.ts";

/**
 * Settings are read from everybody's files and from the kernel, whose parameters of the network are those of the network
 * that one stands in.
 */
export const CONFIGURATION: CollectorPermissions = {
  files: "all",
  proc: "look",
  read: [
    "/sys/module",
    "/sys/kernel/security",
    "/sys/fs/selinux",
    "/sys/firmware/efi",
    "/sys/firmware/efi/efivars",
  ],
  network: "host",
};

/** How the host is set up: `system_configuration` and `security_policies`. It opens nothing but regular files and runs nothing. */
export const configmond: CollectorDeclaration = {
  name: "configmond",
  kind: "triggerable",
  tables: ["system_configuration", "security_policies"],
  permissions: CONFIGURATION,
  modules: { linux: new URL("./linux.ts", import.meta.url) },
};
