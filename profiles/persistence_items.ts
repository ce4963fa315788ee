import type { TableSpec } from "../schema/types.ts";

/** The table of what starts by itself. */
export const persistence_items = {
  name: "persistence_items",
  description:
    "What the host starts or loads by itself, at boot, at login, by schedule or into other programs. One row each.",
  collector: "regmond",
  kind: "monitor",
  columns: {
    kind: ["string", "By what mechanism", {
      key: true,
      values: [
        "systemd_service",
        "systemd_timer",
        "cron",
        "at",
        "init_script",
        "rc_local",
        "shell_profile",
        "xdg_autostart",
        "ld_preload",
        "udev_rule",
        "module_load",
        "authorized_key",
        "pam_module",
        "motd_script",
        "package_hook",
        "launch_daemon",
        "launch_agent",
        "login_item",
        "run_key",
        "windows_service",
        "scheduled_task",
        "startup_folder",
        "wmi_subscription",
      ],
    }],
    path: ["string", "File or registry key that says so", { key: true, lookup: true }],
    name: ["string", "Name of the item; where it has none, its line or value", { key: true }],
    command: ["string", "What is started or loaded", { optional: true }],
    user_name: ["string", "As whom", { optional: true }],
    enabled: ["boolean", "Whether it is in force"],
    schedule: ["string", "When, as written there", { optional: true }],
    modified_time: ["timestamp", "When the file or key last changed", { optional: true }],
  },
  examples: [
    "SELECT kind, path, command, user_name FROM persistence_items WHERE enabled AND (command LIKE '%/tmp/%' OR command LIKE '%/dev/shm/%')",
    "SELECT path, name, command FROM persistence_items WHERE kind = 'ld_preload' AND enabled",
    "SELECT i.kind, i.name, p.pid FROM persistence_items i JOIN processes p ON p.command_line = i.command WHERE i.modified_time > :now - 86400000",
  ],
} as const satisfies TableSpec;
