import type { GapReason } from "../../schema/batch.ts";
import { decode, Failure, MAX_FILE } from "../proc/files.ts";
import { type Mount, parseMountInfo, parseMountStatistics } from "../proc/mounts.ts";
import type { HostFiles } from "./host_files.ts";

/** The host's mounts. */
export interface HostMounts {
  /** The mount with this id in this process, as the host has it; `undefined` where it is not known. */
  find(id: number | null): Mount | undefined;
  /** What the filesystem of a mount counts, as JSON; `null` where it counts nothing. */
  statistics(mount: Mount): string | null | GapReason;
}

/** Reads the mounts. `folder` is where the host's files stand; mounts of this process elsewhere are none of the host's. */
export function readMounts(files: HostFiles, folder: string): HostMounts {
  const confined = folder !== "/";
  const text = (bytes: Uint8Array | Failure) => bytes instanceof Failure ? "" : decode(bytes);
  // The mounts of this process are copies of the host's with other ids and stricter options.
  const own = parseMountInfo(text(files.ownMounts()));
  const host = confined ? parseMountInfo(text(files.content("/proc/1/mountinfo", MAX_FILE))) : own;
  // Of mounts at one place the last lies on top.
  const key = ({ mount_point, device }: Mount) => `${device} ${mount_point}`;
  const byPlace = new Map(host.map((mount) => [key(mount), mount]));
  const byId = new Map(own.flatMap((mount) => {
    if (!confined) return [[mount.id, mount]];
    if (mount.mount_point !== folder && !mount.mount_point.startsWith(`${folder}/`)) return [];
    const there = { ...mount, mount_point: mount.mount_point.slice(folder.length) || "/" };
    return [[mount.id, byPlace.get(key(there)) ?? there]];
  }));
  let counted: ReturnType<typeof parseMountStatistics> | Failure | undefined;

  return {
    find: (id) => id === null ? undefined : byId.get(id),
    statistics({ mount_point, filesystem }) {
      if (counted === undefined) {
        const bytes = files.content(`/proc/${confined ? 1 : "self"}/mountstats`, MAX_FILE);
        counted = bytes instanceof Failure ? bytes : parseMountStatistics(decode(bytes));
      }
      if (counted instanceof Failure) {
        return counted.reason === "gone" ? "not_collected" : counted.reason;
      }
      const found = counted.findLast((one) =>
        one.mount_point === mount_point && one.filesystem === filesystem
      );
      if (!found || found.statistics.length === 0) return null;
      const { source, statistics } = found;
      return JSON.stringify({ source, filesystem, statistics });
    },
  };
}

/**
 * Filesystems without contents of their own: reading one of their files is a question to the kernel, which may wait, or
 * take an answer away from somebody else.
 */
const PSEUDO: ReadonlySet<string> = new Set([
  ...["autofs", "binderfs", "binfmt_misc", "bpf", "cgroup", "cgroup2", "configfs", "debugfs"],
  ...["devpts", "efivarfs", "functionfs", "fusectl", "hugetlbfs", "mqueue", "nfsd", "nsfs"],
  ...["proc", "pstore", "resctrl", "rpc_pipefs", "securityfs", "selinuxfs", "smackfs", "sysfs"],
  ...["tracefs", "usbfs", "usbmon"],
]);

/** Whether the files of a filesystem have contents that can be read without consequences. */
export function hasContents({ filesystem }: Pick<Mount, "filesystem">): boolean {
  return !PSEUDO.has(filesystem);
}

/** Whether the times of a file change whenever its content does; not where memory is written, or others decide. */
export function isFaithful({ filesystem }: Pick<Mount, "filesystem">): boolean {
  return !/^(tmpfs|ramfs|devtmpfs|9p|nfs.*|cifs|smb.*|fuse.*|ceph|virtiofs)$/.test(filesystem);
}
