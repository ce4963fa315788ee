import { assert, assertEquals } from "@std/assert";
import { openHost } from "../../../collectors/regmond/host.ts";
import { readPackages } from "../../../collectors/regmond/packages.ts";
import { output } from "../binmond/readelf.ts";
import { closeLog, installed, needs } from "../packages/rpm_host.ts";
import { testWith } from "../support.ts";
import { makeHost, rowsOf } from "./support.ts";

Deno.test("readPackages() reads the records of dpkg, apk and pacman, and says what it does not read", async () => {
  await using made = await makeHost({
    "var/lib/dpkg/status":
      "Package: a\nStatus: install ok installed\nInstalled-Size: 10\nSource: src (1.0)\nVersion: 1\nArchitecture: amd64\nDescription: x\n Package: not-me\n\nPackage: b\nStatus: deinstall ok config-files\nVersion: 2\nArchitecture: all\n\nPackage: c\nStatus: install ok half-installed\nVersion: 3\n",
    "var/lib/dpkg/info/a:amd64.list": "/.\n",
    "lib/apk/db/installed": "P:musl\nV:1.2\nA:x86_64\nI:1000\no:musl\n\nX:nothing\n",
    "var/lib/pacman/local/zlib-1-1/desc":
      "%NAME%\nzlib\n\n%VERSION%\n1-1\n\n%INSTALLDATE%\n1700000000\n\n%SIZE%\n5\n",
    "var/lib/rpm/Packages": "Berkeley DB",
    "usr/lib/sysimage/rpm/rpmdb.sqlite": "no database",
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
  assertEquals(notes, [
    "the database of rpm is in a format of before 4.16, which is not read",
    "the database of rpm is damaged",
  ]);
});

testWith(needs, "readPackages() reads of rpm's database what rpm tells", () => {
  using host = installed();
  const format = "[%{NAME}|%{EVR}|%{ARCH}|%{PACKAGER}|%{INSTALLTIME}000|%{SIZE}|%{SOURCERPM}\\n]";
  const told = output(
    "rpm",
    "--root",
    host.root,
    "--define",
    "_dbpath /var/lib/rpm",
    "-qa",
    "--qf",
    format,
  )
    .trim().replace(/-1-1[.]src[.]rpm$/, "");
  assert(told.startsWith("example|2:1-1|"), told);
  const read = () => {
    const notes: string[] = [];
    const made = openHost(host.root, "/nonexistent", undefined);
    const rows = rowsOf(readPackages(made, (note) => notes.push(note)));
    return { rows, notes };
  };
  const check = () => {
    const { rows, notes } = read();
    assertEquals(notes, []);
    assertEquals(
      rows.map((row) =>
        [
          row.name,
          row.version,
          row.architecture,
          row.maintainer,
          row.installed_time,
          row.installed_size,
          row.source,
        ]
          .join("|")
      ),
      [told],
    );
    assertEquals([rows[0]!.manager, rows[0]!.status], ["rpm", "installed"]);
  };
  check();
  const folder = `${host.root}/var/lib/rpm`;
  closeLog(host);
  check();
  Deno.writeTextFileSync(`${folder}/rpmdb.sqlite-wal`, "x");
  assertEquals(read(), { rows: [], notes: ["the database of rpm is not read: not_collected"] });
});
