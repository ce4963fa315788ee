import type { TableSpec } from "../schema/types.ts";
import { linux, macos, windows } from "./extensions/processes.ts";

/** The table of running processes. */
export const processes = {
  name: "processes",
  description: "Running processes, one row each, as they were when the scan read them.",
  collector: "procmond",
  kind: "monitor",
  columns: {
    pid: ["integer", "Process id", { key: true, lookup: true }],
    ppid: ["integer", "Process id of the parent; 0 where there is none", { optional: true }],
    parent_key: ["string", "`process_key` of the parent, where it is still alive", {
      optional: true,
    }],
    name: ["string", "Short name: what the kernel calls the process, at most 15 bytes on Linux"],
    executable_path: [
      "string",
      "Path of the running executable, without a ` (deleted)` mark; NULL for kernel threads",
      { optional: true, privileged: true },
    ],
    executable_deleted: ["boolean", "Whether the running executable no longer has a name on disk", {
      optional: true,
      privileged: true,
    }],
    command_line: [
      "string",
      "Arguments joined by spaces, U+FFFD for invalid bytes; NULL for kernel threads",
      { optional: true },
    ],
    arguments: ["json", "Arguments one by one", {
      optional: true,
      shape: '["/usr/sbin/sshd", "-D"]',
    }],
    state: ["string", "What the process is doing", {
      values: [
        "running",
        "sleeping",
        "disk_sleep",
        "stopped",
        "tracing_stop",
        "zombie",
        "dead",
        "idle",
        "parked",
      ],
    }],
    kernel_thread: ["boolean", "Whether it is a thread of the kernel without a user program"],
    cpu_usage: [
      "float",
      "Share of one core used since the previous reading, else since the start",
      { unit: "percent", volatile: true, optional: true },
    ],
    accumulated_cpu_time: ["float", "Processor time used so far, user and system", {
      unit: "ms",
      volatile: true,
    }],
    memory_rss: ["integer", "Resident memory", { unit: "bytes", volatile: true }],
    memory_vms: ["integer", "Virtual memory", { unit: "bytes", volatile: true }],
    start_time: ["timestamp", "When the process started"],
    run_time: ["integer", "Time since the start", { unit: "s", volatile: true }],
    user_id: ["integer", "Real user id", { optional: true }],
    effective_user_id: ["integer", "Effective user id", { optional: true }],
    user_name: ["string", "Name of the real user, where the host's user database has it", {
      optional: true,
    }],
    group_id: ["integer", "Real group id", { optional: true }],
    effective_group_id: ["integer", "Effective group id", { optional: true }],
    working_directory: ["string", "Current working directory", {
      optional: true,
      privileged: true,
    }],
    root_directory: ["string", "Root directory; other than `/` after a chroot", {
      optional: true,
      privileged: true,
    }],
    environment_variables: [
      "json",
      "Environment at the start, an object; the first of duplicates wins",
      {
        optional: true,
        privileged: true,
        shape: '{"PATH": "/usr/bin:/bin"}',
      },
    ],
    disk_usage: ["json", "Bytes that the process caused to be read from and written to storage", {
      optional: true,
      privileged: true,
      volatile: true,
      shape: '{"read_bytes": 4096, "write_bytes": 0}',
    }],
    thread_count: ["integer", "Number of threads", { volatile: true, optional: true }],
    priority: ["integer", "Scheduling priority as the kernel counts it", { optional: true }],
    nice_value: ["integer", "Nice value, -20 (favoured) to 19", { optional: true }],
    session_id: ["integer", "Id of the session (on Windows the terminal session)", {
      optional: true,
    }],
    parent_process: ["string", "Name of the parent", { optional: true }],
    parent_executable_path: ["string", "Executable of the parent", {
      optional: true,
      privileged: true,
    }],
    parent_command_line: ["string", "Command line of the parent", { optional: true }],
    container_id: ["string", "Id of the container, from the control group", { optional: true }],
    executable_hash: [
      "string",
      "Hash of the running executable, read through the process, so also of deleted files",
      { optional: true, privileged: true },
    ],
    hash_algorithm: ["string", "Algorithm of `executable_hash`", {
      optional: true,
      privileged: true,
      values: ["sha256"],
    }],
    file_exists: [
      "boolean",
      "Whether a file stands at `executable_path`, as the process itself would see it",
      { optional: true, privileged: true },
    ],
    accessible: ["boolean", "Whether all that the host has of the process could be read"],
  },
  extensions: { linux, macos, windows },
  examples: [
    "SELECT pid, name, command_line FROM processes WHERE ppid = 1",
    "SELECT p.pid, p.name, parent.name AS parent_name FROM processes p JOIN processes parent ON parent.process_key = p.parent_key",
    "SELECT user_name, count(*) AS processes, sum(memory_rss) AS rss FROM processes GROUP BY user_name",
  ],
} as const satisfies TableSpec;
