import { assert, assertEquals } from "@std/assert";
import { findExecutable } from "../../collectors/hasher/executable_file.ts";
import { Failure, openProcFiles } from "../../collectors/proc/files.ts";
import { encodeHex } from "./support.ts";
import {
  collectProcesses,
  has,
  isLinux,
  isRoot,
  linkOf,
  memoryCache,
  run,
  testWith,
  textOf,
  until,
} from "./support.ts";

const needs = { Linux: isLinux };
const project = [
  "pid",
  "executable_path",
  "executable_deleted",
  "executable_hash",
  "hash_algorithm",
  "file_exists",
];

async function sha256(path: string): Promise<string> {
  return encodeHex(await crypto.subtle.digest("SHA-256", await Deno.readFile(path)));
}

/** A folder with a program in it, which is removed at the end. */
async function folderWith(...names: readonly string[]) {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  for (const name of names) {
    await Deno.copyFile("/bin/sleep", `${folder}/${name}`);
    await Deno.chmod(`${folder}/${name}`, 0o755);
  }
  return {
    folder,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

async function start(path: string) {
  const child = run(path, ["60"]);
  await until("it runs", () => linkOf(`/proc/${child.pid}/exe`).startsWith(path));
  return child;
}

testWith(
  needs,
  "a program in place, deleted, replaced, and called as if it were deleted",
  async () => {
    await using place = await folderWith(
      "plain",
      "removed",
      "replaced",
      "x (deleted)",
      "y (deleted)",
    );
    const { folder } = place;
    const original = await sha256("/bin/sleep");
    await using plain = await start(`${folder}/plain`);
    await using removed = await start(`${folder}/removed`);
    await using replaced = await start(`${folder}/replaced`);
    await using pretends = await start(`${folder}/x (deleted)`);
    await using both = await start(`${folder}/y (deleted)`);
    await Deno.remove(`${folder}/removed`);
    await Deno.remove(`${folder}/y (deleted)`);
    // As a package manager does it.
    await Deno.copyFile("/bin/cat", `${folder}/replaced.new`);
    await Deno.rename(`${folder}/replaced.new`, `${folder}/replaced`);

    const { byPid, outcome } = await collectProcesses({ project });
    assertEquals(outcome, { status: "complete" });
    const rows = [plain, removed, replaced, pretends, both].map(({ pid }) => byPid.get(pid)!);
    const told = rows.map((
      { values },
    ) => [values.executable_path, values.executable_deleted, values.file_exists]);
    assertEquals(told, [
      [`${folder}/plain`, false, true],
      [`${folder}/removed`, true, false],
      [`${folder}/replaced`, true, true],
      [`${folder}/x (deleted)`, false, true],
      [`${folder}/y (deleted)`, true, false],
    ]);
    for (const { values, gaps } of rows) {
      assertEquals([values.executable_hash, values.hash_algorithm], [original, "sha256"]);
      assertEquals([gaps.executable_hash, gaps.file_exists], [undefined, undefined]);
    }

    const unhashed = await collectProcesses({
      project: ["pid", "executable_path", "executable_deleted"],
    });
    const corrected = [plain, removed, pretends].map(({ pid }) => unhashed.byPid.get(pid)!);
    assertEquals(
      corrected.map(({ values }) => [values.executable_path, values.executable_deleted]),
      [
        [`${folder}/plain`, false],
        [`${folder}/removed`, true],
        [`${folder}/x (deleted)`, false],
      ],
    );
    assertEquals(
      corrected.map(({ gaps }) => gaps.executable_hash),
      new Array(3).fill("not_collected"),
    );
  },
);

const MEMFD = `
import os
fd = os.memfd_create("hidden")
os.write(fd, open("/bin/sleep", "rb").read())
os.execve(f"/proc/self/fd/{fd}", ["hidden", "60"], {})
`;

testWith(
  { ...needs, python3: has("python3") },
  "a program that was never a file on disk",
  async () => {
    await using child = run("python3", ["-c", MEMFD]);
    await until("it runs", () => linkOf(`/proc/${child.pid}/exe`).startsWith("/memfd:"));
    const cache = memoryCache();
    const { byPid } = await collectProcesses({ project, cache });
    const { values } = byPid.get(child.pid)!;
    assertEquals(values.executable_path, "/memfd:hidden");
    assertEquals([values.executable_deleted, values.file_exists], [true, false]);
    const hash = await sha256("/bin/sleep");
    assertEquals(values.executable_hash, hash);
    const { dev, ino } = await Deno.stat(`/proc/${child.pid}/exe`);
    const keys = [...cache.entries.keys()];
    assert(keys.length > 0);
    assert(!keys.some((key) => key.startsWith(`${dev}:${ino}:`)), "memory is not remembered");
  },
);

testWith(
  { ...needs, root: isRoot, unshare: has("unshare") },
  "programs in another mount namespace and another root",
  async () => {
    await using place = await folderWith();
    const { folder } = place;
    const script = `mount -t tmpfs none "$0" && cp /bin/sleep "$0/inside" && exec "$0/inside" 60`;
    await using inside = run("unshare", [
      "--mount",
      "--propagation",
      "private",
      "sh",
      "-c",
      script,
      folder,
    ]);
    await until("it runs", () => linkOf(`/proc/${inside.pid}/exe`) === `${folder}/inside`);
    const { byPid } = await collectProcesses({ project });
    const { values } = byPid.get(inside.pid)!;
    assertEquals(values.executable_path, `${folder}/inside`);
    assertEquals([values.executable_deleted, values.file_exists], [false, true]);
    assertEquals(values.executable_hash, await sha256("/bin/sleep"));
    await until("it is invisible here", () => textOf(`${folder}/inside`) === "");
  },
);

testWith(
  { ...needs, root: isRoot, unshare: has("unshare") },
  "findExecutable() reads what many run once, and again where it stands elsewhere",
  async () => {
    await using place = await folderWith("program");
    const { folder } = place;
    const path = `${folder}/program`;
    await using one = await start(path);
    await using two = await start(path);
    const script = `"$0/program" 60 & pid=$!
      until [ "$(readlink /proc/$pid/exe)" = "$0/program" ]; do sleep 0.01; done
      mount -t tmpfs none "$0"; echo $pid; wait`;
    const args = ["--mount", "--propagation", "private", "sh", "-c", script, folder];
    await using hides = new Deno.Command("unshare", { args, stdout: "piped" }).spawn();
    let said = "";
    for await (const bytes of hides.stdout.values({ preventCancel: true })) {
      said += new TextDecoder().decode(bytes);
      if (said.includes("\n")) break;
    }
    const hidden = Number(said.trim());

    const seen = new Map();
    const find = (pid: number) => {
      const stat = textOf(`/proc/${pid}/stat`);
      const starttime = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
      const found = findExecutable(openProcFiles("/proc"), pid, starttime, seen);
      assert(!(found instanceof Failure));
      return found;
    };
    const [first, second, third] = [find(one.pid), find(two.pid), find(hidden)];
    Deno.kill(hidden, "SIGKILL");
    assert(first.stats === second.stats, "it is read once");
    assertEquals([second.link, second.path], [`/proc/${two.pid}/exe`, path]);
    assertEquals([second.exists, third.exists, third.path], [true, false, path]);
    await Deno.remove(path);
    const removed = find(two.pid);
    assertEquals([removed.path, removed.deleted, removed.exists], [path, true, false]);
    const later = findExecutable(openProcFiles("/proc"), two.pid, 1, seen);
    assertEquals(later, Failure.GONE, "another process has the id");
  },
);

testWith(needs, "a second scan hashes nothing again, a changed file it does", async () => {
  await using place = await folderWith("program");
  const path = `${place.folder}/program`;
  const cache = memoryCache();
  const asked: number[] = [];
  const set = cache.set;
  cache.set = (entries) => {
    const list = [...entries];
    asked.push(list.length);
    return set(list);
  };
  const child = await start(path);
  const first = await collectProcesses({ project, cache });
  assert(asked[0]! >= 1);
  const hash = first.byPid.get(child.pid)!.values.executable_hash;
  await collectProcesses({ project: [...project, "name"], cache });
  const before = asked.length;
  await child[Symbol.asyncDispose]();

  const file = await Deno.open(path, { write: true, append: true });
  await file.write(new TextEncoder().encode("more"));
  file.close();
  const { mtime } = await Deno.stat(path);
  await Deno.utime(path, mtime!, mtime!);
  await using again = await start(path);
  const second = await collectProcesses({ project, cache });
  const changed = second.byPid.get(again.pid)!.values.executable_hash;
  assertEquals(changed, await sha256(path));
  assert(changed !== hash);
  assert(asked.length > before);
});

testWith(needs, "a cache that lies or fails does no harm but its own", async () => {
  const broken = {
    get: () => Promise.reject(new Error("no")),
    set: () => Promise.reject(new Error("no")),
  };
  const { byPid, outcome } = await collectProcesses({ project, cache: broken });
  assertEquals(outcome, { status: "complete" });
  assertEquals(byPid.get(Deno.pid)!.values.executable_hash, await sha256(Deno.execPath()));
});

testWith(needs, "hashes are read from the cache", async () => {
  const cache = memoryCache();
  await collectProcesses({ project, cache });
  for (const key of cache.entries.keys()) cache.entries.set(key, "f".repeat(64));
  const { byPid } = await collectProcesses({ project, cache });
  assertEquals(byPid.get(Deno.pid)!.values.executable_hash, "f".repeat(64));
});
