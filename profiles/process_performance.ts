import type { TableSpec } from "../schema/types.ts";

const COUNTER = { optional: true, volatile: true } as const;
const BYTES = { ...COUNTER, unit: "bytes" } as const;
const SECONDS = { ...COUNTER, unit: "s" } as const;
const MS = { ...COUNTER, unit: "ms" } as const;
const PERCENT = { ...COUNTER, unit: "percent" } as const;
const SPEED = { ...COUNTER, unit: "bytes/s" } as const;

/** The table of what running processes use. */
export const process_performance = {
  name: "process_performance",
  description:
    "What running processes use of the host, one row each. Counters count since the start of the process, shares and speeds since the previous reading.",
  collector: "perfmond",
  kind: "monitor",
  columns: {
    timestamp: ["timestamp", "When it was measured", { volatile: true }],
    pid: ["integer", "Process id", { key: true, lookup: true }],
    process_name: ["string", "Name of the process"],
    cpu_usage_percent: ["float", "Share of one core", PERCENT],
    memory_rss: ["integer", "Resident memory", BYTES],
    memory_vms: ["integer", "Virtual memory", BYTES],
    memory_usage_percent: ["float", "Resident memory as a share of the host's", PERCENT],
    thread_count: ["integer", "Number of threads", COUNTER],
    context_switches: ["integer", "Context switches, voluntary and not", COUNTER],
    disk_read_bytes: ["integer", "Read from storage", BYTES],
    disk_write_bytes: ["integer", "Written to storage", BYTES],
    network_read_bytes: ["integer", "Received from the network", BYTES],
    network_write_bytes: ["integer", "Sent to the network", BYTES],
    priority: ["integer", "Scheduling priority as the kernel counts it", { optional: true }],
    nice_value: ["integer", "Nice value, -20 (favoured) to 19", { optional: true }],
    cpu_time_user: ["float", "Processor time in user mode", SECONDS],
    cpu_time_system: ["float", "Processor time in the kernel", SECONDS],
    cpu_time_total: ["float", "Processor time, user and system", SECONDS],
    memory_peak: ["integer", "Largest resident memory so far", BYTES],
    memory_shared: ["integer", "Resident memory that others may share", BYTES],
    memory_private: ["integer", "Resident memory of its own", BYTES],
    io_read_ops: ["integer", "Read calls", COUNTER],
    io_write_ops: ["integer", "Write calls", COUNTER],
    io_read_bytes: ["integer", "Read by calls, whether from storage or not", BYTES],
    io_write_bytes: ["integer", "Written by calls, whether to storage or not", BYTES],
    io_wait_time: ["float", "Time spent waiting for storage", SECONDS],
    cpu_wait_time: ["float", "Time spent ready, waiting for a processor", SECONDS],
    cpu_idle_time: ["float", "Time spent neither running nor waiting", SECONDS],
    cpu_steal_time: ["float", "Time that the hypervisor took from it", SECONDS],
    cpu_guest_time: ["float", "Time spent running a guest", SECONDS],
    cpu_guest_nice_time: ["float", "Time spent running a niced guest", SECONDS],
    handle_count: ["integer", "Open handles; on Linux file descriptors", {
      costly: true,
      volatile: true,
    }],
    page_faults: ["integer", "Page faults", COUNTER],
    working_set: ["integer", "Memory in the working set; on Linux resident memory", BYTES],
    peak_working_set: ["integer", "Largest working set so far", BYTES],
    gpu_usage: ["float", "Share of the busiest graphics engine", {
      costly: true,
      volatile: true,
      unit: "percent",
    }],
    gpu_memory_used: ["integer", "Graphics memory in use", {
      costly: true,
      volatile: true,
      unit: "bytes",
    }],
    energy_impact: ["float", "Relative use of energy; 0 is none", COUNTER],
    thermal_state: ["string", "How far heat limits the host", {
      ...COUNTER,
      values: ["nominal", "fair", "serious", "critical"],
    }],
    cpu_time: ["integer", "Processor time, user and system", MS],
    user_time: ["integer", "Processor time in user mode", MS],
    system_time: ["integer", "Processor time in the kernel", MS],
    disk_usage_percent: ["float", "Share of the host's storage traffic", PERCENT],
    network_usage_percent: ["float", "Share of the host's network traffic", PERCENT],
    io_wait: ["float", "Share of time spent waiting for storage", PERCENT],
    steal_time: ["float", "Share of time that the hypervisor took from it", PERCENT],
    disk_read_speed: ["integer", "Speed of reading from storage", SPEED],
    disk_write_speed: ["integer", "Speed of writing to storage", SPEED],
    network_receive_speed: ["integer", "Speed of receiving from the network", SPEED],
    network_transmit_speed: ["integer", "Speed of sending to the network", SPEED],
  },
  extensions: {
    linux: {
      cgroup_id: ["string", "Path of its control group", { optional: true }],
      container_id: ["string", "Id of the container", { optional: true }],
      perf_events: ["json", "Hardware counters", {
        costly: true,
        volatile: true,
        shape: '{"cycles": 81920000, "instructions": 122880000, "cache_misses": 4096}',
      }],
      cpu_temperature: ["float", "Temperature of the processor that it last ran on", {
        costly: true,
        volatile: true,
        unit: "celsius",
      }],
      power_usage: ["float", "Power drawn on its behalf, by its share of the processor", {
        costly: true,
        volatile: true,
        unit: "watts",
      }],
    },
    macos: {
      metal_performance: ["json", "Use of the graphics processor through Metal", {
        costly: true,
        volatile: true,
        shape: '{"gpu_time_ms": 42.5, "command_buffers": 180}',
      }],
      battery_level: ["float", "Charge of the host's battery", PERCENT],
      battery_status: ["string", "What the host's battery is doing", {
        ...COUNTER,
        values: ["charging", "discharging", "full", "none"],
      }],
    },
    windows: {
      battery_level: ["float", "Charge of the host's battery", PERCENT],
      battery_status: ["string", "What the host's battery is doing", {
        ...COUNTER,
        values: ["charging", "discharging", "full", "none"],
      }],
    },
  },
  examples: [
    "SELECT pid, process_name, cpu_usage_percent FROM process_performance WHERE cpu_usage_percent > 90 ORDER BY cpu_usage_percent DESC LIMIT 10",
    "SELECT p.pid, p.name, p.executable_path, m.network_write_bytes FROM process_performance m JOIN processes p ON p.pid = m.pid WHERE m.network_write_bytes > 1073741824 AND p.user_id <> 0",
    "SELECT process_name, sum(memory_rss) AS rss, count(*) AS processes FROM process_performance GROUP BY process_name ORDER BY rss DESC LIMIT 20",
  ],
} as const satisfies TableSpec;
