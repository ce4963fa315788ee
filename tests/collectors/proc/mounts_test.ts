import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseMountInfo, parseMountStatistics } from "../../../collectors/proc/mounts.ts";

/** As the kernel wrote it; the names are changed. */
const MOUNTINFO = `22 27 0:21 / /proc rw,relatime - proc proc rw
36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 shared:2 - ext3 /dev/root rw,errors=continue
40 27 0:44 / /mnt/a\\040b\\011\\134c\\012d rw - fuse.x\\040y none rw,user_id=0
`;

Deno.test("parseMountInfo() reads mounts with any number of optional fields and escaped names", () => {
  assertEquals(parseMountInfo(MOUNTINFO), [
    {
      id: 22,
      parent: 27,
      device: "0:21",
      root: "/",
      mount_point: "/proc",
      options: ["rw", "relatime"],
      filesystem: "proc",
      source: "proc",
      super_options: ["rw"],
    },
    {
      id: 36,
      parent: 35,
      device: "98:0",
      root: "/mnt1",
      mount_point: "/mnt2",
      options: ["rw", "noatime"],
      filesystem: "ext3",
      source: "/dev/root",
      super_options: ["rw", "errors=continue"],
    },
    {
      id: 40,
      parent: 27,
      device: "0:44",
      root: "/",
      mount_point: "/mnt/a b\t\\c\nd",
      options: ["rw"],
      filesystem: "fuse.x y",
      source: "none",
      super_options: ["rw", "user_id=0"],
    },
  ]);
});

const MOUNTSTATS = `device proc mounted on /proc with fstype proc
no device mounted on /sys with fstype sysfs
device server:/home mounted on /home/a\\040b with fstype nfs4 statvers=1.1
	opts:	rw,vers=4.2
	age:	5120
	per-op statistics
	        NULL: 1 1 0 44 24 0 0 0 0

device tmpfs mounted on /tmp with fstype tmpfs
`;

Deno.test("parseMountStatistics() reads mounts and what their filesystem has counted", () => {
  assertEquals(parseMountStatistics(MOUNTSTATS), [
    { source: "proc", mount_point: "/proc", filesystem: "proc", statistics: [] },
    { source: null, mount_point: "/sys", filesystem: "sysfs", statistics: [] },
    {
      source: "server:/home",
      mount_point: "/home/a b",
      filesystem: "nfs4",
      statistics: [
        "statvers=1.1",
        "opts:	rw,vers=4.2",
        "age:	5120",
        "per-op statistics",
        "NULL: 1 1 0 44 24 0 0 0 0",
      ],
    },
    { source: "tmpfs", mount_point: "/tmp", filesystem: "tmpfs", statistics: [] },
  ]);
});

Deno.test("the parsers of mounts throw at nothing", () => {
  fc.assert(fc.property(fc.string(), fc.nat(MOUNTINFO.length), (text, at) => {
    parseMountInfo(text);
    parseMountInfo(MOUNTINFO.slice(0, at) + text + MOUNTINFO.slice(at));
    parseMountStatistics(text);
    parseMountStatistics(MOUNTSTATS.slice(0, at) + text + MOUNTSTATS.slice(at));
  }));
});
