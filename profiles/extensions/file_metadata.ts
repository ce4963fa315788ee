import type { ColumnSpecs } from "../../schema/types.ts";

const COSTLY = { costly: true } as const;
const CHANGING = { costly: true, volatile: true } as const;
const EVENTS = {
  ...CHANGING,
  shape: '[{"event_time": 1767225600000, "event_type": "attrib", "process_pid": 4100}]',
} as const;

/**
 * What Linux has of a file besides the core columns, and of the file layer of the kernel that serves it, which is the same
 * in each row; the latter are named as in `/proc/sys/fs`. What the running kernel does not have is NULL.
 */
export const linux = {
  extended_attributes: ["json", "Extended attributes; values that are no text are in base64", {
    ...COSTLY,
    shape:
      '{"user.origin": "https://example.com/x", "security.selinux": "system_u:object_r:bin_t:s0"}',
  }],
  acl_entries: ["json", "Access control list", {
    ...COSTLY,
    shape:
      '[{"kind": "user", "name": "backup", "permissions": "r-x"}, {"kind": "mask", "name": null, "permissions": "r-x"}]',
  }],
  capabilities: ["json", "Capabilities that executing it gives", {
    ...COSTLY,
    shape: '{"permitted": ["CAP_NET_RAW"], "inheritable": [], "effective": true}',
  }],
  device: ["integer", "Device number that a device file stands for", { optional: true }],
  mount_info: ["json", "The mount that it is reached through", {
    ...COSTLY,
    shape:
      '{"source": "/dev/sda1", "mount_point": "/", "filesystem": "ext4", "options": ["rw", "relatime"]}',
  }],
  mount_stats: ["json", "Statistics that the filesystem keeps for that mount", {
    ...CHANGING,
    shape: '{"source": "server:/home", "filesystem": "nfs4", "statistics": ["age: 5120"]}',
  }],
  disk_stats: ["json", "Counters of the disk below it", {
    ...CHANGING,
    shape:
      '{"device": "sda", "reads": 81920, "sectors_read": 655360, "writes": 4096, "sectors_written": 32768, "io_time": 9120}',
  }],
  file_locks: ["json", "Locks held on it", {
    ...CHANGING,
    shape: '[{"kind": "flock", "mode": "exclusive", "pid": 812, "start": 0, "end": null}]',
  }],
  dentry_state: ["json", "Cache of directory entries", {
    ...CHANGING,
    shape: '{"entries": 81920, "unused": 61440, "negative": 4096}',
  }],
  inode_state: ["json", "Cache of inodes", {
    ...CHANGING,
    shape: '{"inodes": 61440, "unused": 1024}',
  }],
  file_nr: ["json", "Open files of the host", {
    ...CHANGING,
    shape: '{"allocated": 9120, "unused": 0, "maximum": 9223372036854}',
  }],
  file_max: ["integer", "Most open files of the host", COSTLY],
  inode_max: ["integer", "Most inodes in memory; gone since Linux 2.4", COSTLY],
  inode_nr: ["json", "Inodes in memory", {
    ...CHANGING,
    shape: '{"inodes": 61440, "unused": 1024}',
  }],
  super_max: ["integer", "Most superblocks; gone since Linux 2.4", COSTLY],
  super_nr: ["integer", "Superblocks in use; gone since Linux 2.4", CHANGING],
  dquot_max: ["integer", "Most disk quota entries; gone since Linux 2.4", COSTLY],
  dquot_nr: ["json", "Disk quota entries in memory", {
    ...CHANGING,
    shape: '{"allocated": 0, "unused": 0}',
  }],
  lease_break_time: ["integer", "Time that a holder gets to give up a lease", {
    ...COSTLY,
    unit: "s",
  }],
  leases_enable: ["boolean", "Whether leases on files can be taken", COSTLY],
  dir_notify_enable: ["boolean", "Whether directories can be watched by dnotify", COSTLY],
  inotify_max_user_watches: ["integer", "Most inotify watches of a user", COSTLY],
  inotify_max_user_instances: ["integer", "Most inotify instances of a user", COSTLY],
  inotify_max_queued_events: ["integer", "Events that an inotify instance may queue", COSTLY],
  pipe_max_size: ["integer", "Largest pipe that a user may ask for", { ...COSTLY, unit: "bytes" }],
  pipe_user_pages_hard: [
    "integer",
    "Pages of pipes at which a user is refused; 0 is never",
    COSTLY,
  ],
  pipe_user_pages_soft: [
    "integer",
    "Pages of pipes at which new ones are small; 0 is never",
    COSTLY,
  ],
  protected_hardlinks: ["boolean", "Whether hard links to the files of others are refused", COSTLY],
  protected_symlinks: [
    "boolean",
    "Whether links in sticky directories are followed with care",
    COSTLY,
  ],
  suid_dumpable: [
    "integer",
    "Core dumps of set-user-id programs: 0 none, 1 any, 2 for root",
    COSTLY,
  ],
  overflowgid: ["integer", "Group id shown where the real one does not fit", COSTLY],
  overflowuid: ["integer", "User id shown where the real one does not fit", COSTLY],
  nr_open: ["integer", "Most open files that a process may be allowed", COSTLY],
  mount_max: ["integer", "Most mounts in a mount namespace", COSTLY],
  binfmt_misc: ["json", "Registered interpreters of foreign program formats", {
    ...COSTLY,
    shape:
      '[{"name": "qemu-aarch64", "enabled": true, "interpreter": "/usr/bin/qemu-aarch64-static", "flags": "OCF"}]',
  }],
  epoll: ["json", "Limits of epoll", { ...COSTLY, shape: '{"max_user_watches": 1815552}' }],
} as const satisfies ColumnSpecs;

/** What macOS has of a file besides the core columns. */
export const macos = {
  spotlight_metadata: ["json", "What the Spotlight index has of it", {
    ...COSTLY,
    shape: '{"kMDItemKind": "Disk Image", "kMDItemWhereFroms": ["https://example.com/x.dmg"]}',
  }],
  bundle_info: ["json", "The bundle that it belongs to", {
    ...COSTLY,
    shape:
      '{"identifier": "com.example.App", "name": "App", "version": "1.2", "executable": "App"}',
  }],
  quarantine_flags: ["json", "Where it was downloaded from, by which program", {
    ...COSTLY,
    shape: '{"flags": "0083", "time": 1767225600000, "agent": "Safari", "event_id": "7f1c…"}',
  }],
  extended_attributes: ["json", "Extended attributes; values that are no text are in base64", {
    ...COSTLY,
    shape: '{"com.apple.quarantine": "0083;695598c0;Safari;", "com.apple.provenance": "AQIA"}',
  }],
  time_machine_backup: ["boolean", "Whether Time Machine includes it", COSTLY],
} as const satisfies ColumnSpecs;

/** What Windows has of a file besides the core columns. */
export const windows = {
  alternate_data_streams: ["json", "Streams besides the main one, with their sizes in bytes", {
    ...COSTLY,
    shape: '[{"name": "Zone.Identifier", "size": 98}]',
  }],
  security_descriptor: ["json", "Owner and access control entries", {
    ...COSTLY,
    shape: '{"owner": "S-1-5-32-544", "sddl": "O:BAG:SYD:(A;;FA;;;SY)"}',
  }],
  volume_serial: ["string", "Serial number of the volume, in hexadecimal", { optional: true }],
  file_index: ["integer", "Number of the file in its volume", { optional: true }],
  reparse_point: ["boolean", "Whether opening it leads elsewhere", { optional: true }],
  file_archive_events: ["json", "Changes of the archive mark", EVENTS],
  file_compressed_events: ["json", "Changes of the mark that it is compressed", EVENTS],
  file_encrypted_events: ["json", "Changes of the mark that it is encrypted", EVENTS],
  file_hidden_events: ["json", "Changes of the hidden mark", EVENTS],
  file_readonly_events: ["json", "Changes of the read-only mark", EVENTS],
  file_temporary_events: ["json", "Changes of the temporary mark", EVENTS],
  file_offline_events: ["json", "Changes of the mark that its contents are offline", EVENTS],
  file_sparse_events: ["json", "Changes of the mark that it is sparse", EVENTS],
  file_reparse_events: ["json", "Changes of its reparse point", EVENTS],
  file_integrity_events: ["json", "Changes of the integrity mark, and repairs", EVENTS],
  file_virtual_events: ["json", "Changes of the virtual mark", EVENTS],
  file_compression_events: ["json", "Compressions and expansions by the filesystem", EVENTS],
  file_encryption_events: ["json", "Encryptions and decryptions by the filesystem", EVENTS],
  file_backup_events: ["json", "Readings by backup programs", EVENTS],
  file_index_events: ["json", "Visits of the search indexer", EVENTS],
  file_content_indexed_events: ["json", "Inclusions of its contents in the search index", EVENTS],
  file_not_content_indexed_events: ["json", "Exclusions of its contents from the index", EVENTS],
  file_recall_on_data_access_events: [
    "json",
    "Fetches of its contents when they were read",
    EVENTS,
  ],
  file_recall_on_open_events: ["json", "Fetches of its contents when it was opened", EVENTS],
  file_pin_events: ["json", "Decisions to keep its contents on this host", EVENTS],
  file_unpin_events: ["json", "Decisions to leave its contents in the cloud", EVENTS],
} as const satisfies ColumnSpecs;
