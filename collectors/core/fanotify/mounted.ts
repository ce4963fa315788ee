import type { Mount } from "../../proc/mounts.ts";

/** Types of filesystems that hold no files of anybody, but show the kernel. */
const PSEUDO: ReadonlySet<string> = new Set([
  ...["autofs", "binfmt_misc", "bpf", "cgroup", "cgroup2", "configfs", "debugfs", "devpts"],
  ...["efivarfs", "fuse.gvfsd-fuse", "fuse.portal", "fusectl", "hugetlbfs", "mqueue", "nsfs"],
  ...["proc", "pstore", "rpc_pipefs", "securityfs", "selinuxfs", "sysfs", "tracefs"],
]);

/**
 * Types of filesystems that are somewhere else, or made by a program. The kernel tells no events of them that a file could
 * be found by, and whoever asks one that does not answer waits for ever.
 */
const REMOTE: ReadonlySet<string> = new Set([
  ...["9p", "afs", "cifs", "fuse", "fuseblk", "nfs", "nfs4", "smb3", "virtiofs"],
]);

/** Whether events of files can be had of a type of filesystem, as far as that is known without asking it. */
export function mayTell(type: string): boolean {
  return !REMOTE.has(type) && !type.startsWith("fuse.");
}

/** A filesystem that can hold files. */
export interface Filesystem {
  /** Numbers of the device. */
  readonly device: string;
  /** Where it is mounted, as whole as it is mounted anywhere. */
  readonly path: string;
  /** Its type. */
  readonly type: string;
}

/** The filesystems that can hold files, each once. */
export function filesystems(mounts: readonly Mount[]): Filesystem[] {
  const found = new Map<string, Mount>();
  for (const mount of mounts) {
    if (PSEUDO.has(mount.filesystem)) continue;
    const known = found.get(mount.device);
    if (!known || mount.root.length < known.root.length) found.set(mount.device, mount);
  }
  return [...found.values()].map(({ device, mount_point, filesystem }) => ({
    device,
    path: mount_point,
    type: filesystem,
  }));
}
