import { PLATFORMS, type TableSpec } from "../schema/types.ts";

/** The table of what program files are made of. */
export const binary_analysis = {
  name: "binary_analysis",
  description:
    "Program files, read in full: format, hashes, entropy. Asked for by path, or by the process that runs the file, which also reaches deleted files.",
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
    file_name: ["string", "Last part of the path"],
    file_size: ["integer", "Size", { unit: "bytes" }],
    file_format: ["string", "Format", { values: ["ELF", "PE", "Mach-O", "script", "unknown"] }],
    architecture: ["string", "Processor that it is for, such as `x86_64` or `aarch64`", {
      optional: true,
    }],
    platform: ["string", "Operating system that it is for", { optional: true, values: PLATFORMS }],
    compiler: ["string", "Compiler, as the file names it", { optional: true }],
    build_tool: ["string", "Linker, packer or bundler, as the file shows it", { optional: true }],
    entropy: ["float", "Shannon entropy of the contents, 0 to 8; packed code lies above 7.2", {
      unit: "bits/byte",
    }],
    complexity: ["string", "How much there is to the file: sections, symbols, imports", {
      optional: true,
      values: ["low", "medium", "high"],
    }],
    created_time: ["timestamp", "When the file was created", { optional: true }],
    modified_time: ["timestamp", "When its contents last changed", { optional: true }],
    sha256_hash: ["string", "SHA-256 of the contents, in lower-case hexadecimal"],
    md5_hash: ["string", "MD5 of the contents, in lower-case hexadecimal"],
    analysis_time: ["timestamp", "When it was analysed", { volatile: true }],
  },
  examples: [
    "SELECT p.pid, p.name, b.file_path, b.entropy FROM processes p JOIN binary_analysis b ON b.pid = p.pid WHERE p.executable_path LIKE '/dev/shm/%' AND b.entropy > 7.2",
    "SELECT p.pid, p.name, b.compiler, b.sha256_hash FROM processes p JOIN binary_analysis b ON b.file_path = p.executable_path WHERE p.user_id = 0 AND b.build_tool = 'UPX'",
    "SELECT file_path, file_format, sha256_hash, md5_hash FROM binary_analysis WHERE file_path IN ('/usr/bin/sudo', '/usr/bin/su')",
  ],
} as const satisfies TableSpec;
