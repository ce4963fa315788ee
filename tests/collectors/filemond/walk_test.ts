import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { DatabaseSync } from "node:sqlite";
import { findFiles, WALK_LIMITS, type WalkLimits } from "../../../collectors/filemond/walk.ts";
import type { TaskKeys } from "../../../model/collection.ts";
import { testWith } from "../support.ts";
import { hasLibrary, makeFolder, openHere, output } from "./host.ts";

const needs = { "the C library of Linux": hasLibrary() };

/** The paths that keys find, in the order of their names, and why others may be missing. */
function find(keys: TaskKeys, limits: WalkLimits = WALK_LIMITS, deadline = Infinity) {
  using files = openHere();
  const missing = new Set<string>();
  const paths = [...findFiles(files, keys, deadline, (why) => missing.add(why), limits)]
    .map(({ path }) => path);
  assertEquals(new Set(paths).size, paths.length, "each once");
  return { paths: paths.sort(), missing: [...missing] };
}

const globs = (column: "file_path" | "directory", ...globs: string[]) => find({ column, globs });
const values = (column: "file_path" | "directory", ...values: (string | number)[]) =>
  find({ column, values });

/** Folders, files with odd names, and links that lead out, around and nowhere. */
function makeTree(root: string): void {
  for (const folder of ["a", "a/b", "a/b/c", "a b", "[x]", ".hidden", "é"]) {
    Deno.mkdirSync(`${root}/${folder}`);
    for (const file of ["one.conf", "two.txt", "new\nline", "st*r"]) {
      Deno.writeTextFileSync(`${root}/${folder}/${file}`, "");
    }
  }
  Deno.symlinkSync("/etc", `${root}/out`);
  Deno.symlinkSync("..", `${root}/a/up`);
  Deno.symlinkSync("nowhere", `${root}/broken`);
  Deno.symlinkSync("a/b", `${root}/inside`);
}

testWith(needs, "findFiles() finds what SQLite's GLOB takes of all that find(1) lists", () => {
  using folder = makeFolder();
  const root = folder.path;
  makeTree(root);
  const all = output("find", root, "-mindepth", "1", "-print0").split("\0").filter(Boolean);
  const sqlite = new DatabaseSync(":memory:").prepare("SELECT ? GLOB ? AS yes");
  const matching = (pattern: string, of: (path: string) => string) =>
    all.filter((path) => sqlite.get(of(path), pattern)!.yes === 1).sort();
  const parent = (path: string) => path.slice(0, path.lastIndexOf("/"));
  const part = fc.constantFrom(
    "*",
    "?",
    "/",
    "a",
    "b",
    "[ab]",
    "[^a]",
    "[[]x]",
    "*.conf",
    ".",
    "é",
    "one",
    "\n",
  );
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
      const pattern = `${root}/${parts.join("")}`;
      assertEquals(globs("file_path", pattern).paths, matching(pattern, (path) => path));
      assertEquals(globs("directory", pattern).paths, matching(pattern, parent));
    }),
    { numRuns: 200, examples: [[["*"]], [["a", "/", "*"]], [["*", "/", "*"]], [["?"]]] },
  );
});

testWith(needs, "findFiles() follows links to what is named, and none below it", () => {
  using folder = makeFolder();
  const root = folder.path;
  makeTree(root);
  assertEquals(globs("file_path", `${root}/*/passwd`).paths, []);
  assertEquals(globs("file_path", `${root}/out/passw?`).paths, [`${root}/out/passwd`]);
  assertEquals(values("file_path", `${root}/out/passwd`, `${root}/broken`).paths, [
    `${root}/broken`,
    `${root}/out/passwd`,
  ]);
  assert(values("directory", `${root}/inside`).paths.includes(`${root}/inside/one.conf`));
  assertEquals(values("directory", `${root}/broken`), { paths: [], missing: [] });
});

testWith(needs, "findFiles() keeps links within the host's root", () => {
  using folder = makeFolder();
  Deno.mkdirSync(`${folder.path}/etc`);
  Deno.writeTextFileSync(`${folder.path}/etc/passwd`, "");
  Deno.symlinkSync("/etc", `${folder.path}/absolute`);
  Deno.symlinkSync("../../../../../..", `${folder.path}/up`);
  using files = openHere(folder.path);
  const at = (path: string) => {
    const file = files.find(path);
    if (typeof file !== "number") return file.reason;
    const { ino } = files.stat(file) as { ino: bigint };
    files.close(file);
    return Number(ino);
  };
  const inode = Deno.statSync(`${folder.path}/etc/passwd`).ino!;
  assertEquals(["/absolute/passwd", "/up/etc/passwd"].map(at), [inode, inode]);
  assertEquals(at("/absolute/shadow"), "gone");
});

testWith(needs, "findFiles() tells what it left out", () => {
  using folder = makeFolder();
  const root = folder.path;
  makeTree(root);
  Deno.mkdirSync(`${root}/deep/`.padEnd(root.length + 60, "x/"), { recursive: true });
  const few = find({ column: "file_path", globs: [`${root}/*`] }, { entries: 10, depth: 128 });
  assert(few.paths.length <= 10);
  assertEquals(few.missing, ["more than 10 files were to be looked at"]);
  const shallow = find({ column: "file_path", globs: [`${root}/deep/*`] }, {
    entries: 1000,
    depth: 3,
  });
  assertEquals(shallow.paths.length, 4);
  assertEquals(shallow.missing, ["folders more than 3 deep were left out"]);
  const late = find({ column: "file_path", globs: [`${root}/*`] }, WALK_LIMITS, 0);
  assertEquals(late, { paths: [], missing: ["there was no time to look at all files"] });
  assertEquals(values("file_path", `${root}/\ufffd`).missing, [
    `${root}/\ufffd may be a name that is not UTF-8`,
  ]);
  assertEquals(globs("file_path", "etc/*").missing, [
    "the pattern etc/* does not begin with a folder",
  ]);
});

testWith(needs, "findFiles() has no row for paths that no row has", () => {
  const odd = [
    "etc/passwd",
    "",
    "./etc",
    "/etc/",
    "//etc",
    "/etc/../etc/passwd",
    "/etc/.",
    "/etc\0x",
    5,
  ];
  for (const column of ["file_path", "directory"] as const) {
    assertEquals(values(column, ...odd), { paths: [], missing: [] });
  }
  assertEquals(values("file_path", "/etc/no such file", "/etc/passwd/x", `/${"x".repeat(300)}`), {
    paths: [],
    missing: [],
  });
  assertEquals(values("file_path", "/"), { paths: ["/"], missing: [] });
});

testWith(needs, "findFiles() does not call absent what it does not look up", () => {
  // The links of a process lead elsewhere than where they say.
  const path = `/proc/${Deno.pid}/root/etc/passwd`;
  assertEquals(values("file_path", path), { paths: [path], missing: [] });
});

testWith(needs, "findFiles() finds names that are not UTF-8", () => {
  using folder = makeFolder();
  output("sh", "-c", `touch "$1/$(printf 'a\\377b')"`, "sh", folder.path);
  assertEquals(values("directory", folder.path).paths, [`${folder.path}/a\ufffdb`]);
});
