import { assertEquals } from "@std/assert";
import { parseExecutableLink } from "../../../collectors/proc/executable.ts";

Deno.test("parseExecutableLink() takes the kernel's mark off, once", () => {
  assertEquals(parseExecutableLink("/bin/x"), { path: "/bin/x", deleted: false });
  assertEquals(parseExecutableLink("/bin/x (deleted)"), { path: "/bin/x", deleted: true });
  assertEquals(parseExecutableLink("/x (deleted) (deleted)"), {
    path: "/x (deleted)",
    deleted: true,
  });
  assertEquals(parseExecutableLink("/memfd:a (deleted)"), { path: "/memfd:a", deleted: true });
});
