import type { TableSpec } from "../schema/types.ts";
import { linux, macos, windows } from "./extensions/file_metadata.ts";

/** The events that the file monitor still remembers of a file, newest first. */
const EVENTS = {
  costly: true,
  volatile: true,
  shape: '[{"event_time": 1767225600000, "event_type": "modify", "process_pid": 4100}]',
} as const;

/** The table of files. */
export const file_metadata = {
  name: "file_metadata",
  description:
    "Files as they are on disk, one row for each path. Names of `*_events` columns say which of the file's recorded events they hold, newest first.",
  collector: "filemond",
  kind: "triggerable",
  requires: ["file_path", "directory"],
  columns: {
    file_path: ["string", "Absolute path", { key: true, lookup: true }],
    file_name: ["string", "Last part of the path"],
    directory: ["string", "Path without its last part", { lookup: true }],
    file_size: ["integer", "Size", { unit: "bytes" }],
    file_type: ["string", "Kind of file; links are not followed", {
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
    permissions: ["string", "Mode in octal, such as `4755`", { optional: true }],
    owner_user: ["string", "Name of the owner", { optional: true }],
    owner_group: ["string", "Name of the owning group", { optional: true }],
    created_time: ["timestamp", "When it was created", { optional: true }],
    modified_time: ["timestamp", "When its contents last changed", { optional: true }],
    accessed_time: ["timestamp", "When it was last read", { optional: true, volatile: true }],
    sha256_hash: ["string", "SHA-256 of the contents, in lower-case hexadecimal", {
      costly: true,
    }],
    mount_point: ["string", "Where its filesystem is mounted", { optional: true }],
    filesystem_type: ["string", "Kind of filesystem, such as `ext4`", { optional: true }],
    device_id: ["integer", "Id of the device that holds it", { optional: true }],
    inode: ["integer", "Inode number", { optional: true }],
    hard_links: ["integer", "Names that it has", { optional: true }],
    block_size: ["integer", "Preferred size of reads and writes", {
      optional: true,
      unit: "bytes",
    }],
    blocks_allocated: ["integer", "Blocks of 512 bytes that it takes", { optional: true }],
    file_mode: ["integer", "Mode with the bits for the kind of file", { optional: true }],
    file_uid: ["integer", "User id of the owner", { optional: true }],
    file_gid: ["integer", "Group id of the owner", { optional: true }],
    file_flags: ["integer", "Inode flags, such as immutable or append-only", { costly: true }],
    file_generation: ["integer", "How often the inode was reused", { costly: true }],
    file_version: ["integer", "Version that the filesystem counts", { costly: true }],
    file_attributes: ["integer", "Attribute bits, as Windows counts them", { optional: true }],
    file_creation_time: ["timestamp", "Creation time that Windows keeps", { optional: true }],
    file_last_write_time: ["timestamp", "Last write time that Windows keeps", { optional: true }],
    file_last_access_time: ["timestamp", "Last access time that Windows keeps", {
      optional: true,
      volatile: true,
    }],
    file_change_time: ["timestamp", "When the inode last changed, on Linux and macOS", {
      optional: true,
    }],
    symlink_target: ["string", "Where a symbolic link points, as written in it", {
      optional: true,
    }],
    file_extension: ["string", "What follows the last dot of the name, in lower case", {
      optional: true,
    }],
    mime_type: ["string", "Media type, from the first bytes", { costly: true }],
    file_encoding: ["string", "Encoding of a text, such as `utf-8`", { costly: true }],
    file_compression: ["string", "Compression, such as `gzip`, from the first bytes", {
      costly: true,
    }],
    file_encryption: ["string", "Encryption by filesystem or format, such as `fscrypt`", {
      costly: true,
    }],
    file_backup: ["boolean", "Whether it looks like a backup copy (`~`, `.bak`, `.orig`)", {
      optional: true,
    }],
    file_archive: ["boolean", "Whether it is marked for archiving", { optional: true }],
    file_hidden: ["boolean", "Whether listings hide it; on Unix a leading dot"],
    file_system: ["boolean", "Whether it is marked as part of the system", { optional: true }],
    file_readonly: ["boolean", "Whether nobody may write it"],
    file_executable: ["boolean", "Whether anybody may execute it"],
    file_directory: ["boolean", "Whether it is a directory"],
    file_symlink: ["boolean", "Whether it is a symbolic link"],
    file_socket: ["boolean", "Whether it is a socket"],
    file_pipe: ["boolean", "Whether it is a named pipe"],
    file_device: ["boolean", "Whether it is a device"],
    file_special: ["boolean", "Whether it is anything but a regular file, directory or link"],
    file_system_events: ["json", "Every kind", EVENTS],
    file_watcher_events: ["json", "Losses and restarts of the watch on it", EVENTS],
    directory_changes: ["json", "Changes among the entries of a directory", {
      ...EVENTS,
      shape: '[{"event_time": 1767225600000, "event_type": "create", "file_name": "x.sh"}]',
    }],
    file_creation_events: ["json", "Creations", EVENTS],
    file_modification_events: ["json", "Changes of the contents", EVENTS],
    file_deletion_events: ["json", "Deletions of an earlier file of that path", EVENTS],
    file_rename_events: ["json", "Moves to and from the path", {
      ...EVENTS,
      shape:
        '[{"event_time": 1767225600000, "event_type": "move", "process_pid": 4100, "other_path": "/tmp/.x"}]',
    }],
    file_access_events: ["json", "Readings", EVENTS],
    file_permission_events: ["json", "Changes of the mode", EVENTS],
    file_ownership_events: ["json", "Changes of owner or group", EVENTS],
    file_size_events: ["json", "Changes of the size", {
      ...EVENTS,
      shape: '[{"event_time": 1767225600000, "event_type": "modify", "file_size": 4096}]',
    }],
    file_content_events: ["json", "Changes of the hash", {
      ...EVENTS,
      shape: '[{"event_time": 1767225600000, "event_type": "modify", "sha256_hash": "9f86d081…"}]',
    }],
    file_metadata_events: ["json", "Changes of mode, owner, times or attributes", EVENTS],
    file_symlink_events: ["json", "Events while the path was a symbolic link", EVENTS],
    file_hardlink_events: ["json", "Changes of the number of names", EVENTS],
    file_special_events: ["json", "Events while it was neither file, directory nor link", EVENTS],
    file_device_events: ["json", "Events while it was a device", EVENTS],
    file_socket_events: ["json", "Events while it was a socket", EVENTS],
    file_pipe_events: ["json", "Events while it was a pipe with a name", EVENTS],
    file_fifo_events: ["json", "Openings of a named pipe", EVENTS],
    file_block_events: ["json", "Events while it was a block device", EVENTS],
    file_character_events: ["json", "Events while it was a character device", EVENTS],
    file_directory_events: ["json", "Events while it was a directory", EVENTS],
    file_regular_events: ["json", "Events while it was a regular file", EVENTS],
  },
  extensions: { linux, macos, windows },
  examples: [
    "SELECT file_path, owner_user, permissions, modified_time FROM file_metadata WHERE directory = '/etc/cron.d'",
    "SELECT file_path, sha256_hash FROM file_metadata WHERE file_path GLOB '/usr/local/bin/*' AND (file_mode & 2048) <> 0",
    "SELECT p.pid, p.name, f.file_path, f.created_time FROM processes p JOIN file_metadata f ON f.file_path = p.executable_path WHERE f.file_hidden AND f.created_time > :now - 3600000",
  ],
} as const satisfies TableSpec;
