import { assert, assertEquals } from "@std/assert";
import { openFileWatch } from "../../collectors/core/file_watch.ts";
import { SOURCES } from "../../collectors/sources.ts";
import { type Collectors, openCollectors } from "../../collectors/mod.ts";
import type { Predicate } from "../../model/predicate.ts";
import { file_events } from "../../profiles/file_events.ts";
import { collectedColumns } from "../../schema/columns.ts";
import { canConfine, isRoot, type ReadRow, testWith, textOf, toRows } from "./support.ts";

/** Why the kernel's events of files cannot be had; `undefined` where they can. */
async function whyNot(): Promise<string | undefined> {
  if (!isRoot) return "they need root";
  try {
    const libc = `/lib/${Deno.build.arch}-linux-gnu/libc.so.6`;
    const watch = await openFileWatch(libc, await Deno.makeTempDir());
    await watch.close();
    return undefined;
  } catch (error) {
    return String(error);
  }
}

const reason = await whyNot();
const needs = {
  [`the kernel's events of files (${reason ?? "they are there"})`]: reason === undefined,
};

const COLUMNS = collectedColumns(file_events, "linux").map(({ name }) => name);

/** Events of a folder as they come, from when the collector watches. */
interface Watching extends AsyncDisposable {
  readonly folder: string;
  readonly rows: ReadRow[];
  readonly losses: unknown[];
  readonly collectors: Collectors;
  /** Runs a shell script in the folder. */
  run(script: string): Promise<number>;
  /** The same, and at each `read _` of the script it waits until there are the events that come next in the list. */
  runInSteps(script: string, events: readonly string[]): Promise<number>;
  /** Waits until there are such events. */
  until(what: string, isTrue: () => boolean): Promise<void>;
  /** What happened to the files of the folder, and its end: type and name. */
  told(): string[];
}

async function startWatching(interests: readonly Predicate[] = []): Promise<Watching> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "file-events-" }));
  const collectors = await openCollectors({
    platform: "linux",
    policy: "preferred",
    paths: [folder],
  });
  const aborter = new AbortController();
  const rows: ReadRow[] = [];
  const losses: unknown[] = [];
  let wake = () => {};
  const stream = collectors.watch({
    table: "file_events",
    project: COLUMNS,
    interests,
    onLoss(loss) {
      losses.push(loss);
      wake();
    },
  }, aborter.signal);
  const reading = (async () => {
    for await (const batch of stream) {
      rows.push(...toRows(batch));
      batch.acknowledge?.();
      wake();
    }
  })();
  const watching: Watching = {
    folder,
    rows,
    losses,
    collectors,
    async run(script) {
      const child = new Deno.Command("sh", { args: ["-c", script], cwd: folder, stderr: "null" })
        .spawn();
      await child.status;
      return child.pid;
    },
    async runInSteps(script, events) {
      const child = new Deno.Command("sh", { args: ["-c", script], cwd: folder, stdin: "piped" })
        .spawn();
      const writer = child.stdin.getWriter();
      for (const event of events) {
        await watching.until(event, () => watching.told().includes(event));
        await writer.write(new TextEncoder().encode("\n"));
      }
      await writer.close();
      await child.status;
      return child.pid;
    },
    async until(what, isTrue) {
      const late = Promise.withResolvers<never>();
      const timer = setTimeout(
        () =>
          late.reject(
            new Error(`never happened: ${what}; ${watching.told().slice(-20).join(", ")}`),
          ),
        60_000,
      );
      while (!isTrue()) {
        await Promise.race([new Promise<void>((resolve) => wake = resolve), late.promise]);
      }
      clearTimeout(timer);
    },
    told: () =>
      rows.filter(({ values }) => values.file_name !== "begin").map(({ values }) =>
        `${values.event_type} ${String(values.file_path).slice(folder.length + 1)}`
      ),
    async [Symbol.asyncDispose]() {
      aborter.abort();
      await reading;
      await collectors.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
  // It watches once it has told of anything; what happened before is not told.
  let ready = false;
  const touching = (async () => {
    while (!ready) await watching.run(": > begin");
  })();
  await watching.until("it watches", () => rows.length > 0);
  ready = true;
  await touching;
  return watching;
}

testWith(needs, "what is done to a file is told, with who did it", async () => {
  await using watching = await startWatching();
  assertEquals(
    watching.collectors.reports().map(({ confinement, lacks }) => [confinement, lacks]),
    [[canConfine() ? "namespaces" : "none", undefined]],
  );
  const { folder } = watching;
  const before = Date.now();
  // The shell does what it can itself, and waits: then it can be read.
  const pid = await watching.runInSteps(
    "echo a > x; read _; mv x y; chmod 4755 y; chown 12:34 y; setfattr -n user.a -v b y; rm y; read _",
    ["modify x", "delete y"],
  );
  const told = watching.told();
  assertEquals(told.slice(0, 4), ["create x", "modify x", "move y", "attrib y"]);
  assertEquals(told.at(-1), "delete y");
  assert(told.slice(4, -1).every((one) => one === "attrib y"), told.join(", "));

  const rows = watching.rows.filter(({ values }) => values.file_name !== "begin");
  assertEquals(new Set(rows.map(({ values }) => values.event_id)).size, rows.length);
  const [created, , moved] = rows.map(({ values }) => values);
  assertEquals(created!.process_pid, pid);
  assertEquals(created!.file_path, `${folder}/x`);
  assertEquals([created!.directory, created!.file_name], [folder, "x"]);
  assertEquals([created!.file_type, created!.owner_user, created!.file_uid], [
    "regular",
    "root",
    0,
  ]);
  assertEquals([created!.process_name, created!.executable_path], [
    "sh",
    await Deno.realPath("/bin/sh"),
  ]);
  assert(String(created!.process_key).includes(`:${pid}:`), `${created!.process_key}`);
  assertEquals(JSON.parse(moved!.platform_data as string), { old_path: `${folder}/x` });
  const deleted = rows.at(-1)!;
  assertEquals([deleted.values.file_size, deleted.gaps.file_size], [null, undefined]);
  for (const { values: { event_time, process_pid, mount_point, filesystem_type } } of rows) {
    assert((event_time as number) >= before && (event_time as number) <= Date.now());
    assert((process_pid as number) > 0 && mount_point !== null && filesystem_type !== null);
  }
  assertEquals(watching.losses, []);
});

testWith(needs, "a setuid bit and another owner are told with what they are then", async () => {
  await using watching = await startWatching();
  await watching.runInSteps("cp /bin/true t; read _; chmod u+s t; read _", [
    "modify t",
    "attrib t",
  ]);
  await watching.run("chown 12:34 t");
  const attributes = () => watching.rows.filter(({ values }) => values.event_type === "attrib");
  await watching.until("both", () => attributes().some(({ values }) => values.file_uid === 12));
  const [setuid, owned] = attributes().slice(-2).map(({ values }) => values);
  assertEquals([setuid!.permissions, (setuid!.file_mode as number) & 0o4000], ["4755", 0o4000]);
  assertEquals([owned!.file_uid, owned!.file_gid, owned!.permissions], [12, 34, "0755"]);
  assertEquals(setuid!.file_size, Deno.statSync(`${watching.folder}/t`).size);
  // Programs that have ended by then are known by what they ran.
  for (const { executable_path, process_name } of [setuid!, owned!]) {
    assert(/ch(mod|own)|coreutils|busybox/.test(String(executable_path)), `${executable_path}`);
    assert(/^ch(mod|own)/.test(String(process_name)), `${process_name}`);
  }
});

testWith(needs, "names may hold line breaks and bytes that are no text", async () => {
  await using watching = await startWatching();
  await watching.run(`touch "$(printf 'a\\nb')" "$(printf 'x\\377y')" 'ü" {}'; : > end`);
  await watching.until("the end", () => watching.told().includes("modify end"));
  const created = watching.rows.filter(({ values }) => values.event_type === "create")
    .map(({ values }) => values);
  const named = (name: string) => created.find(({ file_name }) => file_name === name)!;
  assertEquals(named("a\nb").platform_data, null);
  assertEquals(named('ü" {}').platform_data, null);
  const { path_bytes } = JSON.parse(named("x\ufffdy").platform_data as string);
  const bytes = Uint8Array.fromHex(path_bytes);
  assertEquals([...bytes.slice(-3)], [0x78, 0xff, 0x79]);
});

testWith(needs, "folders that are made, moved, removed and made anew", async () => {
  await using watching = await startWatching();
  await watching.runInSteps(
    "mkdir -p a/b; : > a/b/x; read _; mv a c; read _; : > c/b/y; rm -r c; mkdir a; : > a/z; : > end",
    ["modify a/b/x", "move c"],
  );
  await watching.until("the end", () => watching.told().includes("modify end"));
  const told = watching.told();
  for (
    const one of [
      "create a/b/x",
      "move c",
      "create c/b/y",
      "delete c/b/x",
      "delete c/b",
      "delete c",
    ]
  ) assert(told.includes(one), `${one} is not among ${told.join(", ")}`);
  assert(told.indexOf("create a/z") > told.lastIndexOf("create a"), told.join(", "));
  // The watched folder itself, too.
  const { folder } = watching;
  await watching.run(`cd /; rm -r ${folder}; mkdir ${folder}; : > ${folder}/anew`);
  await watching.until("a file in it", () => watching.told().includes("modify anew"));
  assertEquals(watching.losses, []);
});

testWith(needs, "a storm of renames: each is told, or that some are lost", async () => {
  await using watching = await startWatching();
  await watching.run(
    "i=0; while [ $i -lt 20 ]; do : > f$i.0; i=$((i+1)); done; " +
      `perl -e 'for $r (1..200) { for (0..19) { rename "f$_.".($r - 1), "f$_.$r" or die } }' && : > end`,
  );
  await watching.until("the end", () => watching.told().includes("modify end"));
  const moves = watching.rows.filter(({ values }) => values.event_type === "move");
  if (watching.losses.length === 0) assertEquals(moves.length, 4000);
  const from = (row: ReadRow) => JSON.parse(row.values.platform_data as string).old_path;
  for (const row of moves) {
    const [, file, round] = /f(\d+)\.(\d+)$/.exec(String(row.values.file_path))!;
    assertEquals(from(row), `${watching.folder}/f${file}.${Number(round) - 1}`);
  }
});

testWith(needs, "nothing is told of elsewhere, nor of programs that nobody asks for", async () => {
  await using watching = await startWatching();
  const other = await Deno.makeTempDir();
  await watching.run(`: > ${other}/x; cp /bin/true t; ./t; : > end`);
  await watching.until("the end", () => watching.told().includes("modify end"));
  const paths = watching.rows.map(({ values }) => String(values.file_path));
  assert(paths.every((path) => path.startsWith(watching.folder)), paths.join(", "));
  assert(watching.rows.every(({ values }) => values.event_type !== "access"));
});

testWith(needs, "places and programs that detections look for are watched, too", async () => {
  const other = await Deno.realPath(await Deno.makeTempDir());
  await using watching = await startWatching([
    { op: "like", column: "file_path", pattern: `${other}/%` },
    { op: "=", column: "event_type", value: "access" },
  ]);
  await watching.run(`cp /bin/true ${other}/t; ${other}/t; : > end`);
  await watching.until("the end", () => watching.told().includes("modify end"));
  const told = watching.rows.filter(({ values }) => values.file_path === `${other}/t`)
    .map(({ values }) => values.event_type);
  assertEquals(told.filter((type) => type === "access" || type === "create"), ["create", "access"]);
  await Deno.remove(other, { recursive: true });
});

/** The reader that tells this process of files. */
function umount(folder: string): boolean {
  return new Deno.Command("umount", { args: [folder] }).outputSync().success;
}

function readerPid(): number {
  for (const { name } of Deno.readDirSync("/proc")) {
    const args = /^\d+$/.test(name) ? textOf(`/proc/${name}/cmdline`) : "";
    if (args.includes("fanotify/reader.ts") && args.includes(`"agent":${Deno.pid},`)) {
      return Number(name);
    }
  }
  throw new Error("there is no reader");
}

testWith(needs, "what the kernel's queue does not hold is told as lost", async () => {
  await using watching = await startWatching();
  const most = Number(textOf("/proc/sys/fs/fanotify/max_queued_events"));
  const reader = readerPid();
  Deno.kill(reader, "SIGSTOP");
  await watching.run(
    `perl -e 'for (0..${most}) { open(F, ">", "f$_"); close(F); unlink "f$_" }'`,
  );
  Deno.kill(reader, "SIGCONT");
  // A busy host may lose more than that.
  await watching.until(
    "the loss",
    () => JSON.stringify(watching.losses).includes("the kernel's queue of file events was full"),
  );
  await watching.run(": > end");
  await watching.until("the end", () => watching.told().includes("modify end"));
});

testWith(needs, "who reads the kernel's events is begun anew if it is killed", async () => {
  await using watching = await startWatching();
  Deno.kill(readerPid(), "SIGKILL");
  await watching.until("it is noticed", () => watching.losses.length > 0);
  assert(JSON.stringify(watching.losses).includes("has ended"), `${watching.losses}`);
  for (let tries = 0; !watching.told().some((one) => one.endsWith(" after")); tries++) {
    assert(tries < 300, "nothing is told any more");
    await watching.run(": > after; sleep 0.1");
  }
});

testWith(
  { ...needs, "root that can mount": canConfine() },
  "a filesystem that is mounted later is watched",
  async () => {
    await using watching = await startWatching();
    const mount = new Deno.Command("mount", {
      args: ["-t", "tmpfs", "none", watching.folder],
    }).outputSync();
    if (!mount.success) return console.log("this host mounts nothing");
    try {
      const found = () => watching.rows.find(({ values }) => values.file_name === "x");
      for (let tries = 0; !found(); tries++) {
        assert(tries < 300, "nothing is told of it");
        await watching.run(`: > ${watching.folder}/x; sleep 0.1`);
      }
      const { values } = found()!;
      assertEquals([values.file_path, values.filesystem_type], [`${watching.folder}/x`, "tmpfs"]);
      assertEquals(watching.losses, []);
      // Nothing keeps it from being unmounted, and the next one there is watched, too.
      for (let tries = 0; !umount(watching.folder); tries++) {
        assert(tries < 50, "it cannot be unmounted");
        await watching.run("sleep 0.1");
      }
      const again = new Deno.Command("mount", {
        args: ["-t", "tmpfs", "none", watching.folder],
      }).outputSync();
      assert(again.success);
      const other = () => watching.rows.find(({ values }) => values.file_name === "other");
      for (let tries = 0; !other(); tries++) {
        assert(tries < 300, "nothing is told of the next");
        await watching.run(`: > ${watching.folder}/other; sleep 0.1`);
      }
    } finally {
      new Deno.Command("umount", { args: ["-l", watching.folder] }).outputSync();
    }
  },
);

testWith(needs, "every column that has a source is there", async () => {
  await using watching = await startWatching();
  await watching.runInSteps("echo a > x; read _", ["modify x"]);
  const { values, gaps } = watching.rows.find(({ values }) => values.file_name === "x")!;
  for (const [column, source] of Object.entries(SOURCES.file_events!.linux!)) {
    // Not every filesystem has a generation in its handles, or keeps when a file was made.
    if (["file_generation", "created_time"].includes(column)) continue;
    if (typeof source === "string") assert(values[column] !== null, `${column} is NULL`);
    else assertEquals([values[column], gaps[column]], [null, undefined], column);
  }
});

testWith(needs, "what the collector has of the kernel ends with it", async () => {
  const pipes = () =>
    [...Deno.readDirSync("/run")].map(({ name }) => name)
      .filter((name) => name.startsWith("daemoneye-files-"));
  // Others watch files at the same time, and some of them are killed.
  const parentOf = (pid: string | undefined) =>
    Number(textOf(`/proc/${pid}/stat`).split(") ").at(-1)!.split(" ")[1]);
  let own: string[];
  {
    await using _watching = await startWatching();
    own = pipes().filter((name) => parentOf(name.split("-")[3]) === Deno.pid);
    assertEquals(own.length, 1);
  }
  assertEquals(pipes().filter((name) => own.includes(name)), []);
});
