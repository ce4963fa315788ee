import { assert, assertEquals } from "@std/assert";
import { Failure } from "../../../collectors/proc/files.ts";
import { makeHost } from "./support.ts";

Deno.test("Host follows links within the host's root, and none out of it", async () => {
  await using made = await makeHost({
    "etc/real": "content",
    "etc/absolute": { link: "/etc/real" },
    "etc/relative": { link: "../etc/./real" },
    "etc/up": { link: "../../../../../../etc/real" },
    "etc/shadow-of-this-machine": { link: "/../../../../../../../etc/hostname" },
    "etc/loop": { link: "loop" },
    "etc/null": { link: "/dev/null" },
    "folder": { link: "etc" },
  });
  const { host } = made;
  for (const path of ["/etc/real", "/etc/absolute", "/etc/relative", "/etc/up", "/folder/real"]) {
    assertEquals(host.text(path), "content", path);
  }
  assertEquals(host.text("/etc/shadow-of-this-machine"), "");
  assertEquals(host.info("/etc/null"), undefined);
  assertEquals(host.unread, []);
  assertEquals(host.text("/etc/loop"), "");
  assertEquals(host.unread, ["/etc/loop (not readable)"]);
});

Deno.test("Host opens nothing but regular files, and nothing that is too large", async () => {
  await using made = await makeHost({ "etc/file": "x" });
  const { host, root } = made;
  await new Deno.Command("mkfifo", { args: [`${root}/etc/pipe`] }).output();
  using listener = Deno.listen({ transport: "unix", path: `${root}/etc/socket` });
  using large = await Deno.open(`${root}/etc/large`, { write: true, create: true });
  await large.truncate(4 * 2 ** 30);
  assert(listener);
  for (const name of ["pipe", "socket", "large", "."]) {
    assert(host.bytes(`/etc/${name}`) instanceof Failure, name);
  }
  assertEquals(host.bytes("/etc/file"), new TextEncoder().encode("x"));
});
