import type { process_performance } from "../../profiles/process_performance.ts";
import type { ColumnSources } from "../../schema/sources.ts";

const STAT = "`/proc/<pid>/stat`, proc_pid_stat(5)";
const TICKS = "in steps of 10 ms";
const STATUS = "`/proc/<pid>/status`, proc_pid_status(5)";
const IO = "`/proc/<pid>/io`, proc_pid_io(5)";
const SINCE =
  "what it grew by since the collector's previous reading; the first reading is made twice, a second apart; of a process that has started since, what it has in all";
const THREADS = "of all threads that it has: what those that have ended counted is lost";
const WAITING =
  "NULL where the kernel does not count it: sysctl `kernel.task_delayacct`, delay-accounting.rst of the kernel";
const NO_NETWORK = {
  always_null:
    "Linux counts traffic by interface, socket and control group, and adds nothing up for processes",
};
const NO_STEAL = {
  always_null: "Linux counts what a hypervisor takes by processor, `/proc/stat`, not by process",
};

/** Where the columns of `process_performance` come from on Linux. */
export const performanceSources: ColumnSources<typeof process_performance, "linux"> = {
  timestamp: "the clock, as `io` is read",
  pid: "name of the folder in `/proc`, proc(5)",
  process_key: "`/proc/sys/kernel/random/boot_id`, pid, `/proc/<pid>/stat` field 22",
  process_name: `${STAT}, field 2`,
  cpu_usage_percent: `${STAT}, fields 14 and 15, ${TICKS}: ${SINCE}`,
  memory_rss: `\`VmRSS\` in ${STATUS}`,
  memory_vms: `${STAT}, field 23`,
  memory_usage_percent: `\`VmRSS\` in ${STATUS}, of \`MemTotal\` in \`/proc/meminfo\``,
  thread_count: `${STAT}, field 20`,
  context_switches:
    `\`voluntary_ctxt_switches\` and \`nonvoluntary_ctxt_switches\` in \`/proc/<pid>/task/*/status\`, ${THREADS}`,
  disk_read_bytes: `\`read_bytes\` in ${IO}`,
  disk_write_bytes: `\`write_bytes\` in ${IO}; what is truncated before it is written counts, too`,
  network_read_bytes: NO_NETWORK,
  network_write_bytes: NO_NETWORK,
  priority: `${STAT}, field 18`,
  nice_value: `${STAT}, field 19`,
  cpu_time_user: `${STAT}, field 14, ${TICKS}`,
  cpu_time_system: `${STAT}, field 15, ${TICKS}`,
  cpu_time_total: `${STAT}, fields 14 and 15, ${TICKS}`,
  memory_peak: `\`VmHWM\` in ${STATUS}; NULL for what has no memory of its own`,
  memory_shared: `\`RssFile\` and \`RssShmem\` in ${STATUS}`,
  memory_private: `\`RssAnon\` in ${STATUS}`,
  io_read_ops: `\`syscr\` in ${IO}`,
  io_write_ops: `\`syscw\` in ${IO}`,
  io_read_bytes: `\`rchar\` in ${IO}`,
  io_write_bytes: `\`wchar\` in ${IO}`,
  io_wait_time: `${STAT}, field 42; ${WAITING}`,
  cpu_wait_time:
    `second number of \`/proc/<pid>/task/*/schedstat\`, sched-stats.rst of the kernel, ${THREADS}`,
  cpu_idle_time:
    `the time since its start less \`cpu_time_total\`, \`cpu_wait_time\` and \`io_wait_time\`; NULL for more than one thread, as those run and wait at the same time; ${WAITING}`,
  cpu_steal_time: NO_STEAL,
  cpu_guest_time: `${STAT}, field 43`,
  cpu_guest_nice_time: {
    always_null: "Linux adds it to `cpu_guest_time` and tells the two apart by processor alone",
  },
  handle_count: "number of entries in `/proc/<pid>/fd`, proc_pid_fd(5)",
  page_faults: `${STAT}, fields 10 and 12: those that loaded a page and those that did not`,
  working_set: `\`VmRSS\` in ${STATUS}`,
  peak_working_set: `\`VmHWM\` in ${STATUS}`,
  gpu_usage:
    `\`drm-engine-*\` in \`/proc/<pid>/fdinfo\`, drm-usage-stats.rst of the kernel: ${SINCE}; NULL for what has no graphics processor open`,
  gpu_memory_used:
    "`drm-resident-*`, or `drm-memory-*`, in `/proc/<pid>/fdinfo`, drm-usage-stats.rst of the kernel; NULL for what has no graphics processor open",
  energy_impact: {
    always_null: "Linux weighs nothing like it; `power_usage` is what the processor draws",
  },
  thermal_state:
    "`/sys/class/thermal/thermal_zone*`, sysfs-api.rst of the kernel's thermal framework: `fair` above a trip point that is `passive` or `active`, `serious` above one that is `hot`, `critical` above that; NULL without a zone",
  cpu_time: `${STAT}, fields 14 and 15, ${TICKS}`,
  user_time: `${STAT}, field 14, ${TICKS}`,
  system_time: `${STAT}, field 15, ${TICKS}`,
  disk_usage_percent:
    `\`read_bytes\` and \`write_bytes\` in ${IO}, of \`pgpgin\` and \`pgpgout\` in \`/proc/vmstat\`, proc_vmstat(5): ${SINCE}; never more than 100, although what is written reaches storage later`,
  network_usage_percent: NO_NETWORK,
  io_wait: `${STAT}, field 42: ${SINCE}; ${WAITING}`,
  steal_time: NO_STEAL,
  disk_read_speed: `\`read_bytes\` in ${IO}: ${SINCE}`,
  disk_write_speed: `\`write_bytes\` in ${IO}: ${SINCE}`,
  network_receive_speed: NO_NETWORK,
  network_transmit_speed: NO_NETWORK,
  cgroup_id:
    "`/proc/<pid>/cgroup`, cgroups(7): its path in version 2, else that in the first hierarchy",
  container_id: "the path in `/proc/<pid>/cgroup`, by the names that container engines give",
  perf_events: {
    always_null:
      "counting takes perf_event_open(2), which has to be begun for each process and slows it",
  },
  cpu_temperature:
    "`/sys/class/hwmon` (coretemp, k10temp, zenpower) by `/sys/devices/system/cpu/cpu*/topology`, else `/sys/class/thermal`; the processor is field 39 of `/proc/<pid>/stat`; NULL on a host without such a sensor, as virtual machines are",
  power_usage:
    `\`energy_uj\` of the packages in \`/sys/class/powercap\`, powercap.rst of the kernel, by the process' share of the time that \`/proc/stat\` says the processors worked: ${SINCE}; NULL on a host without such a counter, as virtual machines are`,
};
