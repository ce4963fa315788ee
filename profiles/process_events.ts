import type { TableSpec } from "../schema/types.ts";

/** The table of processes beginning, changing their program and ending. */
export const process_events = {
  name: "process_events",
  description:
    "Processes that began (fork), started a program (exec) or ended (exit), with the process as it was then. A process that was gone before it could be read leaves NULL.",
  collector: "procmond",
  kind: "monitor",
  events: true,
  columns: {
    event_id: ["string", "Identity of the event", { key: true }],
    event_type: ["string", "What happened", { values: ["fork", "exec", "exit"] }],
    event_time: ["timestamp", "When it happened"],
    exit_code: ["integer", "Exit status; 128 plus the signal where one ended it; only on exit", {
      optional: true,
    }],
    duration_ms: ["integer", "How long the process lived; only on exit", {
      optional: true,
      unit: "ms",
    }],
    pid: ["integer", "Process id", { lookup: true }],
    ppid: ["integer", "Process id of the parent", { optional: true }],
    parent_key: ["string", "`process_key` of the parent", { optional: true }],
    name: ["string", "Short name of the process", { optional: true }],
    executable_path: ["string", "Path of the executable, without a ` (deleted)` mark", {
      optional: true,
    }],
    executable_deleted: ["boolean", "Whether the executable no longer had a name on disk", {
      optional: true,
    }],
    command_line: ["string", "Arguments joined by spaces, U+FFFD for invalid bytes", {
      optional: true,
    }],
    arguments: ["json", "Arguments one by one", {
      optional: true,
      shape: '["curl", "-fsSL", "https://example.com/x.sh"]',
    }],
    state: ["string", "What the process was doing; the values of `processes.state`", {
      optional: true,
    }],
    kernel_thread: ["boolean", "Whether it is a thread of the kernel", { optional: true }],
    cpu_usage: ["float", "Share of one core used since the start", {
      optional: true,
      unit: "percent",
    }],
    accumulated_cpu_time: ["float", "Processor time used until then", {
      optional: true,
      unit: "ms",
    }],
    memory_rss: ["integer", "Resident memory", { optional: true, unit: "bytes" }],
    memory_vms: ["integer", "Virtual memory", { optional: true, unit: "bytes" }],
    start_time: ["timestamp", "When the process started", { optional: true }],
    run_time: ["integer", "Time since the start", { optional: true, unit: "s" }],
    user_id: ["integer", "Real user id", { optional: true }],
    effective_user_id: ["integer", "Effective user id", { optional: true }],
    user_name: ["string", "Name of the real user", { optional: true }],
    group_id: ["integer", "Real group id", { optional: true }],
    effective_group_id: ["integer", "Effective group id", { optional: true }],
    working_directory: ["string", "Current working directory", { optional: true }],
    root_directory: ["string", "Root directory; other than `/` after a chroot", { optional: true }],
    environment_variables: ["json", "Environment at the start; the first of duplicates wins", {
      optional: true,
      shape: '{"PATH": "/usr/bin:/bin", "LD_PRELOAD": "/tmp/x.so"}',
    }],
    disk_usage: ["json", "Bytes read from and written to storage until then", {
      optional: true,
      shape: '{"read_bytes": 4096, "write_bytes": 0}',
    }],
    thread_count: ["integer", "Number of threads", { optional: true }],
    priority: ["integer", "Scheduling priority as the kernel counts it", { optional: true }],
    nice_value: ["integer", "Nice value, -20 (favoured) to 19", { optional: true }],
    session_id: ["integer", "Id of the session", { optional: true }],
    parent_process: ["string", "Name of the parent", { optional: true }],
    parent_executable_path: ["string", "Executable of the parent", { optional: true }],
    parent_command_line: ["string", "Command line of the parent", { optional: true }],
    container_id: ["string", "Id of the container", { optional: true }],
    executable_hash: ["string", "Hash of the executable", { costly: true }],
    hash_algorithm: ["string", "Algorithm of `executable_hash`", {
      optional: true,
      values: ["sha256"],
    }],
    file_exists: ["boolean", "Whether a file stood at `executable_path`", { optional: true }],
    accessible: ["boolean", "Whether the process could be read before it was gone"],
  },
  examples: [
    "SELECT event_time, pid, executable_path, command_line FROM process_events WHERE event_type = 'exec' AND parent_process IN ('nginx', 'apache2', 'php-fpm')",
    "SELECT pid, name, exit_code, duration_ms FROM process_events WHERE event_type = 'exit' AND exit_code = 139",
    "SELECT e.pid, e.command_line, p.command_line AS parent FROM process_events e JOIN processes p ON p.process_key = e.parent_key WHERE e.event_type = 'exec' AND e.executable_path LIKE '/tmp/%'",
  ],
} as const satisfies TableSpec;
