import { assertEquals } from "@std/assert";
import { watchedPlaces } from "../../../collectors/core/fanotify/places.ts";
import { DEFAULT_PATHS, namedPlaces } from "../../../collectors/fsmond/paths.ts";
import type { Predicate } from "../../../model/predicate.ts";

const named = (...of: Predicate[]) => namedPlaces([{ op: "and", of }]);

Deno.test("namedPlaces() finds the places that a predicate names", () => {
  assertEquals(
    named(
      { op: "=", column: "file_path", value: "/opt/x/conf" },
      { op: "in", column: "directory", values: ["/srv/www/", "relative"] },
      {
        op: "or",
        of: [
          { op: "like", column: "file_path", pattern: "/data/in%" },
          { op: "glob", column: "file_path", pattern: "/mnt/a/*.sh" },
          { op: "like", column: "file_path", pattern: "/exact" },
          { op: "like", column: "file_path", pattern: "/a!_b/c%", escape: "!" },
        ],
      },
    ),
    {
      paths: ["/opt/x/conf", "/srv/www", "/data", "/mnt/a", "/exact"],
      access: false,
    },
  );
});

Deno.test("namedPlaces() takes nothing from what names no place", () => {
  assertEquals(
    named(
      { op: "not", of: { op: "=", column: "file_path", value: "/opt/x" } },
      { op: "like", column: "file_path", pattern: "%/authorized_keys" },
      { op: "like", column: "file_path", pattern: "/%" },
      { op: "=", column: "file_name", value: "/x" },
      { op: "=", column: "inode", value: 5 },
    ),
    { paths: [], access: false },
  );
  assertEquals(namedPlaces([]), { paths: [], access: false });
});

Deno.test("namedPlaces() tells whether somebody asks for programs that are started", () => {
  const isType = (op: "=" | "<>", value: string): Predicate => ({
    op,
    column: "event_type",
    value,
  });
  assertEquals(named(isType("=", "access")).access, true);
  assertEquals(
    named({ op: "in", column: "event_type", values: ["create", "access"] }).access,
    true,
  );
  assertEquals(named(isType("=", "create"), isType("<>", "access")).access, false);
});

Deno.test("watchedPlaces() covers a place and what is below it, not what begins alike", () => {
  const { covers } = watchedPlaces(["/etc/", "/a b"]);
  assertEquals(["/etc", "/etc/x/y", "/a b/c"].map(covers), [true, true, true]);
  assertEquals(["/etcetera", "/", "/a", "/x/etc"].map(covers), [false, false, false, false]);
  assertEquals(["/", "/x"].map(watchedPlaces(["/"]).covers), [true, true]);
});

Deno.test("what attackers change is watched if nobody says otherwise", () => {
  const { covers } = watchedPlaces(DEFAULT_PATHS);
  for (
    const path of [
      ...["/etc/cron.d/x", "/etc/ld.so.preload", "/root/.ssh/authorized_keys", "/home/a/.bashrc"],
      ...["/usr/bin/x", "/tmp/x", "/dev/shm/x", "/var/log/auth.log", "/var/spool/cron/root"],
      ...["/boot/vmlinuz", "/usr/lib/systemd/system/x.service"],
    ]
  ) assertEquals(covers(path), true, path);
  for (const path of ["/usr/share/x", "/var/lib/docker/x", "/proc/1"]) {
    assertEquals(covers(path), false, path);
  }
});
