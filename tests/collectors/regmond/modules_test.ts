import { assertEquals } from "@std/assert";
import { readModules } from "../../../collectors/regmond/modules.ts";
import { readPackages } from "../../../collectors/regmond/packages.ts";
import { makeHost, rowsOf } from "./support.ts";

Deno.test("readModules() reads loaded modules, those hidden from the list, too", async () => {
  await using made = await makeHost({
    "proc/modules":
      "nf_nat 57344 1 xt_MASQUERADE,[permanent], Live 0x0000000000000000\nrootkit 16384 0 - Unloading 0x0 (OE)\nbroken\n",
    "proc/sys/kernel/osrelease": "6.1.0-test\n",
    "lib/modules/6.1.0-test/modules.dep":
      "kernel/net/netfilter/nf-nat.ko.xz: kernel/x.ko\nextra/rootkit.ko:\n",
    "sys/module/nf_nat/taint": "\n",
    "sys/module/nf_nat/initstate": "live\n",
    "sys/module/rootkit/taint": "OE\n",
    "sys/module/hidden/initstate": "live\n",
    "sys/module/hidden/coresize": "4096\n",
    "sys/module/hidden/taint": "OE\n",
    "sys/module/builtin/parameters/x": "1\n",
  });
  const rows = rowsOf(readModules(made.host, new Set(["file_path"])));
  assertEquals(
    rows.map(({ name, size, state, used_by, file_path, out_of_tree, unsigned }) => [
      name,
      size,
      state,
      used_by,
      file_path,
      out_of_tree,
      unsigned,
    ]),
    [
      [
        "nf_nat",
        57344,
        "live",
        '["xt_MASQUERADE"]',
        "/lib/modules/6.1.0-test/kernel/net/netfilter/nf-nat.ko.xz",
        false,
        false,
      ],
      ["rootkit", 16384, "unloading", "[]", "/lib/modules/6.1.0-test/extra/rootkit.ko", true, true],
      ["hidden", 4096, "live", null, null, true, true],
    ],
  );
});

Deno.test("readPackages() reads the records of dpkg, apk and pacman, and says that it does not read rpm's", async () => {
  await using made = await makeHost({
    "var/lib/dpkg/status":
      "Package: a\nStatus: install ok installed\nInstalled-Size: 10\nSource: src (1.0)\nVersion: 1\nArchitecture: amd64\nDescription: x\n Package: not-me\n\nPackage: b\nStatus: deinstall ok config-files\nVersion: 2\nArchitecture: all\n\nPackage: c\nStatus: install ok half-installed\nVersion: 3\n",
    "var/lib/dpkg/info/a:amd64.list": "/.\n",
    "lib/apk/db/installed": "P:musl\nV:1.2\nA:x86_64\nI:1000\no:musl\n\nX:nothing\n",
    "var/lib/pacman/local/zlib-1-1/desc":
      "%NAME%\nzlib\n\n%VERSION%\n1-1\n\n%INSTALLDATE%\n1700000000\n\n%SIZE%\n5\n",
    "var/lib/rpm/rpmdb.sqlite": "",
  });
  const notes: string[] = [];
  const rows = rowsOf(readPackages(made.host, (note) => notes.push(note)));
  assertEquals(
    rows.map((
      row,
    ) => [row.manager, row.name, row.version, row.status, row.installed_size, row.source]),
    [
      ["dpkg", "a", "1", "installed", 10240, "src"],
      ["dpkg", "b", "2", "removed", null, null],
      ["dpkg", "c", "3", "broken", null, null],
      ["apk", "musl", "1.2", "installed", 1000, "musl"],
      ["pacman", "zlib", "1-1", "installed", 5, null],
    ],
  );
  assertEquals(typeof rows[0]!.installed_time, "number");
  assertEquals(rows[4]!.installed_time, 1_700_000_000_000);
  assertEquals(notes, ["the database of rpm is not read"]);
});
