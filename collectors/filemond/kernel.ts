import type { Cell, GapReason } from "../../schema/batch.ts";
import { decode, Failure } from "../proc/files.ts";
import type { HostFiles } from "./host_files.ts";

/** Bytes of a file below `/proc/sys` that are read at most. */
const MAX_SETTING = 4096;
/** Registered formats that are read at most. */
const MAX_FORMATS = 1000;

type Parse = (text: string) => Cell;

const number: Parse = (text) => /^-?\d{1,20}\s*$/.test(text) ? integer(text) : null;
const boolean: Parse = (text) => /^\d+\s*$/.test(text) ? Number(text) !== 0 : null;
const fields = (...names: readonly string[]): Parse => (text) => {
  const values = text.trim().split(/\s+/).map(Number);
  if (values.length < names.length || values.some(Number.isNaN)) return null;
  return JSON.stringify(
    Object.fromEntries(names.flatMap((name, at) => name === "" ? [] : [[name, values[at]]])),
  );
};

/** The largest settings are as large as a number of 64 bits can be. */
function integer(text: string): number | bigint {
  const value = BigInt.asIntN(64, BigInt(text.trim()));
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

/** What stands in one file below `/proc/sys/fs` (proc_sys_fs(5)), by column. */
const SETTINGS: Readonly<Record<string, readonly [path: string, parse: Parse]>> = {
  dentry_state: ["dentry-state", fields("entries", "unused", "", "", "negative")],
  inode_state: ["inode-state", fields("inodes", "unused")],
  file_nr: ["file-nr", fields("allocated", "unused", "maximum")],
  file_max: ["file-max", number],
  inode_nr: ["inode-nr", fields("inodes", "unused")],
  lease_break_time: ["lease-break-time", number],
  leases_enable: ["leases-enable", boolean],
  dir_notify_enable: ["dir-notify-enable", boolean],
  inotify_max_user_watches: ["inotify/max_user_watches", number],
  inotify_max_user_instances: ["inotify/max_user_instances", number],
  inotify_max_queued_events: ["inotify/max_queued_events", number],
  pipe_max_size: ["pipe-max-size", number],
  pipe_user_pages_hard: ["pipe-user-pages-hard", number],
  pipe_user_pages_soft: ["pipe-user-pages-soft", number],
  protected_hardlinks: ["protected_hardlinks", boolean],
  protected_symlinks: ["protected_symlinks", boolean],
  suid_dumpable: ["suid_dumpable", number],
  overflowgid: ["overflowgid", number],
  overflowuid: ["overflowuid", number],
  nr_open: ["nr_open", number],
  mount_max: ["mount-max", number],
};

const ROOT = "/proc/sys/fs";

type Value = { readonly value: Cell } | { readonly missing: GapReason };

/** Columns that {@linkcode readKernel} reads. */
export const KERNEL_COLUMNS: readonly string[] = [
  ...Object.keys(SETTINGS),
  "dquot_nr",
  "binfmt_misc",
  "epoll",
];

/** What the kernel's file layer says, for one of {@linkcode KERNEL_COLUMNS}. What the kernel does not have is NULL. */
export function readKernel(files: HostFiles, column: string): Value {
  const setting = SETTINGS[column];
  if (setting) return read(files, setting[0], setting[1]);
  if (column === "dquot_nr") {
    return combine({
      allocated: read(files, "quota/allocated_dquots", number),
      unused: read(files, "quota/free_dquots", number),
    });
  }
  if (column === "epoll") {
    return combine({ max_user_watches: read(files, "epoll/max_user_watches", number) });
  }
  return readFormats(files);
}

function read(files: HostFiles, path: string, parse: Parse): Value {
  const bytes = files.content(`${ROOT}/${path}`, MAX_SETTING);
  if (bytes === Failure.GONE) return { value: null };
  if (bytes instanceof Failure) return { missing: bytes.reason as GapReason };
  return { value: parse(decode(bytes)) };
}

/** Several values as one; NULL where the kernel has none of them. */
function combine(parts: Readonly<Record<string, Value>>): Value {
  const values: Record<string, Cell> = {};
  for (const [name, part] of Object.entries(parts)) {
    if ("missing" in part) return part;
    values[name] = part.value;
  }
  return Object.values(values).every((value) => value === null)
    ? { value: null }
    : { value: JSON.stringify(values) };
}

/** Reads the registered formats (https://docs.kernel.org/admin-guide/binfmt-misc.html). */
function readFormats(files: HostFiles): Value {
  const folder = files.find(`${ROOT}/binfmt_misc/.`);
  if (folder === Failure.GONE) return { value: null };
  if (folder instanceof Failure) return { missing: folder.reason as GapReason };
  const formats = [];
  try {
    for (const { text: name } of files.entries(folder)) {
      if (name === "register" || name === "status") continue;
      if (formats.length === MAX_FORMATS) return { missing: "budget" };
      const bytes = files.content(`${ROOT}/binfmt_misc/${name}`, MAX_SETTING);
      if (!(bytes instanceof Failure)) formats.push({ name, ...parseFormat(decode(bytes)) });
    }
  } finally {
    files.close(folder);
  }
  return { value: formats.length > 0 ? JSON.stringify(formats) : null };
}

/** Reads the file of one format. */
export function parseFormat(
  text: string,
): { enabled: boolean; interpreter: string | null; flags: string } {
  return {
    enabled: text.startsWith("enabled"),
    interpreter: /^interpreter (.*)$/m.exec(text)?.[1] ?? null,
    flags: /^flags: (.*)$/m.exec(text)?.[1] ?? "",
  };
}
