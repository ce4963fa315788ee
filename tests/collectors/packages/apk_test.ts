import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { createHash } from "node:crypto";
import { makeHost } from "./host.ts";

const sha1 = (content: string) => createHash("sha1").update(content).digest();
const sum = (content: string) => `Z:Q1${sha1(content).toString("base64")}`;

/** Two packages as apk-v2(5) has them, one with a file in the root, an attribute between a name and its digest, and `/etc`. */
const INSTALLED = `C:Q1Qln0/Vx5Y7Wj8VkWMt6qRBWxHNg=
P:musl
V:1.2.5-r0
A:x86_64
F:lib
R:ld-musl-x86_64.so.1
a:0:0:755
${sum("loader")}
F:usr
F:usr/bin
R:ldd
a:0:0:755
${sum("ldd")}

P:tool
V:1
F:
R:.tool
${sum("root")}
F:etc
M:0:0:755
R:tool.conf
${sum("conf")}
F:usr/bin
R:tool
R:nodigest
F:usr/sbin
R:ldd
Z:Q1short

`;
const owner = (name: string, content?: string) => ({
  manager: "apk",
  package: name,
  ...(content !== undefined && {
    digest: { algorithm: "sha1", value: sha1(content).toString("hex") },
  }),
});

Deno.test("a path belongs to the package in whose paragraph of apk it stands", () => {
  for (const place of ["/lib/apk/db/installed", "/usr/lib/apk/db/installed"]) {
    using host = makeHost({ [place]: INSTALLED, "/bin": { link: "usr/bin" }, "/usr/bin/ldd": "x" });
    using records = host.open();
    assertEquals<unknown>(records.ownerOf("/lib/ld-musl-x86_64.so.1"), owner("musl", "loader"));
    assertEquals<unknown>(records.ownerOf("/usr/bin/ldd"), owner("musl", "ldd"));
    assertEquals<unknown>(records.ownerOf("/bin/ldd"), owner("musl", "ldd"));
    assertEquals<unknown>(records.ownerOf("/.tool"), owner("tool", "root"));
    for (const path of ["/etc/tool.conf", "/usr/bin/tool", "/usr/bin/nodigest", "/usr/sbin/ldd"]) {
      assertEquals<unknown>(records.ownerOf(path), owner("tool"), path);
    }
    // The lines of one file are not the name of another one.
    const forged = `/usr/bin/tool\nR:nodigest`;
    for (const path of ["/usr/bin", "/usr/bin/musl", "/ldd", "/usr/lib/ldd", "/", forged]) {
      assertEquals(records.ownerOf(path), undefined, path);
    }
  }
});

Deno.test("a record of apk without files says nothing of any, and one that is broken does no harm", () => {
  using empty = makeHost({ "/lib/apk/db/installed": "P:x\nV:1\n\n" });
  assertEquals(empty.open().ownerOf("/usr/bin/x"), "not_collected");
  using host = makeHost({ "/lib/apk/db/installed": INSTALLED });
  const cut = fc.tuple(fc.nat(INSTALLED.length), fc.nat(INSTALLED.length));
  fc.assert(
    fc.property(cut, fc.stringMatching(/^[\nFRPZ:a/ ]{0,30}$/), ([from, to], text) => {
      host.write("/lib/apk/db/installed", INSTALLED.slice(0, from) + text + INSTALLED.slice(to));
      using records = host.open();
      for (const path of ["/usr/bin/ldd", "/lib/ld-musl-x86_64.so.1", "/"]) {
        const found = records.ownerOf(path);
        assert(typeof found !== "object" || found.manager === "apk");
      }
    }),
    { numRuns: 200 },
  );
});
