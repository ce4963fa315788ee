import type { process_events } from "../../profiles/process_events.ts";
import type { processes } from "../../profiles/processes.ts";
import type { ColumnSources } from "../../schema/sources.ts";

const HASHER = "the collector `hasher`, which opens `/proc/<pid>/exe`";

/** Where the columns of `processes` come from on Linux. */
export const processSources: ColumnSources<typeof processes, "linux"> = {
  pid: "name of the folder in `/proc`, proc(5)",
  ppid: "`/proc/<pid>/stat` field 4, proc_pid_stat(5)",
  parent_key: "boot id, `/proc/<pid>/stat` field 4, and field 22 of the parent's, if that is older",
  process_key: "`/proc/sys/kernel/random/boot_id`, pid, `/proc/<pid>/stat` field 22",
  name: "`/proc/<pid>/stat` field 2, proc_pid_stat(5)",
  executable_path:
    "link `/proc/<pid>/exe` without the mark ` (deleted)`, proc_pid_exe(5); for marked files as the hasher finds them",
  executable_deleted:
    `the mark in the link \`/proc/<pid>/exe\`; ${HASHER}, tells files that are called so`,
  command_line: "`/proc/<pid>/cmdline`, proc_pid_cmdline(5)",
  arguments: "`/proc/<pid>/cmdline`, proc_pid_cmdline(5)",
  state: "`/proc/<pid>/stat` field 3, proc_pid_stat(5)",
  kernel_thread: "`PF_KTHREAD` in `/proc/<pid>/stat` field 9",
  cpu_usage:
    "`/proc/<pid>/stat` fields 14 and 15: their increase since the collector's previous reading, as top(1) shows it; at its first reading of a process since the start of the process, as ps(1) does, which is all that a single scan can know",
  accumulated_cpu_time:
    "`/proc/<pid>/stat` fields 14 and 15, of all threads, also those that ended",
  memory_rss: "`VmRSS` in `/proc/<pid>/status`, proc_pid_status(5)",
  memory_vms: "`/proc/<pid>/stat` field 23",
  start_time: "`btime` in `/proc/stat` and `/proc/<pid>/stat` field 22",
  run_time: "`/proc/uptime` less `/proc/<pid>/stat` field 22",
  user_id: "`Uid` in `/proc/<pid>/status`, first number",
  effective_user_id: "`Uid` in `/proc/<pid>/status`, second number",
  user_name: "`/etc/passwd` of the host, passwd(5)",
  group_id: "`Gid` in `/proc/<pid>/status`, first number",
  effective_group_id: "`Gid` in `/proc/<pid>/status`, second number",
  working_directory: "link `/proc/<pid>/cwd`, proc_pid_cwd(5)",
  root_directory: "link `/proc/<pid>/root`, proc_pid_root(5)",
  environment_variables: "`/proc/<pid>/environ`, proc_pid_environ(5)",
  disk_usage: "`read_bytes` and `write_bytes` in `/proc/<pid>/io`, proc_pid_io(5)",
  thread_count: "`/proc/<pid>/stat` field 20",
  priority: "`/proc/<pid>/stat` field 18",
  nice_value: "`/proc/<pid>/stat` field 19",
  session_id: "`/proc/<pid>/stat` field 6",
  parent_process: "the parent's `/proc/<pid>/stat` field 2",
  parent_executable_path: "the parent's link `/proc/<pid>/exe`",
  parent_command_line: "the parent's `/proc/<pid>/cmdline`",
  container_id: "the path in `/proc/<pid>/cgroup`, by the names that container engines give",
  executable_hash: `SHA-256 by ${HASHER}`,
  hash_algorithm: "`sha256` where there is a hash",
  file_exists: `${HASHER} and looks through \`/proc/<pid>/root\``,
  accessible: "whether the kernel refused any of the files that were read",
  memory_maps: "`/proc/<pid>/maps`, proc_pid_maps(5)",
  file_descriptors: "links in `/proc/<pid>/fd`, proc_pid_fd(5)",
  network_connections:
    "links in `/proc/<pid>/fd` and the tables of sockets in `/proc/<pid>/net`, proc_pid_net(5)",
  namespaces: "links in `/proc/<pid>/ns`, namespaces(7)",
  capabilities: "`CapInh`, `CapPrm`, `CapEff`, `CapBnd`, `CapAmb` in `/proc/<pid>/status`",
  security_context:
    "`/proc/<pid>/attr/current`, proc_pid_attr(5); NULL on a host without a security module that labels processes",
  io_statistics: "`/proc/<pid>/io`, proc_pid_io(5)",
  limits: "`/proc/<pid>/limits`, proc_pid_limits(5)",
  oom_score: "`/proc/<pid>/oom_score`, proc_pid_oom_score(5)",
  oom_score_adj: "`/proc/<pid>/oom_score_adj`, proc_pid_oom_score_adj(5)",
  cgroup: "`/proc/<pid>/cgroup`, cgroups(7)",
  autogroup: "`/proc/<pid>/autogroup`, sched(7)",
  clear_refs:
    "`Referenced` in `/proc/<pid>/smaps_rollup`; `clear_refs`, which begins the count anew, can only be written",
  coredump_filter: "`/proc/<pid>/coredump_filter`, core(5)",
  mountinfo: "`/proc/<pid>/mountinfo`, proc_pid_mountinfo(5)",
  mountstats: "`/proc/<pid>/mountstats`, proc_pid_mountstats(5)",
  smaps: "`/proc/<pid>/smaps`, proc_pid_smaps(5)",
  smaps_rollup: "`/proc/<pid>/smaps_rollup`, proc_pid_smaps(5)",
  wchan: "`/proc/<pid>/wchan`, proc_pid_wchan(5); NULL while it runs",
  task_stat: "`/proc/<pid>/task/*/stat`, proc_pid_stat(5)",
  task_status: "`/proc/<pid>/task/*/status`, proc_pid_status(5)",
  task_io: "`/proc/<pid>/task/*/io`, proc_pid_io(5)",
  task_children: "`/proc/<pid>/task/*/children`, proc_tid_children(5)",
};

const READ_AT_ONCE = "as in [`processes`](processes.md), read as soon as the event is told";
const BEFORE = `${READ_AT_ONCE}; for an exit what was read last`;
const PARENT = `${READ_AT_ONCE}, of the parent`;

/**
 * Where the columns of `process_events` come from on Linux. There are three sources of events, the first that can be had
 * is used: the kernel's own through tracefs (as root), the process connector (without confinement, which it takes the C
 * library for), and a look at all processes every second.
 */
export const eventSources: ColumnSources<typeof process_events, "linux"> = {
  event_id: "boot id, pid, kind and time of the event in microseconds",
  event_type:
    "tracefs `task_newtask`, `sched_process_exec` or `sys_exit_execve`, `sched_process_exit`; linux/cn_proc.h; or the difference of two looks at `/proc`",
  event_time:
    "the time that the kernel gives the event; without confinement and tracefs, as the process connector has it; when polling, the time of the look",
  exit_code:
    "tracefs `sys_enter_exit_group` and `signal_deliver`; linux/cn_proc.h; else `/proc/<pid>/stat` field 52 of a zombie, and NULL once its parent has taken it",
  duration_ms:
    "`event_time` less that of the fork, or less the start in `/proc/<pid>/stat` field 22",
  pid: "the event",
  ppid: `${READ_AT_ONCE}; of what is gone by then, the event`,
  parent_key: PARENT,
  process_key: BEFORE,
  name: `${READ_AT_ONCE}; of what is gone by then, the event: the name that the kernel gives it`,
  executable_path:
    `${READ_AT_ONCE}; of what is gone by then the file that was to be run, a script itself and not its interpreter, if it was named by its whole path; the parent's after a fork`,
  executable_deleted: BEFORE,
  command_line: `${BEFORE}; the parent's after a fork`,
  arguments: BEFORE,
  state: READ_AT_ONCE,
  kernel_thread: BEFORE,
  cpu_usage: READ_AT_ONCE,
  accumulated_cpu_time: `${READ_AT_ONCE}; for an exit, of a zombie`,
  memory_rss: READ_AT_ONCE,
  memory_vms: READ_AT_ONCE,
  start_time: BEFORE,
  run_time: READ_AT_ONCE,
  user_id: BEFORE,
  effective_user_id: BEFORE,
  user_name: BEFORE,
  group_id: BEFORE,
  effective_group_id: BEFORE,
  working_directory: BEFORE,
  root_directory: BEFORE,
  environment_variables: BEFORE,
  disk_usage: READ_AT_ONCE,
  thread_count: READ_AT_ONCE,
  priority: BEFORE,
  nice_value: BEFORE,
  session_id: BEFORE,
  parent_process: PARENT,
  parent_executable_path: PARENT,
  parent_command_line: PARENT,
  container_id: BEFORE,
  executable_hash: `SHA-256 by ${HASHER}, of what still runs when the event arrives`,
  hash_algorithm: "`sha256` where there is a hash",
  file_exists: `${HASHER} and looks through \`/proc/<pid>/root\`, of what still runs`,
  accessible:
    "whether the process was still there, as it was after the event, and nothing was refused",
};
