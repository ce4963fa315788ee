import { PROCESS_KEY_COLUMNS } from "../schema/columns.ts";
import type { TableSpec } from "../schema/types.ts";

/** The table of things that happened to files. */
export const file_events = {
  name: "file_events",
  description:
    "What happened to files in the watched places, with the file as it was right after. What a deletion leaves unknown is NULL. After a move `platform_data ->> 'old_path'` is the path before.",
  collector: "fsmond",
  kind: "monitor",
  events: true,
  watchedBy: ["file_path", "directory", "event_type"],
  columns: {
    process_pid: ["integer", "Process that did it; NULL where the source of events names none", {
      lookup: true,
      optional: true,
    }],
    process_key: PROCESS_KEY_COLUMNS.process_key,
    event_id: ["string", "Identity of the event", { key: true }],
    event_type: [
      "string",
      "What happened; `attrib` is a change of mode, owner or attributes, `access` the start of a program",
      { values: ["create", "modify", "delete", "access", "move", "attrib"] },
    ],
    file_path: ["string", "Absolute path; after a move the new one", { lookup: true }],
    file_name: ["string", "Last part of the path"],
    directory: ["string", "Path without its last part", { lookup: true }],
    file_size: ["integer", "Size", { optional: true, unit: "bytes" }],
    file_type: ["string", "Kind of file", {
      optional: true,
      values: [
        "regular",
        "directory",
        "symlink",
        "socket",
        "pipe",
        "block_device",
        "character_device",
      ],
    }],
    permissions: ["string", "Mode in octal, such as `0644`", { optional: true }],
    owner_user: ["string", "Name of the owner", { optional: true }],
    owner_group: ["string", "Name of the owning group", { optional: true }],
    created_time: ["timestamp", "When the file was created", { optional: true }],
    modified_time: ["timestamp", "When its contents last changed", { optional: true }],
    accessed_time: ["timestamp", "When it was last read", { optional: true }],
    event_time: ["timestamp", "When it happened"],
    process_name: ["string", "Name of the process that did it", { optional: true }],
    executable_path: ["string", "Executable of the process that did it", { optional: true }],
    mount_point: ["string", "Where the file's filesystem is mounted", { optional: true }],
    filesystem_type: ["string", "Kind of filesystem, such as `ext4`", { optional: true }],
    device_id: ["integer", "Id of the device that holds the file", { optional: true }],
    inode: ["integer", "Inode number", { optional: true }],
    hard_links: ["integer", "Names that the file has", { optional: true }],
    block_size: ["integer", "Preferred size of reads and writes", {
      optional: true,
      unit: "bytes",
    }],
    blocks_allocated: ["integer", "Blocks of 512 bytes that the file takes", { optional: true }],
    file_mode: ["integer", "Mode with the bits for the kind of file", { optional: true }],
    file_uid: ["integer", "User id of the owner", { optional: true }],
    file_gid: ["integer", "Group id of the owner", { optional: true }],
    file_flags: ["integer", "Inode flags, such as immutable or append-only", { optional: true }],
    file_generation: ["integer", "How often the inode was reused", { optional: true }],
    file_version: ["integer", "Version that the filesystem counts", { optional: true }],
    file_attributes: ["integer", "Attribute bits, as Windows counts them", { optional: true }],
    file_creation_time: ["timestamp", "Creation time that Windows keeps", { optional: true }],
    file_last_write_time: ["timestamp", "Last write time that Windows keeps", { optional: true }],
    file_last_access_time: ["timestamp", "Last access time that Windows keeps", {
      optional: true,
    }],
    file_change_time: ["timestamp", "When the inode last changed, on Linux and macOS", {
      optional: true,
    }],
  },
  examples: [
    "SELECT event_time, file_path, process_name, executable_path FROM file_events WHERE directory = '/etc/cron.d' AND event_type IN ('create', 'modify', 'move')",
    "SELECT f.file_path, f.process_pid, p.command_line FROM file_events f JOIN processes p ON p.process_key = f.process_key WHERE f.file_name = 'authorized_keys' AND f.event_type = 'modify'",
    "SELECT process_pid, process_name, count(*) AS deleted FROM file_events WHERE event_type = 'delete' AND file_path LIKE '/var/log/%' GROUP BY process_pid, process_name",
  ],
} as const satisfies TableSpec;
