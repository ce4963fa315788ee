import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import type { Reading } from "../../collectors/core/collector.ts";
import { patternsOf } from "../../collectors/memmond/memory_patterns.ts";
import { openMemory } from "../../collectors/memmond/pages.ts";
import { createAllowance, searchMemory } from "../../collectors/memmond/search.ts";
import {
  artifactSources,
  heapSources,
  patternSources,
  regionSources,
} from "../../collectors/memmond/sources.ts";
import { openTargets } from "../../collectors/memmond/targets.ts";
import { Failure } from "../../collectors/proc/files.ts";
import type { SourcesByColumn } from "../../collectors/sources.ts";
import { processKey } from "./binmond/live.ts";
import { output } from "./binmond/readelf.ts";
import { collectPids, COLUMNS, openHere, startVictim } from "./memmond/live.ts";
import {
  canConfine,
  has,
  isLinux,
  isRoot,
  type ReadRow,
  testWith,
  textOf,
  until,
} from "./support.ts";

const linux = { Linux: isLinux, gcc: has("gcc") };
const confined = { ...linux, "root that can make namespaces": canConfine() };

const KEY = `-----BEGIN RSA PRIVATE KEY-----\n${
  `${"MIIEpAIBAAKCAQEA".repeat(4)}\n`.repeat(24)
}-----END RSA PRIVATE KEY-----\n`;
const BORDER = "https://border.example.org/known-text-at-a-border";

const cells = (rows: readonly ReadRow[], column: string) =>
  rows.map(({ values }) => values[column] ?? null);

testWith(
  { ...confined, pmap: has("pmap") },
  "memory_regions tells of a process what pmap tells, and what each region is for",
  async () => {
    await using victim = await startVictim();
    const { pid, at } = victim;
    await using collectors = await openHere("required");
    const { rows, outcome } = await collectPids(collectors, "memory_regions", [pid]);
    assertEquals(outcome, { status: "complete" });
    assertEquals(collectors.reports().map(({ confinement }) => confinement), ["namespaces"]);
    const told = rows.map(({ values: v }) =>
      [
        String(v.region_address).slice(2).padStart(16, "0"),
        Number(v.region_size) / 1024,
        Number(v.dirty_pages) * 4,
        v.permissions,
        v.shared ? "s" : "-",
      ].join(" ")
    );
    const pmap = output("pmap", "-x", String(pid)).split("\n").flatMap((line) => {
      const [, address, size, , dirty, mode] =
        /^([0-9a-f]{16})\s+(\d+)\s+(\d+)\s+(\d+)\s+([rwxs-]{5})/.exec(line) ?? [];
      return address ? [`${address} ${size} ${dirty} ${mode!.slice(0, 3)} ${mode![3]}`] : [];
    });
    assertEquals(told, pmap);
    const byAddress = new Map(rows.map(({ values }) => [values.region_address, values]));
    const rwx = byAddress.get(at.rwx!)!;
    assertEquals(
      [rwx.permissions, rwx.protection, rwx.region_type, rwx.mapped_file, rwx.region_size],
      ["rwx", "rwxp", "anonymous", null, 8192],
    );
    assertEquals(byAddress.get(at.shared!)!.shared, true);
    assertEquals(byAddress.get(at.hidden!)!.permissions, "---");
    assertEquals(byAddress.get(at.sparse!)?.region_size, 2 ** 40);
    const types = new Set(cells(rows, "region_type"));
    for (const type of ["heap", "stack", "code", "data", "anonymous", "kernel"]) {
      assert(types.has(type), type);
    }
    const code = rows.find(({ values }) => values.region_type === "code")!.values;
    assertEquals(code.mapped_file, Deno.readLinkSync(`/proc/${pid}/exe`));
    assertEquals(cells(rows, "process_key"), rows.map(() => processKey(pid)));
    assertEquals(cells(rows, "process_name"), rows.map(() => "victim"));
  },
);

testWith(linux, "memory_regions walks no pages where nobody asks how many there are", async () => {
  await using victim = await startVictim();
  await using collectors = await openHere();
  const project = ["region_address", "permissions"];
  const { rows } = await collectPids(collectors, "memory_regions", [victim.pid], { project });
  assert(rows.length > 10);
  assertEquals(new Set(cells(rows, "dirty_pages")), new Set([null]));
  assertEquals(rows[0]!.gaps.dirty_pages, "not_collected");
});

testWith(
  confined,
  "memory_patterns finds texts wherever they lie, and tells no secret",
  async () => {
    await using victim = await startVictim(KEY);
    const { pid, at } = victim;
    const before = textOf(`/proc/${pid}/status`);
    await using collectors = await openHere("required");
    const { rows, outcome } = await collectPids(collectors, "memory_patterns", [pid]);
    assertEquals(outcome, { status: "complete" });
    assertEquals(rows.flatMap(({ gaps }) => Object.keys(gaps)), []);
    const places = (value: string) => {
      const { values } = rows.find(({ values }) => String(values.pattern_value).startsWith(value))!;
      return [values.pattern_type, values.match_count, JSON.parse(String(values.memory_addresses))];
    };
    assertEquals(places("-----BEGIN RSA PRIVATE KEY-----*** sha256:"), ["crypto_key", 1, [
      at.given,
    ]]);
    const heap = `0x${(parseInt(at.heap!, 16) + 6).toString(16)}`;
    assertEquals(places("AKIA*** sha256:"), ["token", 1, [heap]]);
    const sparse = `0x${(parseInt(at.sparse!, 16) + 2 ** 30).toString(16)}`;
    assertEquals(places("https://sparse.example.org/far"), ["url", 1, [sparse]]);
    assertEquals(places("https://shared.example.org/"), ["url", 1, [at.shared]]);
    assertEquals(places("https://hidden.example.org/"), ["url", 1, [at.hidden]]);
    assert(!JSON.stringify(rows).includes("MIIEpAIBAAK"));
    assert(!JSON.stringify(rows).includes("IOSFODNN7"));
    // The 2^40 bytes that it reserved have not become pages by being looked at.
    const size = (text: string, name: string) =>
      Number(new RegExp(`${name}:\\s+(\\d+)`).exec(text)![1]);
    const after = textOf(`/proc/${pid}/status`);
    for (const name of ["VmRSS", "VmPTE"]) {
      assert(size(after, name) <= size(before, name) + 16, `${name}: ${after}`);
    }
    assertEquals(size(after, "TracerPid"), 0);
  },
);

testWith(
  { ...linux, gdb: has("gdb") },
  "memory_patterns finds a detection's pattern at the places where gdb does",
  async () => {
    await using victim = await startVictim();
    const { pid, at } = victim;
    await using collectors = await openHere();
    const pattern_regex = BORDER.replaceAll(".", "\\.");
    const { rows } = await collectPids(collectors, "memory_patterns", [pid], {
      interests: [{ op: "=", column: "pattern_regex", value: pattern_regex }],
    });
    const row = rows.find(({ values }) => values.pattern_type === "custom")!.values;
    assertEquals([row.pattern_regex, row.confidence], [pattern_regex, 1]);
    const found: string[] = JSON.parse(String(row.memory_addresses));
    const range = `${at.large}, +${at.size}`;
    const gdb = output(
      "gdb",
      "-batch",
      "-p",
      String(pid),
      "-ex",
      `find /b ${range}, ${[...BORDER].map((char) => char.charCodeAt(0)).join(", ")}`,
    ).split("\n").filter((line) => /^0x[0-9a-f]+$/.test(line));
    assertEquals(gdb.length, 8);
    const start = parseInt(at.large!, 16);
    const within = found.filter((address) => {
      const offset = parseInt(address, 16) - start;
      return offset >= 0 && offset < Number(at.size);
    });
    assertEquals(within, gdb);
  },
);

testWith(
  linux,
  "only what the query wants is searched for, and a bad pattern is told",
  async () => {
    await using victim = await startVictim();
    await using collectors = await openHere();
    const column = "pattern_regex";
    const ask = (value: string, where = true) =>
      collectPids(collectors, "memory_patterns", [victim.pid], {
        ...where
          ? { where: { op: "=", column, value } }
          : { interests: [{ op: "=", column, value }] },
      });
    const { rows } = await ask("sparse\\.[a-z]+");
    assertEquals(cells(rows, "pattern_type"), ["custom"]);
    const bad = await ask("(", false);
    assertEquals(bad.outcome.status, "partial");
    assert(cells(bad.rows, "pattern_type").includes("url"));
  },
);

testWith(
  confined,
  "memory_artifacts says what a process holds, where, and how sure that is",
  async () => {
    await using victim = await startVictim(`Authorization: ghp_${"a1".repeat(18)}\n${KEY}`);
    const { pid, at } = victim;
    await using collectors = await openHere("required");
    const { rows, outcome } = await collectPids(collectors, "memory_artifacts", [pid]);
    assertEquals(outcome, { status: "complete" });
    const find = (start: string) => {
      const { values } = rows.find(({ values }) =>
        String(values.artifact_value).startsWith(start)
      )!;
      const { artifact_type, artifact_category, memory_address, confidence, context } = values;
      const { before, ...rest } = JSON.parse(String(context));
      return [artifact_type, artifact_category, memory_address, confidence, before, rest];
    };
    const plus = (address: string, bytes: number) =>
      `0x${(parseInt(address, 16) + bytes).toString(16)}`;
    assertEquals(find("ELF 64-bit"), [
      ...["header", "injection", at.rwx, 0.9, ""],
      { region_type: "anonymous", permissions: "rwx", length: 7 },
    ]);
    const token = plus(at.given!, "Authorization: ".length);
    assertEquals(find("ghp_***"), [
      ...["key", "credential", token, 0.95, "Authorization: "],
      { region_type: "heap", permissions: "rw-", length: 40 },
    ]);
    const key = plus(token, 41);
    assertEquals(find("-----BEGIN RSA PRIVATE KEY-----").slice(0, 4), [
      "key",
      "credential",
      key,
      0.95,
    ]);
    assert(!JSON.stringify(rows).includes("MIIEpAIBAAK"));
    const border = rows.filter(({ values }) =>
      String(values.artifact_value).startsWith(`${BORDER}...`)
    );
    assertEquals(border.length, 3);
  },
);

testWith(confined, "heap_analysis counts the blocks that glibc itself counts", async () => {
  await using victim = await startVictim();
  const { pid, at } = victim;
  await using collectors = await openHere("required");
  const { rows, outcome } = await collectPids(collectors, "heap_analysis", [pid]);
  assertEquals(outcome, { status: "complete" });
  assertEquals(rows.flatMap(({ gaps }) => Object.keys(gaps)), []);
  assertEquals(rows.length, 2);
  const free = cells(rows, "free_count").reduce((sum: number, count) => sum + Number(count), 0);
  // What is free behind the last block of each is not between blocks.
  assertEquals(free + rows.length, Number(at.free));
  const [main, other] = rows.map(({ values }) => values) as [ReadRow["values"], ReadRow["values"]];
  assertEquals([main.free_count, other.free_count], [500, 50]);
  assertEquals(main.largest_allocation, Number(at.largest));
  assert(Number(main.fragmentation) > 45 && Number(main.fragmentation) < 50);
  assert(Number(main.allocation_count) >= 500 && Number(other.allocation_count) >= 50);
  const maps = textOf(`/proc/${pid}/maps`);
  const heap = /^([0-9a-f]+)-([0-9a-f]+) .*\[heap\]$/m.exec(maps)!;
  assertEquals(main.heap_address, `0x${heap[1]}`);
  assertEquals(main.heap_size, parseInt(heap[2]!, 16) - parseInt(heap[1]!, 16));
});

testWith(linux, "by pid it is the process that is meant, and one that has memory", async () => {
  await using victim = await startVictim();
  const { pid } = victim;
  await using collectors = await openHere();
  const key = processKey(pid);
  const other = key.replace(/\d+$/, (ticks) => String(Number(ticks) - 1));
  const zombie = new Deno.Command("sh", {
    args: ["-c", "sleep 0 & echo $!; exec sleep 60"],
    stdout: "piped",
  }).spawn();
  const reader = zombie.stdout.getReader();
  const dead = Number(new TextDecoder().decode((await reader.read()).value));
  await until("it has ended", () => textOf(`/proc/${dead}/stat`).includes(") Z "));
  for (const table of Object.keys(COLUMNS) as (keyof typeof COLUMNS)[]) {
    const ask = (values: number[], processes?: (string | null)[]) =>
      collectPids(collectors, table, { column: "pid", values, ...(processes && { processes }) });
    assert((await ask([pid], [key])).rows.length > 0);
    assert((await ask([pid], [null])).rows.length > 0);
    const none = await ask([pid, 2 ** 22 + 1, 2, dead, 0, -1], [other]);
    assertEquals([none.rows, none.outcome], [[], { status: "complete" }]);
  }
  zombie.kill("SIGKILL");
  await zombie.status;
  await reader.cancel();
});

testWith(confined, "a process is not stopped, traced or woken while it is read", async () => {
  await using victim = await startVictim(KEY);
  const threads = () => [...Deno.readDirSync(`/proc/${victim.pid}/task`)].map(({ name }) => name);
  const status = (thread: string) => textOf(`/proc/${victim.pid}/task/${thread}/status`);
  const field = (text: string, name: string) =>
    new RegExp(`^${name}:\\s+(.*)$`, "m").exec(text)![1];
  const all = threads().sort();
  await until("it waits", () => all.every((thread) => field(status(thread), "State")![0] === "S"));
  // Who is stopped, or has a signal to look at, goes on the processor for it.
  const switches = () =>
    all.map((thread) =>
      ["voluntary_ctxt_switches", "nonvoluntary_ctxt_switches"]
        .map((name) => field(status(thread), name))
    );
  const before = switches();
  const seen = new Set<string>();
  const looking = setInterval(() => {
    for (const thread of all) {
      const text = status(thread);
      seen.add(`${field(text, "State")}, traced by ${field(text, "TracerPid")}`);
    }
  }, 1);
  try {
    await using collectors = await openHere("required");
    for (const table of Object.keys(COLUMNS) as (keyof typeof COLUMNS)[]) {
      const { rows, outcome } = await collectPids(collectors, table, [victim.pid]);
      assertEquals(outcome, { status: "complete" });
      assert(rows.length > 0, table);
    }
  } finally {
    clearInterval(looking);
  }
  assertEquals([...seen], ["S (sleeping), traced by 0"]);
  assertEquals(threads().sort(), all);
  assertEquals(switches(), before);
});

testWith(
  { ...linux, root: isRoot },
  "a process that ends while it is searched is told of",
  async () => {
    for (const whole of [true, false]) {
      await using victim = await startVictim();
      const keys = { column: "pid", values: [victim.pid] };
      const context = { procRoot: "/proc", deadline: Infinity };
      const [target] = openTargets(keys, context);
      const opened = openMemory(target!);
      assert(!(opened instanceof Failure));
      using memory = opened;
      const finders = patternsOf({}, () => {});
      const allowance = createAllowance(Infinity, { left: 2 ** 40 });
      const found = [];
      for (const one of searchMemory(memory, finders, allowance)) {
        found.push(one);
        if (!whole) await victim.kill();
      }
      assert(found.length > 0);
      assertEquals([...memory.gaps], whole ? [] : ["not_collected"]);
    }
  },
);

testWith(
  { ...linux, root: isRoot },
  "what is beyond the bounds is told of, not left out",
  async () => {
    await using victim = await startVictim();
    const keys = { column: "pid", values: [victim.pid] };
    for (
      const [left, deadline, gap] of [[2 ** 20, Infinity, "budget"], [
        2 ** 40,
        0,
        "deadline",
      ]] as const
    ) {
      const [target] = openTargets(keys, { procRoot: "/proc", deadline: Infinity });
      const opened = openMemory(target!);
      assert(!(opened instanceof Failure));
      using memory = opened;
      const allowance = createAllowance(deadline, { left });
      assertEquals(
        [...searchMemory(memory, patternsOf({}, () => {}), allowance)].length < 40,
        true,
      );
      assertEquals([...memory.gaps], [gap]);
    }
  },
);

testWith(confined, "every column has a value somewhere, or is said to have none", async () => {
  await using victim = await startVictim(KEY);
  await using collectors = await openHere("required");
  for (
    const [table, sources] of [
      ["memory_regions", regionSources],
      ["memory_patterns", patternSources],
      ["memory_artifacts", artifactSources],
      ["heap_analysis", heapSources],
    ] as readonly (readonly [keyof typeof COLUMNS, SourcesByColumn])[]
  ) {
    const { rows } = await collectPids(collectors, table, [victim.pid]);
    const broken = Object.entries(sources).filter(([column, source]) => {
      const filled = cells(rows, column).some((cell) => cell !== null);
      return typeof source === "string" ? !filled : filled;
    });
    assertEquals(broken.map(([column]) => column), [], table);
    assertEquals(Object.keys(sources).sort(), [...COLUMNS[table]].sort());
  }
});

const script = fromFileUrl(new URL("memmond/as_user.ts", import.meta.url));
const AS_NOBODY = ["--reuid=65534", "--regid=65534", "--clear-groups", "--"];

testWith(
  {
    root: isRoot,
    setpriv: has("setpriv"),
    "readable by others": isRoot && has("setpriv") &&
      new Deno.Command("setpriv", { args: [...AS_NOBODY, "test", "-r", script] }).outputSync()
        .success,
  },
  "what an ordinary user may not read is denied, not absent",
  async () => {
    const cache = await Deno.makeTempDir();
    await Deno.chmod(cache, 0o777);
    const deno = [Deno.execPath(), "run", "--quiet", "--allow-all", "--no-check"];
    const { stdout, stderr } = await new Deno.Command("setpriv", {
      args: [...AS_NOBODY, ...deno, script, String(Deno.pid)],
      env: { DENO_DIR: cache },
      clearEnv: true,
    }).output();
    await Deno.remove(cache, { recursive: true });
    assert(stdout.length, new TextDecoder().decode(stderr));
    const told: { readonly memory: string; readonly regions: Reading[] } = JSON.parse(
      new TextDecoder().decode(stdout),
    );
    assertEquals([told.memory, told.regions.length], ["denied", 1]);
    const [{ row, gaps }] = told.regions as [Reading];
    assertEquals([row.pid, row.process_name], [Deno.pid, "deno"]);
    const lacking = COLUMNS.memory_regions.filter((column) => row[column] == null);
    assertEquals(gaps, Object.fromEntries(lacking.map((column) => [column, "denied"])));
  },
);
