import type { TableSpec } from "../schema/types.ts";

/** The table of symbols that program files take and give. */
export const imports_exports = {
  name: "imports_exports",
  description: "Functions that program files import from libraries or export, one row each.",
  collector: "binmond",
  kind: "triggerable",
  requires: ["file_path", "pid"],
  columns: {
    pid: ["integer", "The process whose executable it is, where it was asked for by process", {
      key: true,
      lookup: true,
      optional: true,
    }],
    file_path: ["string", "Absolute path", { key: true, lookup: true }],
    import_type: ["string", "Whether the file takes the function or gives it", {
      key: true,
      values: ["import", "export"],
    }],
    library_name: ["string", "Library that it is taken from", { key: true, optional: true }],
    function_name: [
      "string",
      "Name; NULL where there is an ordinal only, and for a library of which the file names no function",
      {
        key: true,
        optional: true,
      },
    ],
    ordinal: ["integer", "Number of the function in its library", { key: true, optional: true }],
    address: ["string", "Address within the image, in hexadecimal", { optional: true }],
    api_category: ["string", "What the function is for", {
      optional: true,
      values: [
        "process",
        "memory",
        "file",
        "network",
        "registry",
        "crypto",
        "debug",
        "loader",
        "privilege",
        "other",
      ],
    }],
    suspicious: ["boolean", "Whether malware uses it more than other programs do"],
  },
  examples: [
    "SELECT p.pid, p.name, i.library_name, i.function_name FROM processes p JOIN imports_exports i ON i.pid = p.pid WHERE i.import_type = 'import' AND i.function_name IN ('ptrace', 'process_vm_writev', 'memfd_create')",
    "SELECT file_path, count(*) AS suspicious_imports FROM imports_exports WHERE file_path = '/usr/local/bin/agent' AND suspicious GROUP BY file_path",
  ],
} as const satisfies TableSpec;
