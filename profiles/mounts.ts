import type { TableSpec } from "../schema/types.ts";

/** The table of mounted filesystems. */
export const mounts = {
  name: "mounts",
  description: "Mounted filesystems as the host itself sees them, one row each.",
  collector: "regmond",
  kind: "monitor",
  columns: {
    mount_id: ["integer", "Id of the mount", { key: true, optional: true }],
    mount_point: ["string", "Where it is mounted", { key: true }],
    source: ["string", "Device, remote path or pseudo-device", { optional: true }],
    filesystem_type: ["string", "Kind of filesystem, such as `ext4`"],
    root: ["string", "Folder of the filesystem that is mounted; `/` unless it is a bind mount", {
      optional: true,
    }],
    options: ["json", "Mount options", { shape: '["rw", "nosuid", "nodev", "relatime"]' }],
    read_only: ["boolean", "Whether nothing can be written"],
    no_exec: ["boolean", "Whether programs on it cannot be executed"],
    no_suid: ["boolean", "Whether set-user-id bits on it have no effect"],
    propagation: ["string", "Whether mounts below it appear elsewhere", {
      optional: true,
      values: ["shared", "slave", "private", "unbindable"],
    }],
    total_bytes: ["integer", "Size", { costly: true, unit: "bytes" }],
    free_bytes: ["integer", "Space that is free for users", {
      costly: true,
      volatile: true,
      unit: "bytes",
    }],
  },
  examples: [
    "SELECT mount_point, source, filesystem_type FROM mounts WHERE mount_point GLOB '/proc/[0-9]*'",
    "SELECT mount_point, options FROM mounts WHERE mount_point IN ('/tmp', '/var/tmp', '/dev/shm') AND NOT no_exec",
  ],
} as const satisfies TableSpec;
