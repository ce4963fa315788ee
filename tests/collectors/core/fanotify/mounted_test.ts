import { assertEquals } from "@std/assert";
import { filesystems, mayTell } from "../../../../collectors/core/fanotify/mounted.ts";
import { parseMountInfo } from "../../../../collectors/proc/mounts.ts";

Deno.test("filesystems() has each that holds files once, where it is mounted most wholly", () => {
  const mounts = parseMountInfo([
    "22 27 0:21 / /proc rw - proc proc rw",
    "43 27 254:0 /run/netns /run/netns rw shared:1 - ext4 /dev/vda rw",
    "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw",
    "30 25 0:27 / /dev/shm rw - tmpfs tmpfs rw",
    "31 25 0:28 / /mnt/with\\040space rw - xfs /dev/vdb rw",
    "32 25 0:29 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw",
  ].join("\n"));
  assertEquals(filesystems(mounts), [
    { device: "254:0", path: "/", type: "ext4" },
    { device: "0:27", path: "/dev/shm", type: "tmpfs" },
    { device: "0:28", path: "/mnt/with space", type: "xfs" },
  ]);
});

Deno.test("mayTell() knows filesystems that tell no events and need not be asked", () => {
  for (const type of ["nfs", "nfs4", "cifs", "fuse", "fuseblk", "fuse.sshfs", "virtiofs"]) {
    assertEquals(mayTell(type), false, type);
  }
  for (const type of ["ext4", "xfs", "btrfs", "tmpfs", "overlay", "zfs"]) {
    assertEquals(mayTell(type), true, type);
  }
});
