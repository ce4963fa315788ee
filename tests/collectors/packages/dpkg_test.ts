import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { MAX_PATHS } from "../../../collectors/packages/dpkg_index.ts";
import { buildNameIndex } from "../../../collectors/packages/dpkg_index.ts";
import { has, isLinux, testWith } from "../support.ts";
import { output } from "../binmond/readelf.ts";
import { foundFiles, PROGRAM_FOLDERS, sample } from "../programs.ts";
import { openHostPaths } from "../../../collectors/binmond/paths.ts";
import { openPackageRecords } from "../../../collectors/packages/records.ts";
import { DPKG_HOST, INFO, makeHost } from "./host.ts";

const MD5 = "0123456789abcdef0123456789abcdef";
const shell = { manager: "dpkg", package: "shell", digest: { algorithm: "md5", value: MD5 } };

Deno.test("a path belongs to the package in whose list it stands, links of folders followed", () => {
  using host = makeHost(DPKG_HOST);
  using records = host.open();
  assertEquals<unknown>(records.ownerOf("/usr/bin/sh"), shell);
  assertEquals<unknown>(records.ownerOf("/usr/bin/tool"), {
    manager: "dpkg",
    package: "tool",
    digest: { algorithm: "md5", value: MD5.replace("0", "f") },
  });
  assertEquals<unknown>(records.ownerOf("/usr/lib/tool/data"), {
    manager: "dpkg",
    package: "tool",
  });
  for (const path of ["/usr/bin/x", "/usr/sbin/sh", "/sh", "/usr/bin/sh2", "/usr/bin/s", "/"]) {
    assertEquals(records.ownerOf(path), undefined, path);
  }
});

Deno.test("a diverted path belongs to who has diverted it, and what was there is where it went", () => {
  using host = makeHost(DPKG_HOST);
  host.write(`${INFO}/bettershell.list`, "/bin/sh\n");
  host.write(`${INFO}/bettershell.md5sums`, `${"a".repeat(32)}  bin/sh\n`);
  host.write(
    "/var/lib/dpkg/diversions",
    "/bin/sh\n/bin/sh.distrib\nbettershell\n/usr/bin/tool\n/usr/bin/tool.real\n:\n",
  );
  using records = host.open();
  const owner = (path: string) => {
    const found = records.ownerOf(path);
    return typeof found === "object" ? found.package : found;
  };
  assertEquals(owner("/usr/bin/sh"), "bettershell");
  assertEquals<unknown>(records.ownerOf("/usr/bin/sh.distrib"), shell);
  assertEquals(owner("/usr/bin/tool"), undefined);
  assertEquals(owner("/usr/bin/tool.real"), "tool");
});

Deno.test("without a record, or with one that is incomplete, nobody knows", () => {
  using empty = makeHost({ "/usr/bin/sh": "x" });
  assertEquals(empty.open().ownerOf("/usr/bin/sh"), "not_collected");
  empty.write("/var/lib/dpkg/status", "");
  empty.write(`${INFO}/format`, "1\n");
  assertEquals(empty.open().ownerOf("/usr/bin/sh"), "not_collected");

  using cleared = makeHost(DPKG_HOST);
  cleared.remove(`${INFO}/tool:amd64.list`);
  const records = cleared.open();
  assertEquals<unknown>(records.ownerOf("/usr/bin/sh"), shell);
  assertEquals(records.ownerOf("/usr/bin/tool"), "not_collected");

  for (
    const other of [
      "/var/lib/pacman/local/x/desc",
      "/usr/share/rpm/Packages.db",
      "/var/lib/rpm/Packages",
    ]
  ) {
    using two = makeHost({ ...DPKG_HOST, [other]: "x" });
    const both = two.open();
    assertEquals<unknown>(both.ownerOf("/usr/bin/sh"), shell, other);
    assertEquals(both.ownerOf("/usr/bin/x"), "not_collected", other);
  }
});

Deno.test("what dpkg installs is known at the next opening", () => {
  using host = makeHost(DPKG_HOST);
  const past = new Date(Date.now() - 60_000);
  for (const path of [INFO, "/var/lib/dpkg/status"]) Deno.utimeSync(host.root + path, past, past);
  assertEquals(host.open().ownerOf("/usr/bin/new"), undefined);
  host.write(`${INFO}/new.list`, "/usr/bin/new");
  const owner = host.open().ownerOf("/usr/bin/new");
  assertEquals<unknown>(owner, { manager: "dpkg", package: "new" });
  host.remove(`${INFO}/new.list`);
  assertEquals(host.open().ownerOf("/usr/bin/new"), undefined);
});

Deno.test("a path is nobody's only where each list that may have it was read", () => {
  using host = makeHost(DPKG_HOST);
  const records = host.open();
  assertEquals(records.ownerOf("/usr/bin/other"), undefined);
  // As between two steps of dpkg, which replaces lists while it is asked.
  host.remove(`${INFO}/tool:amd64.list`);
  assertEquals(records.ownerOf("/usr/bin/tool"), "not_collected");
  host.write(`${INFO}/tool:amd64.list`, "/usr/bin/tool\n");
  assertEquals((records.ownerOf("/usr/bin/tool") as { package: string }).package, "tool");
});

Deno.test("what is broken in the record is read without harm", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.stringMatching(/^[/a-z.\n\0 :0-9]{0,80}$/).map((text) => new TextEncoder().encode(text)),
  );
  using host = makeHost(DPKG_HOST);
  fc.assert(
    fc.property(bytes, bytes, bytes, bytes, (list, sums, diversions, status) => {
      host.write(`${INFO}/tool:amd64.list`, list);
      host.write(`${INFO}/tool:amd64.md5sums`, sums);
      host.write("/var/lib/dpkg/diversions", diversions);
      host.write("/var/lib/dpkg/status", status);
      const records = host.open();
      for (const path of ["/usr/bin/tool", "/usr/bin/sh", "/", "//", "/a\n/b"]) {
        const owner = records.ownerOf(path);
        assert(owner === undefined || typeof owner === "string" || owner.manager === "dpkg");
      }
    }),
    { numRuns: 100 },
  );
});

Deno.test("buildNameIndex() finds all lists that have a name, and hardly others", () => {
  const name = fc.stringMatching(/^[a-cé.]{1,3}$/);
  fc.assert(
    fc.property(fc.array(fc.array(name)), name, (lists, wanted) => {
      const builder = buildNameIndex();
      for (const list of lists) {
        builder.add(new TextEncoder().encode(list.map((one) => `/usr/${one}\n`).join("")));
      }
      const index = builder.finish();
      assertEquals(index.paths, lists.flat().length);
      assertEquals(
        index.listsWith(wanted),
        [...lists.keys()].filter((number) => lists[number]!.includes(wanted)),
      );
    }),
  );
});

Deno.test("buildNameIndex() refuses more paths than it has room for", () => {
  const builder = buildNameIndex();
  const list = new TextEncoder().encode("/a\n".repeat(1_000_000));
  for (let number = 0; number < MAX_PATHS / 1_000_000; number++) builder.add(list);
  try {
    builder.add(list);
  } catch (error) {
    assert(error instanceof RangeError);
    return;
  }
  throw new Error("it took them");
});

testWith(
  { Linux: isLinux, "dpkg-query": has("dpkg-query"), find: has("find") },
  "the programs of this host belong to whom dpkg-query says",
  () => {
    const all = foundFiles(PROGRAM_FOLDERS);
    const diverted = output("dpkg-divert", "--list");
    const paths = sample(all, 150).filter((path) => !diverted.includes(path));
    using records = openPackageRecords(openHostPaths("/"));
    // dpkg-query knows paths as packages have them: before /usr was merged many stood in /bin.
    const { stdout } = new Deno.Command("dpkg-query", {
      args: ["-S", ...paths.flatMap((path) => [path, path.slice("/usr".length)])],
      stderr: "null",
    }).outputSync();
    const expected = new Map<string, string>();
    for (const line of new TextDecoder().decode(stdout).split("\n")) {
      const [, owner, path] = /^([^:, ]+)\S*: (.*)$/.exec(line) ?? [];
      if (path) expected.set(path.replace(/^\/(bin|sbin)\//, "/usr/$1/"), owner!);
    }
    for (const path of paths) {
      const owner = records.ownerOf(path);
      assert(typeof owner !== "string", path);
      assertEquals(owner?.package, expected.get(path), path);
    }
    console.log(`${paths.length} programs compared`);
  },
);
