import { assertEquals } from "@std/assert";
import { lstatSync } from "node:fs";
import {
  attributes,
  fromStats,
  integer,
  nameColumns,
  typeOf,
} from "../../../collectors/files/attributes.ts";

const owners = { users: new Map([[0, "root"]]), groups: new Map([[7, "lp"]]) };

Deno.test("attributes() makes columns of what the kernel tells", () => {
  const stat = {
    ...{
      mode: 0o104755,
      uid: 0,
      gid: 7,
      nlink: 2,
      size: 3n,
      dev: 4n,
      ino: 2n ** 64n - 1n,
      rdev: 0n,
    },
    ...{ blksize: 4096, blocks: 8n, atime: 1_999_999n, mtime: -1n, ctime: 5_000_000n, btime: null },
  };
  assertEquals(attributes(stat, owners), {
    file_size: 3,
    file_type: "regular",
    permissions: "4755",
    owner_user: "root",
    owner_group: "lp",
    created_time: null,
    modified_time: 0,
    accessed_time: 1,
    file_change_time: 5,
    device_id: 4,
    inode: -1,
    hard_links: 2,
    block_size: 4096,
    blocks_allocated: 8,
    file_mode: 0o104755,
    file_uid: 0,
    file_gid: 7,
  });
  assertEquals(attributes({ ...stat, uid: 9, mode: 0o40 }, owners).owner_user, null);
  assertEquals(attributes({ ...stat, mode: 0o40 }, owners).permissions, "0040");
});

Deno.test("typeOf() knows every kind of file", () => {
  const kinds = [0o140000, 0o120000, 0o100000, 0o060000, 0o040000, 0o020000, 0o010000];
  assertEquals(
    kinds.map((mode) => typeOf({ mode: mode | 0o777 })),
    ["socket", "symlink", "regular", "block_device", "directory", "character_device", "pipe"],
  );
});

Deno.test("fromStats() takes over what node:fs tells", () => {
  const path = new URL(import.meta.url).pathname;
  const stats = lstatSync(path, { bigint: true });
  const stat = fromStats(stats);
  assertEquals([stat.size, stat.mtime, stat.ino], [stats.size, stats.mtimeNs, stats.ino]);
  assertEquals(typeOf(stat), "regular");
});

Deno.test("nameColumns() splits a path", () => {
  assertEquals(nameColumns("/a/b.c"), { file_path: "/a/b.c", file_name: "b.c", directory: "/a" });
  assertEquals(nameColumns("/"), { file_path: "/", file_name: "/", directory: "/" });
});

Deno.test("integer() fits 64 bits", () => {
  assertEquals([5n, 2n ** 60n, 2n ** 63n].map(integer), [5, 2n ** 60n, -(2n ** 63n)]);
});
