import type { TableSpec } from "../schema/types.ts";

/** The table of installed software. */
export const packages = {
  name: "packages",
  description: "Software that the host's package managers have on record, one row each.",
  collector: "regmond",
  kind: "monitor",
  columns: {
    name: ["string", "Name of the package", { key: true }],
    version: ["string", "Version, as the package manager writes it", { key: true }],
    architecture: ["string", "Architecture, such as `amd64` or `noarch`", {
      key: true,
      optional: true,
    }],
    manager: ["string", "Package manager that has it on record", {
      key: true,
      values: ["dpkg", "rpm", "apk", "pacman", "homebrew", "pkgutil", "msi", "appx"],
    }],
    status: ["string", "Whether it is whole", {
      values: ["installed", "removed", "broken"],
    }],
    source: ["string", "Source package or repository", { optional: true }],
    maintainer: ["string", "Who maintains it", { optional: true }],
    installed_time: ["timestamp", "When this version was installed", { optional: true }],
    installed_size: ["integer", "Space that it takes", { optional: true, unit: "bytes" }],
  },
  examples: [
    "SELECT name, version, installed_time FROM packages WHERE installed_time > :now - 86400000",
    "SELECT name, version, manager FROM packages WHERE status = 'installed' AND name IN ('nmap', 'hydra', 'john', 'netcat-openbsd')",
  ],
} as const satisfies TableSpec;
