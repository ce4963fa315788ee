import type { Mount } from "../../proc/mounts.ts";

/** Types of filesystems that hold no files of anybody, but show the kernel. */
const PSEUDO: ReadonlySet<string> = new Set([
  ...["autofs", "binfmt_misc", "bpf", "cgroup", "cgroup2", "configfs", "debugfs", "devpts"],
  ...["efivarfs", "fuse.gvfsd-fuse", "fuse.portal", "fusectl", "hugetlbfs", "mqueue", "nsfs"],
  ...["proc", "pstore", "rpc_pipefs", "securityfs", "selinuxfs", "sysfs", "tracefs"],
]);

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
