import type { ColumnSpecs } from "../../schema/types.ts";

/** What Linux has of a process besides the core columns; file names are those of `/proc/<pid>`. */
export const linux = {
  memory_maps: ["json", "Mappings of the address space (`maps`)", {
    costly: true,
    privileged: true,
    shape:
      '[{"start": "0x55d0c0a00000", "end": "0x55d0c0a2f000", "permissions": "r-xp", "offset": 0, "device": "08:01", "inode": 1835042, "path": "/usr/bin/bash"}]',
  }],
  file_descriptors: ["json", "Open file descriptors and what they refer to (`fd`)", {
    costly: true,
    privileged: true,
    volatile: true,
    shape: '[{"fd": 0, "target": "socket:[123]"}]',
  }],
  network_connections: ["json", "Sockets that the process holds open", {
    costly: true,
    privileged: true,
    volatile: true,
    shape:
      '[{"inode": 123, "protocol": "tcp", "local_address": "10.0.0.5", "local_port": 51514, "remote_address": "203.0.113.7", "remote_port": 443, "state": "established"}]',
  }],
  namespaces: ["json", "Namespaces by kind, as inode numbers (`ns`)", {
    costly: true,
    privileged: true,
    shape: '{"mnt": 4026531841, "net": 4026531840, "pid": 4026531836}',
  }],
  capabilities: ["json", "Capability sets by name", {
    costly: true,
    shape:
      '{"inheritable": [], "permitted": ["CAP_SYS_ADMIN"], "effective": ["CAP_SYS_ADMIN"], "bounding": ["CAP_SYS_ADMIN"], "ambient": []}',
  }],
  security_context: ["string", "SELinux context or AppArmor profile (`attr/current`)", {
    costly: true,
  }],
  io_statistics: ["json", "Input and output so far, in bytes and in system calls (`io`)", {
    costly: true,
    privileged: true,
    volatile: true,
    shape:
      '{"rchar": 8192, "wchar": 512, "syscr": 12, "syscw": 3, "read_bytes": 4096, "write_bytes": 0, "cancelled_write_bytes": 0}',
  }],
  limits: ["json", "Resource limits; null means unlimited (`limits`)", {
    costly: true,
    shape:
      '{"open_files": {"soft": 1024, "hard": 524288}, "core_file_size": {"soft": 0, "hard": null}}',
  }],
  oom_score: ["integer", "How likely the kernel kills it when memory runs out, 0 to 2000", {
    costly: true,
    volatile: true,
  }],
  oom_score_adj: ["integer", "Bias of `oom_score`, -1000 (never killed) to 1000", { costly: true }],
  cgroup: ["json", "Control groups that it belongs to (`cgroup`)", {
    optional: true,
    shape: '[{"hierarchy": 0, "controllers": [], "path": "/system.slice/ssh.service"}]',
  }],
  autogroup: ["json", "Scheduling group of its session (`autogroup`)", {
    costly: true,
    shape: '{"id": 52, "nice": 0}',
  }],
  clear_refs: ["json", "Bytes referenced since references were last cleared (`clear_refs`)", {
    costly: true,
    privileged: true,
    volatile: true,
    shape: '{"referenced": 1048576}',
  }],
  coredump_filter: ["json", "Kinds of memory that a core dump would contain", {
    costly: true,
    shape:
      '{"mask": 51, "kinds": ["anonymous_private", "anonymous_shared", "elf_headers", "hugetlb_private"]}',
  }],
  mountinfo: ["json", "Mounts in its mount namespace (`mountinfo`)", {
    costly: true,
    shape:
      '[{"id": 36, "parent": 25, "device": "8:1", "root": "/", "mount_point": "/", "options": ["rw"], "filesystem": "ext4", "source": "/dev/sda1", "super_options": ["rw"]}]',
  }],
  mountstats: [
    "json",
    "Mounts with the statistics that their filesystem keeps (`mountstats`)",
    {
      costly: true,
      privileged: true,
      volatile: true,
      shape:
        '[{"source": "server:/home", "mount_point": "/home", "filesystem": "nfs4", "statistics": ["age: 5120"]}]',
    },
  ],
  smaps: ["json", "Memory use of each mapping, in bytes (`smaps`)", {
    costly: true,
    privileged: true,
    volatile: true,
    shape:
      '[{"start": "0x55d0c0a00000", "end": "0x55d0c0a2f000", "permissions": "r-xp", "path": "/usr/bin/bash", "size": 192512, "rss": 192512, "pss": 96256, "private_dirty": 0, "anonymous": 0, "swap": 0}]',
  }],
  smaps_rollup: ["json", "Memory use of all mappings together, in bytes (`smaps_rollup`)", {
    costly: true,
    privileged: true,
    volatile: true,
    shape:
      '{"rss": 4194304, "pss": 1572864, "private_dirty": 524288, "anonymous": 524288, "swap": 0}',
  }],
  wchan: ["string", "Kernel function in which it sleeps", { costly: true, volatile: true }],
  task_stat: ["json", "Threads: name, state and processor time in ms (`task/*/stat`)", {
    costly: true,
    volatile: true,
    shape:
      '[{"tid": 812, "name": "worker", "state": "sleeping", "user_time": 120, "system_time": 30}]',
  }],
  task_status: ["json", "Threads: ids, capabilities and seccomp mode (`task/*/status`)", {
    costly: true,
    volatile: true,
    shape:
      '[{"tid": 812, "name": "worker", "user_id": 0, "effective_user_id": 0, "effective": ["CAP_SYS_ADMIN"], "no_new_privileges": false, "seccomp": 2}]',
  }],
  task_io: ["json", "Threads: bytes read from and written to storage (`task/*/io`)", {
    costly: true,
    privileged: true,
    volatile: true,
    shape: '[{"tid": 812, "read_bytes": 4096, "write_bytes": 0}]',
  }],
  task_children: [
    "json",
    "Threads: ids of the processes that each one started (`task/*/children`)",
    {
      costly: true,
      volatile: true,
      shape: '[{"tid": 812, "children": [1290, 1291]}]',
    },
  ],
} as const satisfies ColumnSpecs;

/** What macOS has of a process besides the core columns. */
export const macos = {
  code_signing: ["json", "Code signature in force: identifier, team, flags, entitlements", {
    costly: true,
    shape:
      '{"identifier": "com.apple.Terminal", "team": null, "valid": true, "flags": ["hard", "kill"], "entitlements": {"com.apple.security.cs.allow-jit": true}}',
  }],
  bundle_info: ["json", "The application bundle that it was started from", {
    costly: true,
    shape:
      '{"identifier": "com.apple.Terminal", "name": "Terminal", "version": "2.14", "path": "/System/Applications/Utilities/Terminal.app"}',
  }],
  sip_protected: ["boolean", "Whether System Integrity Protection covers the executable", {
    optional: true,
  }],
  sandboxed: ["boolean", "Whether it runs in an application sandbox", { optional: true }],
  integrity_level: ["string", "How far it is trusted: platform binary, signed, unsigned", {
    optional: true,
    values: ["platform", "signed", "adhoc", "unsigned"],
  }],
  task_info: ["json", "Mach task: memory in bytes, times in ms, suspend count", {
    costly: true,
    volatile: true,
    shape:
      '{"virtual_size": 4429185024, "resident_size": 12582912, "user_time": 120, "system_time": 40, "suspend_count": 0}',
  }],
  thread_info: ["json", "Threads: state, priority and processor time in ms", {
    costly: true,
    volatile: true,
    shape:
      '[{"tid": 6021, "name": "main", "state": "waiting", "priority": 31, "user_time": 90, "system_time": 20}]',
  }],
  vm_region: ["json", "Regions of the address space", {
    costly: true,
    shape:
      '[{"start": "0x104d3c000", "size": 16384, "protection": "r-x", "max_protection": "r-x", "share_mode": "copy_on_write", "path": "/bin/zsh"}]',
  }],
  vm_statistics: ["json", "Paging so far: faults, page-ins, copies on write", {
    costly: true,
    volatile: true,
    shape: '{"faults": 5120, "pageins": 12, "cow_faults": 310}',
  }],
  thread_act: ["json", "Threads: activation and suspend counts", {
    costly: true,
    volatile: true,
    shape: '[{"tid": 6021, "active": true, "suspend_count": 0}]',
  }],
  thread_policy: ["json", "Threads: scheduling policy and quality of service", {
    costly: true,
    shape: '[{"tid": 6021, "policy": "timeshare", "qos": "user_interactive"}]',
  }],
  thread_status: ["json", "Threads: registers, in hexadecimal", {
    costly: true,
    volatile: true,
    shape: '[{"tid": 6021, "pc": "0x18f2c4a20", "sp": "0x16b0c2f40", "lr": "0x18f2fd5a0"}]',
  }],
  port_info: ["json", "Mach ports and the rights held on them", {
    costly: true,
    volatile: true,
    shape: '[{"name": "0x103", "right": "send", "references": 1}]',
  }],
  semaphore_info: ["json", "Mach semaphores that it owns", {
    costly: true,
    volatile: true,
    shape: '[{"name": "0x1b03", "value": 0, "waiters": 1}]',
  }],
  clock_info: ["json", "Processor time by kind of core, in ms", {
    costly: true,
    volatile: true,
    shape: '{"performance_time": 800, "efficiency_time": 240}',
  }],
  exception_info: ["json", "Exception ports, which debuggers and crash reporters set", {
    costly: true,
    shape: '[{"mask": ["bad_access", "breakpoint"], "port": "0x1303", "behavior": "default"}]',
  }],
  dyld_info: ["json", "Images that the dynamic linker loaded", {
    costly: true,
    shape:
      '[{"path": "/usr/lib/libSystem.B.dylib", "address": "0x18f0a8000", "uuid": "6b1f1c6e-3a0d-3c86-8d6b-8a5d6d7a6c11"}]',
  }],
  loader_info: ["json", "Mach-O header of the main image", {
    costly: true,
    shape:
      '{"cpu_type": "arm64", "file_type": "execute", "flags": ["pie", "twolevel"], "rpaths": ["@executable_path/../Frameworks"]}',
  }],
} as const satisfies ColumnSpecs;

/** What Windows has of a process besides the core columns. */
export const windows = {
  process_token: ["json", "Access token: user, groups, privileges, elevation", {
    costly: true,
    shape:
      '{"user_sid": "S-1-5-18", "type": "primary", "elevation": "full", "privileges": ["SeDebugPrivilege"], "groups": ["S-1-5-32-544"]}',
  }],
  protected_process: ["boolean", "Whether it is a protected process (or a light one)", {
    optional: true,
  }],
  system_process: ["boolean", "Whether it belongs to the operating system's core", {
    optional: true,
  }],
  uac_elevated: ["boolean", "Whether User Account Control elevated it", { optional: true }],
  windows_service: ["boolean", "Whether it hosts a service", { optional: true }],
  integrity_level: ["string", "Mandatory integrity level of the token", {
    optional: true,
    values: ["untrusted", "low", "medium", "medium_plus", "high", "system", "protected"],
  }],
  handle_count: ["integer", "Open handles", { optional: true, volatile: true }],
  page_faults: ["integer", "Page faults so far", { optional: true, volatile: true }],
  working_set: ["integer", "Memory in the working set", {
    optional: true,
    volatile: true,
    unit: "bytes",
  }],
  peak_working_set: ["integer", "Largest working set so far", {
    optional: true,
    volatile: true,
    unit: "bytes",
  }],
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
  priority_class: ["string", "Priority class", {
    optional: true,
    values: ["idle", "below_normal", "normal", "above_normal", "high", "realtime"],
  }],
  affinity_mask: ["integer", "Processors that it may run on, one bit each", { optional: true }],
  creation_time: ["timestamp", "When it was created", { optional: true }],
  exit_time: ["timestamp", "When it ended, while something still holds a handle to it", {
    optional: true,
  }],
  kernel_time: ["integer", "Processor time spent in the kernel", {
    optional: true,
    volatile: true,
    unit: "ms",
  }],
  user_time: ["integer", "Processor time spent in user mode", {
    optional: true,
    volatile: true,
    unit: "ms",
  }],
  security_descriptor: ["json", "Owner and access control entries of the process object", {
    costly: true,
    shape: '{"owner": "S-1-5-32-544", "sddl": "O:BAG:SYD:(A;;0x1fffff;;;SY)"}',
  }],
  job_object: ["json", "The job that it belongs to, and the job's limits", {
    costly: true,
    shape:
      '{"name": null, "kill_on_close": true, "active_process_limit": null, "memory_limit": null}',
  }],
  window_station: ["string", "Window station, such as `WinSta0`", { optional: true }],
  desktop: ["string", "Desktop, such as `Default`", { optional: true }],
  window_title: ["string", "Title of its main window", { costly: true, volatile: true }],
  dll_list: ["json", "Modules that it loaded", {
    costly: true,
    shape:
      '[{"path": "C:\\\\Windows\\\\System32\\\\ntdll.dll", "base": "0x7ffb2a0d0000", "size": 2064384}]',
  }],
  registry_access: ["json", "Registry keys that it holds open", {
    costly: true,
    volatile: true,
    shape: '[{"key": "HKLM\\\\SOFTWARE\\\\Microsoft", "access": "read"}]',
  }],
  file_access: ["json", "Files that it holds open", {
    costly: true,
    volatile: true,
    shape: '[{"path": "C:\\\\Windows\\\\Temp\\\\a.log", "access": "write"}]',
  }],
  network_access: ["json", "Sockets that it holds open", {
    costly: true,
    volatile: true,
    shape:
      '[{"protocol": "tcp", "local_address": "10.0.0.5", "local_port": 51514, "remote_address": "203.0.113.7", "remote_port": 443, "state": "established"}]',
  }],
} as const satisfies ColumnSpecs;
