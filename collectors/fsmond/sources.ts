import type { file_events } from "../../profiles/file_events.ts";
import type { ColumnSources } from "../../schema/sources.ts";

const RIGHT_AFTER = "read as soon as the event is told";
const STATX = (field: string) => `statx(2) \`${field}\`, ${RIGHT_AFTER}`;
const PROCESS = `${RIGHT_AFTER}; without root not collected`;
const WINDOWS = { always_null: "Windows alone has it" } as const;

/**
 * Where the columns of `file_events` come from on Linux. As root it is fanotify(7) on whole filesystems; else inotify(7)
 * through Deno, of files that the user can read, without the process and without starts of programs.
 */
export const fileEventSources: ColumnSources<typeof file_events, "linux"> = {
  process_pid: "fanotify(7); without root not collected",
  process_key:
    `\`/proc/sys/kernel/random/boot_id\`, pid and \`/proc/<pid>/stat\` field 22, ${PROCESS}; not collected of a process that was gone by then, also when it had just run its program`,
  event_id: "boot id, start of the watching in microseconds, and a number",
  event_type:
    "`FAN_CREATE`, `FAN_CLOSE_WRITE` (modify), `FAN_ATTRIB`, `FAN_RENAME`, `FAN_DELETE`, and, where a detection asks for it, `FAN_OPEN_EXEC` (access). The same thing that one process does to one file again and again is told once until somebody has read it; a truncate(2) of a file that nobody opens is not told. Without root inotify(7): writes within 100 ms are one",
  file_path:
    "the handle of the folder (open_by_handle_at(2)) and the name that fanotify(7) tells; U+FFFD for bytes that are not UTF-8, which `platform_data` has as `path_bytes`. After a move `platform_data` has the path before as `old_path`",
  file_name: "the last part of the path",
  directory: "the path without its last part",
  file_size: STATX("stx_size"),
  file_type: STATX("stx_mode"),
  permissions: STATX("stx_mode"),
  owner_user: `${STATX("stx_uid")}, and \`/etc/passwd\``,
  owner_group: `${STATX("stx_gid")}, and \`/etc/group\``,
  created_time: STATX("stx_btime"),
  modified_time: STATX("stx_mtime"),
  accessed_time: STATX("stx_atime"),
  event_time: "when the event was read, milliseconds after it happened",
  process_name:
    `\`/proc/<pid>/stat\` field 2, ${PROCESS}; of a process that was gone by then the file that it ran`,
  executable_path:
    `link \`/proc/<pid>/exe\`, ${PROCESS}; of a process that was gone by then the \`FAN_OPEN_EXEC\` before`,
  mount_point: "`/proc/<pid>/mountinfo` of the agent, the mount that the path lies on",
  filesystem_type: "`/proc/<pid>/mountinfo` of the agent",
  device_id: STATX("stx_dev_major` and `stx_dev_minor"),
  inode: STATX("stx_ino"),
  hard_links: STATX("stx_nlink"),
  block_size: STATX("stx_blksize"),
  blocks_allocated: STATX("stx_blocks"),
  file_mode: STATX("stx_mode"),
  file_uid: STATX("stx_uid"),
  file_gid: STATX("stx_gid"),
  file_flags: `${STATX("stx_attributes")}; without root not collected`,
  file_generation:
    "the handle of the file, where its filesystem puts the generation there (ext4); else not collected",
  file_version: { always_null: "Linux shows it to nobody but NFS" },
  file_attributes: WINDOWS,
  file_creation_time: WINDOWS,
  file_last_write_time: WINDOWS,
  file_last_access_time: WINDOWS,
  file_change_time: STATX("stx_ctime"),
};
