import type { TableSpec } from "../../schema/types.ts";

/** Hash algorithm of everything that the hasher hashes. */
export const HASH_ALGORITHM = "sha256";

/** Between agent and hasher: the file that a process runs. Not a virtual table; no query sees it. */
export const executable_files = {
  name: "executable_files",
  description: "The files that processes run, asked for by process key.",
  collector: "hasher",
  kind: "triggerable",
  columns: {
    process_key: ["string", "The process", { key: true, lookup: true }],
    identity: [
      "string",
      "Which content of which file it is: device, inode, size, mtime and ctime",
      {
        optional: true,
      },
    ],
    cacheable: [
      "boolean",
      "Whether the identity changes whenever the content does; some filesystems do not promise that",
    ],
    executable_path: ["string", "Its path, without the kernel's mark for a file without a name"],
    executable_deleted: ["boolean", "Whether it no longer has a name"],
    file_exists: ["boolean", "Whether a file stands at that path where the process lives", {
      optional: true,
    }],
  },
  examples: [],
} as const satisfies TableSpec;

/** Between agent and hasher: hashes of files that were found for `executable_files` shortly before. */
export const file_hashes = {
  name: "file_hashes",
  description: "Hashes of files, asked for by identity.",
  collector: "hasher",
  kind: "triggerable",
  columns: {
    identity: ["string", "The file", { key: true, lookup: true }],
    hash: ["string", "Hash of its content", { optional: true }],
  },
  examples: [],
} as const satisfies TableSpec;
