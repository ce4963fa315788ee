import type { ServiceFile, ServiceOptions } from "./options.ts";

/** Capabilities that the agent's means take, and nothing of root's powers besides; each with what it is for. */
export const CAPABILITIES = {
  CAP_SYS_ADMIN:
    "makes the namespaces and mounts that confine collectors, watches files (fanotify)",
  CAP_SYS_PTRACE: "reads what /proc shows of the processes of others",
  CAP_DAC_READ_SEARCH: "reads files of others",
  CAP_DAC_OVERRIDE: "builds the empty root of a collector before it is handed over",
  CAP_SETPCAP: "takes capabilities away from collectors",
  CAP_SETUID: "makes collectors a user who owns nothing",
  CAP_SETGID: "the same for their group",
  CAP_NET_RAW: "captures packets",
} as const;

/** System calls beyond those of ordinary services (`systemd-analyze syscall-filter`). */
const SYSTEM_CALLS = [
  "@system-service",
  "@mount",
  "@pkey",
  "fanotify_init",
  "fanotify_mark",
  "open_by_handle_at",
];

/** What gives memory back to the host as soon as it is free (mallopt(3)), keeps V8's nursery small, and lets it tidy up at rest. */
const ENVIRONMENT = [
  "MALLOC_ARENA_MAX=1",
  "MALLOC_MMAP_THRESHOLD_=131072",
  "MALLOC_TRIM_THRESHOLD_=131072",
  "DENO_V8_FLAGS=--max-semi-space-size=2,--single-threaded-gc,--expose-gc",
];

/** A line of a unit: a key with its value, or a comment. */
type Line = readonly [key: string, value: string] | string;

function unit(sections: Readonly<Record<string, readonly Line[]>>): string {
  return Object.entries(sections).map(([name, lines]) =>
    [
      `[${name}]`,
      ...lines.map((line) =>
        typeof line === "string" ? (line && `# ${line}`) : `${line[0]}=${line[1]}`
      ),
    ].join("\n") + "\n"
  ).join("\n");
}

/** Words as a command line of a unit has them (systemd.service(5), "Command lines"). */
export function commandLine(words: readonly string[]): string {
  return words.map((word) => {
    const text = word.replaceAll("\\", "\\\\").replaceAll('"', '\\"')
      .replaceAll("%", "%%").replaceAll("$", "$$$$");
    return /^[\w@%+=:,./\\$-]+$/.test(text) ? text : `"${text}"`;
  }).join(" ");
}

const UNITS = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 } as const;

/** Seven eighths of a size, as systemd writes sizes. */
function belowLimit(memory: string): string {
  const unit = UNITS[memory.at(-1) as keyof typeof UNITS] ?? 1;
  return String(Math.floor(parseInt(memory) * unit * 7 / 8));
}

/** What holds the agent, and everything that it starts. */
function sandbox({ denoDir, memory, cpu }: ServiceOptions): Line[] {
  return [
    "What the agent takes of the host at most.",
    ["MemoryMax", memory],
    "From here on the kernel slows it down and takes memory back; the agent sees that and needs less.",
    ["MemoryHigh", belowLimit(memory)],
    ["CPUQuota", cpu],
    ["TasksMax", "512"],
    ["Nice", "5"],
    ["IOSchedulingClass", "best-effort"],
    ["IOSchedulingPriority", "6"],
    "A collector or a query that needs too much memory is ended and told of, the agent goes on.",
    ["OOMPolicy", "continue"],
    ["OOMScoreAdjust", "-500"],
    "",
    "Folders that it may write to. /tmp and /home are the host's own: what lies there is watched.",
    ["StateDirectory", "daemoneye"],
    ["StateDirectoryMode", "0700"],
    ["LogsDirectory", "daemoneye"],
    ["LogsDirectoryMode", "0750"],
    ["RuntimeDirectory", "daemoneye"],
    ["RuntimeDirectoryMode", "0700"],
    ["UMask", "0077"],
    ["ProtectSystem", "strict"],
    ["ProtectHome", "read-only"],
    ["PrivateTmp", "no"],
    "Pipes through which a collector is told of files.",
    ["ReadWritePaths", "/run"],
    ...ENVIRONMENT.map((value): Line => ["Environment", value]),
    ["Environment", "TMPDIR=/run/daemoneye"],
    ["Environment", `"DENO_DIR=${denoDir.replaceAll("%", "%%")}"`],
    ["Environment", "DENO_NO_UPDATE_CHECK=1"],
    "Secrets of sinks, as NAME=VALUE, where there are any.",
    ["EnvironmentFile", "-/etc/daemoneye/environment"],
    "",
    ...Object.entries(CAPABILITIES).map(([name, why]) => `${name}: ${why}.`),
    ["CapabilityBoundingSet", Object.keys(CAPABILITIES).join(" ")],
    ["NoNewPrivileges", "yes"],
    "Collectors get mount, network, IPC, host name and process namespaces of their own, and no others.",
    ["RestrictNamespaces", "mnt net ipc uts pid"],
    ["RestrictAddressFamilies", "AF_UNIX AF_INET AF_INET6 AF_NETLINK AF_PACKET"],
    ["SystemCallFilter", SYSTEM_CALLS.join(" ")],
    ["SystemCallErrorNumber", "EPERM"],
    ["SystemCallArchitectures", "native"],
    ["ProtectClock", "yes"],
    ["ProtectHostname", "yes"],
    ["ProtectKernelLogs", "yes"],
    ["ProtectKernelTunables", "yes"],
    ["ProtectControlGroups", "yes"],
    ["RestrictRealtime", "yes"],
    ["RestrictSUIDSGID", "yes"],
    ["LockPersonality", "yes"],
    ["KeyringMode", "private"],
  ];
}

function program({ deno, toolkit, config }: ServiceOptions, words: readonly string[]): string {
  // deno-fmt-ignore
  return commandLine([
    deno, "run", "--quiet", "--no-prompt", "--cached-only", `--config=${toolkit}/deno.json`, "-P=host",
    `${toolkit}/cli/main.ts`, ...words, "--config", config,
  ]);
}

const HEADER =
  "Written by daemoneye install-service. Changes belong into a drop-in: systemctl edit.";

/** The unit of the agent. */
export function agentUnit(options: ServiceOptions): ServiceFile {
  return {
    path: "/etc/systemd/system/daemoneye.service",
    mode: 0o644,
    text: unit({
      Unit: [
        HEADER,
        ["Description", "DaemonEye: detections for this host"],
        ["Documentation", `file://${options.toolkit}/docs/deploy.md`],
        ["After", "local-fs.target"],
        ["RequiresMountsFor", "/var/lib/daemoneye"],
        "What does not go away in five minutes, such as a store of another version, is not tried for ever.",
        ["StartLimitIntervalSec", "900"],
        ["StartLimitBurst", "20"],
      ],
      Service: [
        ["Type", "exec"],
        ["ExecStart", program(options, ["agent", "--format", "json", "--log-format", "json"])],
        ["ExecReload", "kill -HUP $MAINPID"],
        ["Restart", "always"],
        ["RestartSec", "15"],
        "Status 2: of a configuration that cannot be used a restart makes no other.",
        ["RestartPreventExitStatus", "2"],
        ["KillMode", "mixed"],
        ["TimeoutStopSec", "30"],
        ...sandbox(options),
      ],
      Install: [["WantedBy", "multi-user.target"]],
    }),
  };
}

/** The units of scheduled scans: one that scans, and the timer that starts it. */
export function timerUnits(options: ServiceOptions): ServiceFile[] {
  const scan: ServiceFile = {
    path: "/etc/systemd/system/daemoneye-scan.service",
    mode: 0o644,
    text: unit({
      Unit: [
        HEADER,
        ["Description", "DaemonEye: one scan of this host"],
        ["Documentation", `file://${options.toolkit}/docs/deploy.md`],
        "The agent holds the store; there is one or the other.",
        ["Conflicts", "daemoneye.service"],
        ["RequiresMountsFor", "/var/lib/daemoneye"],
      ],
      Service: [
        ["Type", "oneshot"],
        ["ExecStart", program(options, ["scan", "--format", "json"])],
        ["TimeoutStartSec", "15min"],
        ...sandbox(options),
      ],
    }),
  };
  const timer: ServiceFile = {
    path: "/etc/systemd/system/daemoneye-scan.timer",
    mode: 0o644,
    text: unit({
      Unit: [HEADER, ["Description", "DaemonEye: scans of this host by schedule"]],
      Timer: [
        ["OnCalendar", options.calendar],
        "Not all hosts at once.",
        ["RandomizedDelaySec", "5min"],
        ["Persistent", "true"],
      ],
      Install: [["WantedBy", "timers.target"]],
    }),
  };
  return [scan, timer];
}
