import { assertEquals } from "@std/assert";
import { createFolders } from "../../../../collectors/core/fanotify/folders.ts";
import { createHappenings } from "../../../../collectors/core/fanotify/happenings.ts";
import { watchedPlaces } from "../../../../collectors/core/fanotify/places.ts";
import {
  FAN,
  type FanotifyEvent,
  type FileHandle,
} from "../../../../collectors/core/fanotify/records.ts";

const folder = (key: string): FileHandle => ({
  key,
  filesystem: "fs",
  handle: new Uint8Array(16),
});
const event = (
  mask: number,
  at: string,
  name: string,
  more: Partial<FanotifyEvent> = {},
): FanotifyEvent => ({ mask, pid: 7, entry: { folder: folder(at), name }, ...more });

/** Happenings on a host with these folders. */
function setUp(paths: Record<string, string>, watched: readonly string[], access = false) {
  let looks = 0;
  const folders = createFolders(({ key }) => paths[key]);
  const happenings = createHappenings({
    folders,
    agent: 1,
    startOf: (pid) => pid === 9 ? undefined : 100 * pid,
    look: () => (looks++, "status"),
  });
  happenings.watch(watchedPlaces(watched), access);
  return {
    paths,
    looks: () => looks,
    take: (...events: FanotifyEvent[]) =>
      happenings.take(events, 5).map((said) =>
        said.said === "event"
          ? `${said.types.join("+")} ${said.old === undefined ? "" : `${said.old} -> `}${said.path}`
          : said.said === "lost"
          ? `${said.count} lost: ${said.reason}`
          : said.said
      ),
    happenings,
  };
}

const GONE = "their folder was gone before anybody could tell where it was";

Deno.test("what was told as one comes in the order in which it can have happened", () => {
  const { take } = setUp({ E: "/etc" }, ["/etc"]);
  const mask = FAN.DELETE | FAN.ATTRIB | FAN.CLOSE_WRITE | FAN.CREATE | FAN.OPEN_EXEC;
  assertEquals(take(event(mask, "E", "a")), ["create+modify+attrib+delete /etc/a"]);
});

Deno.test("files elsewhere are left out before anybody looks at them", () => {
  const { take, looks } = setUp({ E: "/etc", X: "/etcetera", R: "/" }, ["/etc", "/boot/x"]);
  assertEquals(take(event(FAN.CREATE, "X", "a"), event(FAN.CREATE, "R", "boot")), []);
  assertEquals(looks(), 0);
  assertEquals(take(event(FAN.CREATE, "E", "a")), ["create /etc/a"]);
  assertEquals(looks(), 1);
});

Deno.test("a move is told where it begins or ends in a watched place", () => {
  const { take } = setUp({ E: "/etc", V: "/var" }, ["/etc"]);
  const moved = (from: string, to: string) =>
    event(FAN.RENAME, to, "b", { old: { folder: folder(from), name: "a" } });
  assertEquals(take(moved("E", "V"), moved("V", "E"), moved("V", "V")), [
    "move /etc/a -> /var/b",
    "move /var/a -> /etc/b",
  ]);
});

Deno.test("a folder that is gone before its files are looked for is known by its own events", () => {
  const { take } = setUp({ E: "/etc" }, ["/etc"]);
  const dir = { target: folder("D") };
  assertEquals(
    take(event(FAN.DELETE, "D", "x"), event(FAN.DELETE | FAN.ONDIR, "E", "d", dir)),
    ["delete /etc/d/x", "delete /etc/d"],
  );
  // Its end may be told only when more is read.
  const other = { target: folder("F") };
  assertEquals(take(event(FAN.DELETE, "F", "x"), event(FAN.DELETE, "nowhere", "x")), []);
  assertEquals(take(event(FAN.DELETE | FAN.ONDIR, "E", "f", other)), [
    "delete /etc/f/x",
    "delete /etc/f",
    `1 lost: ${GONE}`,
  ]);
  assertEquals(take(), []);
});

Deno.test("after a folder was moved its files have other paths", () => {
  const host = setUp({ E: "/etc", D: "/etc/d" }, ["/etc"]);
  assertEquals(host.take(event(FAN.CREATE, "D", "x")), ["create /etc/d/x"]);
  host.paths.D = "/etc/e";
  const moved = event(FAN.RENAME | FAN.ONDIR, "E", "e", {
    old: { folder: folder("E"), name: "d" },
    target: folder("D"),
  });
  assertEquals(host.take(moved, event(FAN.CREATE, "D", "y")), [
    "move /etc/d -> /etc/e",
    "create /etc/e/y",
  ]);
});

Deno.test("an overflow is a loss", () => {
  const { take } = setUp({}, ["/etc"]);
  assertEquals(take({ mask: FAN.Q_OVERFLOW, pid: 0 }), [
    "1 lost: the kernel's queue of file events was full",
  ]);
});

Deno.test("the program that a process ran is told with what it does", () => {
  const { happenings } = setUp({ E: "/etc", B: "/usr/bin", L: "/lib" }, ["/etc"]);
  const run = (pid: number, at: string, name: string) => ({
    ...event(FAN.OPEN_EXEC, at, name),
    pid,
  });
  const told = (pid: number, at: number) =>
    happenings.take([{ ...event(FAN.CREATE, "E", "a"), pid }], at).map((said) =>
      said.said === "event" && [said.program, said.start]
    );
  happenings.take([
    run(7, "B", "touch"),
    run(7, "L", "ld-linux-x86-64.so.2"),
    run(9, "B", "gone"),
  ], 0);
  assertEquals(told(7, 10), [["/usr/bin/touch", 700]]);
  assertEquals(told(8, 10), [[undefined, 800]]);
  assertEquals(told(9, 10), [["/usr/bin/gone", undefined]]);
  // By then the same id may be another process.
  assertEquals(told(7, 10_001), [[undefined, 700]]);
});

Deno.test("programs are told of where somebody asks, and nothing of the agent itself", () => {
  const { take } = setUp({ E: "/etc" }, ["/etc"], true);
  assertEquals(take(event(FAN.OPEN_EXEC, "E", "a")), ["access /etc/a"]);
  assertEquals(take({ ...event(FAN.CREATE, "E", "a"), pid: 1 }), []);
});

Deno.test("what has no name any more is nothing", () => {
  const { take } = setUp({ E: "/etc" }, ["/"]);
  assertEquals(take({ mask: FAN.ATTRIB, pid: 7, target: folder("F") }), []);
});
