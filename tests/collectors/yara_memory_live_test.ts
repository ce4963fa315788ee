import { Buffer } from "node:buffer";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { gatherMemory, matchMemory } from "../../collectors/binmond/yara/memory.ts";
import { rulesOf } from "../../collectors/binmond/yara/rules.ts";
import { openMemory } from "../../collectors/memmond/pages.ts";
import { openTargets } from "../../collectors/memmond/targets.ts";
import { type Collectors, openCollectors } from "../../collectors/mod.ts";
import { Failure } from "../../collectors/proc/files.ts";
import type { CollectionTask, TaskKeys } from "../../model/collection.ts";
import type { Predicate } from "../../model/predicate.ts";
import { yara_matches } from "../../profiles/yara_matches.ts";
import { collectedColumns } from "../../schema/columns.ts";
import { openHere, processKey } from "./binmond/live.ts";
import { output } from "./binmond/readelf.ts";
import {
  canConfine,
  drain,
  has,
  isLinux,
  isRoot,
  run,
  testWith,
  textOf,
  until,
} from "./support.ts";

const linux = { Linux: isLinux, gcc: has("gcc") };
const confined = { "root that can make namespaces": canConfine(), gcc: has("gcc") };
const root = { ...linux, root: isRoot };

const PROJECT = collectedColumns(yara_matches, "linux").map(({ name }) => name)
  .filter((name) => name !== "platform_data");

/** Keeps what it reads, and nothing else; `memfd` as first word makes it run from a file that never had a name. */
const HOLDER = `
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>
int main(int count, char **words) {
  if (count > 1 && !strcmp(words[1], "memfd")) {
    int from = open("/proc/self/exe", O_RDONLY), to = memfd_create("hidden", MFD_CLOEXEC);
    while (sendfile(to, from, 0, 1 << 20) > 0);
    char *rest[] = { "hidden", 0 };
    fexecve(to, rest, environ);
    return 1;
  }
  char *kept = malloc(1 << 16);
  size_t length = 0;
  for (ssize_t got; (got = read(0, kept + length, (1 << 16) - length)) > 0; length += got);
  memmove(kept + 4096, kept, length);
  memset(kept, 0, 4096);
  write(1, "ready", 5);
  pause();
}`;

let program: string | undefined;

function holderProgram(): string {
  if (program === undefined) {
    const folder = Deno.makeTempDirSync();
    program = `${folder}/holder`;
    Deno.writeTextFileSync(`${program}.c`, HOLDER);
    const args = ["-w", "-o", program, `${program}.c`];
    const { success, stderr } = new Deno.Command("gcc", { args }).outputSync();
    assert(success, new TextDecoder().decode(stderr));
    globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  }
  return program;
}

/** A process that holds a text which is in no file. */
async function holder(text: string, path = holderProgram(), words: readonly string[] = []) {
  const child = new Deno.Command(path, {
    args: [...words],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const reader = child.stdout.getReader();
  await reader.read();
  let ended = false;
  const kill = async () => {
    if (ended) return;
    ended = true;
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
  };
  return { pid: child.pid, kill, [Symbol.asyncDispose]: kill };
}

/** A text that this run has made, and a rule that it matches; this process has it only in pieces. */
const MARK = ["dae", "mon-", crypto.randomUUID()] as const;
const RULES = [{
  name: "mark.yar",
  text: `rule marked : test {
    meta: severity = "high"
    strings: $mark = /daemon-[0-9a-f]{8}${MARK[2].slice(8).replaceAll("-", "[-]")}/
    condition: $mark
  }
  rule file_like { condition: uint32(0) == 0x464c457f }`,
}];

const MEMORY: Predicate = { op: "=", column: "scan_target", value: "memory" };
const FILE: Predicate = { op: "=", column: "scan_target", value: "file" };

function ask(
  collectors: Collectors,
  keys: readonly number[] | TaskKeys,
  options: Partial<CollectionTask> = { interests: [MEMORY] },
) {
  return drain(collectors.collect({
    table: "yara_matches",
    project: PROJECT,
    keys: "column" in keys ? keys : { column: "pid", values: keys },
    resources: RULES,
    deadline: 60_000,
    ...options,
  }));
}

testWith(confined, "memory that a query asks for is searched, and tells no secret", async () => {
  const text = MARK.join("");
  await using held = await holder(`xx ${text} yy`);
  await using _other = await holder("nothing");
  await using collectors = await openHere("required");
  const before = textOf(`/proc/${held.pid}/status`);
  const { rows, outcome } = await ask(collectors, [held.pid, _other.pid]);
  assertEquals(outcome, { status: "complete" });
  assertEquals(collectors.reports().map(({ confinement }) => confinement), ["namespaces"]);
  assertEquals(rows.flatMap(({ gaps }) => Object.keys(gaps)), []);
  assertEquals(rows.length, 1);
  const { match_strings, scan_time, ...values } = rows[0]!.values;
  assertEquals(values, {
    pid: held.pid,
    process_key: processKey(held.pid),
    file_path: holderProgram(),
    scan_target: "memory",
    rule_name: "marked",
    rule_namespace: "mark.yar",
    rule_category: "test",
    rule_severity: "high",
    match_count: Number(values.match_count),
    rule_metadata: '{"severity":"high"}',
  });
  assert(Number(values.match_count) >= 1);
  assert(Math.abs(Number(scan_time) - Date.now()) < 600_000);
  const places = JSON.parse(String(match_strings));
  assertEquals(places.length, values.match_count);
  const digest = new Uint8Array(
    await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)),
  ).toHex();
  using memory = Deno.openSync(`/proc/${held.pid}/mem`);
  for (const { identifier, offset, length, data } of places) {
    assertEquals([identifier, length, data], ["$mark", text.length, `daem*** sha256:${digest}`]);
    const there = new Uint8Array(length);
    memory.seekSync(offset, Deno.SeekMode.Start);
    memory.readSync(there);
    assertEquals(new TextDecoder().decode(there), text, "the offset is an address");
  }
  assert(!JSON.stringify(rows).includes(MARK[2]));
  assertMatch(textOf(`/proc/${held.pid}/status`), /TracerPid:\t0\n/);
  assertMatch(before, /State:\tS/);
});

testWith(linux, "what is asked for is searched, and nothing else", async () => {
  const folder = Deno.makeTempDirSync();
  const path = `${folder}/copied`;
  const text = MARK.join("");
  try {
    const bytes = Deno.readFileSync(holderProgram());
    Deno.writeFileSync(path, Buffer.concat([bytes, Buffer.from(text)]), { mode: 0o755 });
    await using inFile = await holder("nothing", path);
    await using inMemory = await holder(text);
    await using collectors = await openHere();
    const targets = async (interests?: readonly Predicate[]) => {
      const { rows, outcome } = await ask(collectors, [inFile.pid, inMemory.pid], {
        ...(interests && { interests }),
      });
      assertEquals(outcome, { status: "complete" });
      return rows.filter(({ values }) => values.rule_name === "marked")
        .map(({ values }) => [values.pid, values.scan_target]);
    };
    const [file, memory] = [[inFile.pid, "file"], [inMemory.pid, "memory"]];
    assertEquals(await targets(), [file]);
    assertEquals(await targets([FILE]), [file]);
    assertEquals(await targets([MEMORY]), [memory]);
    assertEquals(await targets([MEMORY, FILE]), [file, memory]);
    assertEquals(await targets([MEMORY, { op: "and", of: [] }]), [file, memory]);
    assertEquals(
      await targets([{ op: "in", column: "scan_target", values: ["file", "memory"] }]),
      [file, memory],
    );
    const { rows, outcome } = await ask(collectors, { column: "file_path", values: [path] });
    assertEquals([rows, outcome.status], [[], "partial"], "a file has no memory");
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

testWith(
  root,
  "the memory of deleted programs, and of those without a name, is searched",
  async () => {
    const folder = Deno.makeTempDirSync();
    const path = `${folder}/deleted`;
    try {
      Deno.copyFileSync(holderProgram(), path);
      await using deleted = await holder(MARK.join(""), path);
      Deno.removeSync(path);
      await using nameless = await holder(MARK.join(""), holderProgram(), ["memfd"]);
      await using collectors = await openHere();
      const { rows, outcome } = await ask(collectors, [deleted.pid, nameless.pid]);
      assertEquals(outcome, { status: "complete" });
      assertEquals(rows.map(({ values }) => [values.pid, values.file_path, values.rule_name]), [
        [deleted.pid, path, "marked"],
        [nameless.pid, "/memfd:hidden", "marked"],
      ]);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
);

testWith(linux, "what is in memory is told whole where the operator wants that", async () => {
  await using held = await holder(MARK.join(""));
  const memoryValues = "whole";
  await using collectors = await openCollectors({
    platform: "linux",
    policy: "preferred",
    memoryValues,
  });
  const { rows } = await ask(collectors, [held.pid]);
  const [{ data }] = JSON.parse(String(rows[0]!.values.match_strings));
  assertEquals(data, MARK.join(""));
});

testWith(linux, "it is the process that is meant, and one that has memory", async () => {
  await using held = await holder(MARK.join(""));
  await using collectors = await openHere();
  const key = processKey(held.pid);
  const other = key.replace(/\d+$/, (ticks) => String(Number(ticks) - 1));
  const keys = { column: "pid", values: [held.pid, 2, 2 ** 22 + 1] };
  assertEquals((await ask(collectors, { ...keys, processes: [key, null, null] })).rows.length, 1);
  const none = await ask(collectors, { ...keys, processes: [other, null, null] });
  assertEquals([none.rows, none.outcome], [[], { status: "complete" }]);
});

const CONTEXT = { procRoot: "/proc", deadline: Infinity };

testWith(root, "a process that ends while its memory is read is told of", async () => {
  await using held = await holder(MARK.join(""));
  const [target] = openTargets({ column: "pid", values: [held.pid] }, CONTEXT);
  const opened = openMemory(target!);
  assert(!(opened instanceof Failure));
  using memory = opened;
  const found = [...memory.runs()];
  await held.kill();
  const { pieces } = gatherMemory({ ...memory, runs: () => found }, 2 ** 30, Infinity);
  assertEquals([pieces, [...memory.gaps]], [[], ["not_collected"]]);
});

testWith(root, "a bound that is reached is told of, with what was found before", async () => {
  await using held = await holder(MARK.join(""));
  const [target] = openTargets({ column: "pid", values: [held.pid] }, CONTEXT);
  for (
    const [most, deadline, gap] of [[2 ** 16, Infinity, "budget"], [
      2 ** 30,
      0,
      "deadline",
    ]] as const
  ) {
    const opened = openMemory(target!);
    assert(!(opened instanceof Failure));
    using memory = opened;
    const { bytes } = gatherMemory(memory, most, deadline);
    assert(bytes.length <= most);
    assertEquals([...memory.gaps], [gap]);
  }
  const readings = [];
  for await (
    const reading of matchMemory({ column: "pid", values: [held.pid] }, rulesOf(RULES), {
      procRoot: "/proc",
      deadline: performance.now() - 1,
    })
  ) readings.push(reading);
  const [{ row, gaps }] = readings as [typeof readings[0]];
  assertEquals([readings.length, row.pid, row.scan_target], [1, held.pid, "memory"]);
  assertEquals([gaps?.rule_name, gaps?.match_strings], ["deadline", "deadline"]);
});

testWith(linux, "rules that take too long are not evaluated", async () => {
  await using held = await holder("a".repeat(60_000));
  await using collectors = await openHere();
  const { rows, outcome } = await ask(collectors, [held.pid], {
    interests: [MEMORY],
    deadline: 4_000,
    resources: [{
      name: "endless.yar",
      text: "rule e { condition: for all i in (1..99999999999999): ( i > 0 ) }",
    }],
  });
  assertEquals([rows, outcome.status], [[], "partial"]);
  assertMatch("reason" in outcome ? outcome.reason : "", /memory of process \d+: YARA took more/);
});

/** Rules of strings alone, which mean the same wherever they are found. */
const COMMON = `
rule environment { strings: $a = "PATH=/" $b = "LC_ALL" condition: any of them }
rule held_text { strings: $a = /held-by-[0-9]{1,3}-process/ condition: $a }
rule some_bytes { strings: $a = { 64 61 65 6d ?? 6e } condition: $a }
rule wide_text { strings: $a = "daemon" wide condition: $a }`;

testWith(
  { ...root, yara: has("yara") },
  "rules find in the memory of processes what yara finds at the addresses that are searched",
  async () => {
    await using stack = new AsyncDisposableStack();
    const pids: number[] = [];
    for (let index = 0; index < 12; index++) {
      const held = stack.use(await holder(`held-by-${index}-process daemon d\0a\0e\0m\0o\0n\0`));
      pids.push(held.pid);
    }
    for (let index = 0; index < 8; index++) {
      const child = stack.use(run("sleep", ["600"]));
      pids.push(child.pid);
      await until("it sleeps", () => /State:\tS/.test(textOf(`/proc/${child.pid}/status`)));
    }
    const rules = Deno.makeTempFileSync();
    stack.defer(() => Deno.removeSync(rules));
    Deno.writeTextFileSync(rules, COMMON);
    await using collectors = await openHere();
    const { rows, outcome } = await ask(collectors, pids, {
      interests: [MEMORY],
      resources: [{ name: "common.yar", text: COMMON }],
    });
    assertEquals(outcome, { status: "complete" });
    const ours = rows.flatMap(({ values: { pid, rule_name, match_strings } }) =>
      JSON.parse(String(match_strings)).map(({ identifier, offset }: Record<string, unknown>) =>
        `${pid} ${rule_name} ${identifier} ${offset}`
      )
    );
    const theirs = pids.flatMap((pid) => {
      const [target] = openTargets({ column: "pid", values: [pid] }, CONTEXT);
      const opened = openMemory(target!);
      assert(!(opened instanceof Failure));
      using memory = opened;
      const searched = [...memory.runs()];
      let rule = "";
      return output("yara", "-w", "-s", rules, String(pid)).split("\n").flatMap((line) => {
        const [, address, identifier] = /^0x([0-9a-f]+):(\$\w+)/.exec(line) ?? [];
        if (address === undefined) rule = line.split(" ")[0]!;
        const offset = parseInt(address ?? "", 16);
        return searched.some(({ start, end }) => start <= offset && offset < end)
          ? [`${pid} ${rule} ${identifier} ${offset}`]
          : [];
      });
    });
    assertEquals(ours.sort(), theirs.sort());
    assert(ours.filter((one) => one.includes(" held_text ")).length >= 12);
    assertEquals(new Set(ours.map((one) => one.split(" ")[1])).size, 4);
  },
);
