import type { TableSpec } from "../schema/types.ts";

/** The table of what is loaded into the kernel. */
export const kernel_modules = {
  name: "kernel_modules",
  description: "Code loaded into the running kernel: modules, extensions, drivers. One row each.",
  collector: "regmond",
  kind: "monitor",
  columns: {
    name: ["string", "Name of the module", { key: true }],
    size: ["integer", "Memory that it takes", { optional: true, unit: "bytes" }],
    state: ["string", "What it is doing", {
      optional: true,
      values: ["live", "loading", "unloading", "stopped"],
    }],
    reference_count: ["integer", "How many use it", { optional: true, volatile: true }],
    used_by: ["json", "Modules that need it", { optional: true, shape: '["nf_nat", "xt_state"]' }],
    version: ["string", "Version that it gives itself", { optional: true }],
    file_path: ["string", "File that it was loaded from, where one of that name is installed", {
      optional: true,
    }],
    signer: ["string", "Who signed the file", { costly: true }],
    out_of_tree: ["boolean", "Whether it was built apart from the kernel", { optional: true }],
    unsigned: ["boolean", "Whether it was loaded without a valid signature", { optional: true }],
    taints: ["string", "Letters by which it taints the kernel, such as `OE`", { optional: true }],
  },
  examples: [
    "SELECT name, file_path, taints FROM kernel_modules WHERE unsigned OR out_of_tree",
    "SELECT name, size FROM kernel_modules WHERE file_path IS NULL",
  ],
} as const satisfies TableSpec;
