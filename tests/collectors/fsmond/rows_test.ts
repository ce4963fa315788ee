import { assertEquals } from "@std/assert";
import { mountOf } from "../../../collectors/fsmond/rows.ts";
import { parseMountInfo } from "../../../collectors/proc/mounts.ts";

Deno.test("mountOf() finds the deepest mount, and of those in one place the last", () => {
  const mounts = parseMountInfo([
    "27 1 254:0 / / rw - ext4 /dev/vda rw",
    "30 25 0:27 / /mnt rw - tmpfs one rw",
    "31 25 0:28 / /mnt rw - tmpfs two rw",
    "32 25 0:29 / /mnt/deep rw - tmpfs three rw",
  ].join("\n"));
  const sources = ["/etc/x", "/mnt", "/mnt/x", "/mnt/deep/x", "/mntx"]
    .map((path) => mountOf(path, mounts)?.source);
  assertEquals(sources, ["/dev/vda", "two", "two", "three", "/dev/vda"]);
  assertEquals(mountOf("/x", []), undefined);
});
