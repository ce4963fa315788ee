import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { basefilemond } from "../../collectors/basefilemond/mod.ts";
import { FILE_COLUMNS } from "../../collectors/basefilemond/columns.ts";
import { UNIX_PATHS, WINDOWS_PATHS } from "../../collectors/basefilemond/paths.ts";
import { findPaths } from "../../collectors/basefilemond/walk.ts";
import { openCollectors, type Registration } from "../../collectors/mod.ts";
import type { TaskKeys } from "../../model/collection.ts";
import { file_metadata } from "../../profiles/file_metadata.ts";
import { drain, isLinux, testWith } from "./support.ts";

const BASE: readonly Registration[] = [{ collector: basefilemond, specs: [file_metadata] }];

async function collect(keys: TaskKeys, collectors?: readonly Registration[]) {
  await using opened = await openCollectors({
    platform: "linux",
    policy: "preferred",
    ...(collectors && { collectors }),
  });
  const { rows, outcome } = await drain(
    opened.collect({ table: "file_metadata", project: FILE_COLUMNS, keys, deadline: 60_000 }),
  );
  const byPath = new Map(rows.map(({ values }) => [
    values.file_path,
    Object.fromEntries(FILE_COLUMNS.map((column) => [column, values[column] ?? null])),
  ]));
  return { byPath, outcome };
}

testWith({ Linux: isLinux }, "the base source tells of files what filemond tells", async () => {
  await using folder = await temporary();
  const { path } = folder;
  await Deno.writeTextFile(join(path, "a.txt"), "content");
  await Deno.writeTextFile(join(path, ".hidden~"), "x", { mode: 0o400 });
  await Deno.mkdir(join(path, "below"));
  await Deno.writeTextFile(join(path, "below", "new\nline"), "y");
  await Deno.symlink("/etc", join(path, "link"));
  await new Deno.Command("mkfifo", { args: [join(path, "pipe")] }).output();
  using sparse = await Deno.open(join(path, "sparse"), { write: true, create: true });
  await sparse.truncate(5 * 2 ** 30);
  const asked: readonly TaskKeys[] = [
    { column: "file_path", globs: [`${path}/*`] },
    { column: "directory", values: [path, "/etc"] },
    {
      column: "file_path",
      values: [join(path, "a.txt"), join(path, "no"), "relative", "/dev/null"],
    },
  ];
  for (const keys of asked) {
    const [base, best] = [await collect(keys, BASE), await collect(keys)];
    assertEquals(base.outcome, { status: "complete" });
    assertEquals([...base.byPath.keys()].sort(), [...best.byPath.keys()].sort());
    for (const [file, row] of base.byPath) {
      // Reading changes the time of reading, and Deno tells whole seconds of the inode's.
      const whole = (time: unknown) => Math.floor(Number(time) / 1000);
      assertEquals(whole(row.file_change_time), whole(best.byPath.get(file)!.file_change_time));
      assertEquals(
        { ...row, accessed_time: 0, file_change_time: 0 },
        { ...best.byPath.get(file)!, accessed_time: 0, file_change_time: 0 },
        String(file),
      );
    }
    assert(base.byPath.size > 0);
  }
});

testWith({ Linux: isLinux }, "the base source stands in for filemond", async () => {
  const broken: Registration = {
    collector: {
      name: "filemond",
      kind: "triggerable",
      tables: ["file_metadata"],
      permissions: {},
      modules: { linux: new URL("data:text/javascript,throw 1") },
    },
    specs: [file_metadata],
    fallback: basefilemond,
  };
  const { byPath, outcome } = await collect({ column: "file_path", values: ["/etc/passwd"] }, [
    broken,
    ...BASE,
  ]);
  assertEquals([...byPath.keys()], ["/etc/passwd"]);
  assert(
    outcome.status === "partial" && outcome.reason.includes("base source: filemond"),
    JSON.stringify(outcome),
  );
});

Deno.test("findPaths() is bounded, and follows no link", async () => {
  await using folder = await temporary();
  const { path } = folder;
  for (const name of ["a", "b", "c"]) await Deno.writeTextFile(join(path, name), "");
  await Deno.symlink("..", join(path, "up"));
  const reasons: string[] = [];
  const search = {
    style: UNIX_PATHS,
    root: "",
    deadline: Infinity,
    missing: (reason: string) => reasons.push(reason),
  };
  const all = [...findPaths({ column: "file_path", globs: [`${path}/*`] }, search)];
  assertEquals(all.sort(), ["a", "b", "c", "up"].map((name) => join(path, name)));
  assertEquals(reasons, []);
  const some = [
    ...findPaths({ column: "file_path", globs: [`${path}/*`] }, { ...search, entries: 2 }),
  ];
  assertEquals([some.length, reasons.length], [2, 1]);
});

Deno.test("WINDOWS_PATHS takes whole paths of drives alone", () => {
  for (const path of ["C:\\", "C:\\Windows\\System32\\cmd.exe", "d:\\a b\\ä"]) {
    assert(WINDOWS_PATHS.isCanonical(path), path);
  }
  const others = [
    "C:",
    "C:\\a\\",
    "C:\\a\\..\\b",
    "C:\\a\\.\\b",
    "\\\\host\\share",
    "\\\\.\\pipe\\x",
    "C:\\a:stream",
    "C:/a",
    "a\\b",
    "C:\\a\0",
  ];
  for (const path of others) assert(!WINDOWS_PATHS.isCanonical(path), path);
});

async function temporary(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir({ prefix: "daemoneye-test-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
