/**
 * The events of the kernel that tell what happens to processes. `task_newtask` tells processes from threads, which
 * `sched_process_fork` does not; the calls and signals tell how a process ended, and what it ran where the name of that
 * does not fit into `sched_process_exec`.
 */
export const TRACE_EVENTS: readonly string[] = [
  "task/task_newtask",
  "sched/sched_process_exec",
  "sched/sched_process_exit",
  "syscalls/sys_exit_execve",
  "syscalls/sys_exit_execveat",
  "syscalls/sys_enter_exit_group",
  "signal/signal_deliver if sa_handler == 0",
];
