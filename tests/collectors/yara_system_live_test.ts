import { assert, assertEquals, assertMatch } from "@std/assert";
import { binmond } from "../../collectors/binmond/mod.ts";
import { binmondWithYara } from "../../collectors/binmond/yara/programs.ts";
import { type Collectors, openCollectors } from "../../collectors/mod.ts";
import type { CollectionTask, Resource, YaraEngine } from "../../model/collection.ts";
import { yara_matches } from "../../profiles/yara_matches.ts";
import { collectedColumns } from "../../schema/columns.ts";
import { foundFiles, PROGRAM_FOLDERS, sample } from "./programs.ts";
import { canConfine, drain, has, isLinux, run, testWith, until } from "./support.ts";

const linux = { Linux: isLinux, yara: has("/usr/bin/yara") };
const confined = { ...linux, "root that can make namespaces": canConfine() };

const PROJECT = collectedColumns(yara_matches, "linux").map(({ name }) => name)
  .filter((name) => name !== "platform_data");

const open = (yara: YaraEngine) => openCollectors({ platform: "linux", policy: "preferred", yara });

/** The rows of a task without the time, and how it ended. */
async function ask(
  collectors: Collectors,
  task: Pick<CollectionTask, "keys" | "resources"> & Partial<CollectionTask>,
) {
  const { rows, outcome } = await drain(
    collectors.collect({ table: "yara_matches", project: PROJECT, deadline: 300_000, ...task }),
  );
  return {
    outcome,
    rows: rows.map(({ values: { scan_time: _, ...values } }) => JSON.stringify(values)).sort(),
  };
}

const files = (...values: string[]) => ({ column: "file_path", values });
const rule = (condition: string): Resource[] => [{
  name: "rules/x.yar",
  text: `rule x { condition: ${condition} }`,
}];

/** Rules of many kinds, in two files. */
const RULES: readonly Resource[] = [{
  name: "one.yar",
  text: `import "elf" import "math" import "hash"
rule elf_file : binary { meta: severity = "low" condition: uint32(0) == 0x464c457f }
rule shared_object { condition: elf.type == elf.ET_DYN }
rule script { strings: $a = /^#![ ]*\\/[a-z\\/]+/ condition: $a at 0 }
rule usage { strings: $a = "usage" nocase ascii wide fullword condition: #a > 2 }
rule random { condition: math.entropy(0, filesize) > 6.2 }
rule network { strings: $a = "connect" $b = "socket" private $c = "bind" condition: 2 of them }
rule known { condition: hash.md5(0, filesize) == "d41d8cd98f00b204e9800998ecf8427e" }
private rule small { condition: filesize < 40KB }
rule small_elf { condition: small and elf_file }`,
}, {
  name: "two.yar",
  text: `rule elf_file { strings: $ = { 7f 45 4c 46 } condition: any of them }
rule calls { strings: $a = { e8 ?? ?? ?? ?? 48 89 c? [0-4] 48 } condition: $a }
rule zeros { strings: $a = { 00 00 00 00 00 00 00 01 } condition: #a > 10 }
rule years { strings: $a = /Copyright \\(C\\) 20[0-9]{2}/ $b = "GNU" xor(1-3) condition: any of them }`,
}];

testWith(
  { ...linux, find: has("find") },
  "both engines give the same rows on hundreds of files",
  async () => {
    const values = sample(foundFiles([...PROGRAM_FOLDERS, "/etc"], "-size", "-2M"), 300);
    await using wasm = await open("wasm");
    await using system = await open("system");
    const task = { keys: files(...values), resources: RULES };
    const ours = await ask(wasm, task);
    const theirs = await ask(system, task);
    assertEquals([ours.outcome, theirs.outcome], [{ status: "complete" }, { status: "complete" }]);
    assertEquals(theirs.rows, ours.rows);
    assert(ours.rows.length > 100);
    console.log(`${values.length} files compared, ${ours.rows.length} rows`);
  },
);

testWith(
  confined,
  "the system's yara is run in the collector's namespaces, whatever files are called",
  async () => {
    const folder = Deno.makeTempDirSync();
    Deno.chmodSync(folder, 0o755);
    try {
      const names = [
        "-C",
        "--help",
        "a\nx b",
        "b c",
        "$(id)",
        "\u00e4",
        "1",
        "x:y",
        "empty",
      ];
      const paths = names.map((name) => `${folder}/${name}`);
      for (const path of paths) {
        Deno.writeTextFileSync(path, path.endsWith("empty") ? "" : "held", { mode: 0o600 });
      }
      await using collectors = await openCollectors({
        platform: "linux",
        policy: "required",
        yara: "system",
      });
      const text = 'rule held { strings: $a = "held" condition: $a or filesize == 0 }';
      const { rows, outcome } = await ask(collectors, {
        keys: files(...paths),
        resources: [{ name: "-r\n.yar", text }],
      });
      assertEquals(outcome, { status: "complete" });
      assertEquals(collectors.reports().map(({ confinement }) => confinement), ["namespaces"]);
      assertEquals(rows.map((row) => JSON.parse(row).file_path).sort(), paths.sort());
      const status = collectors.statuses().find(({ name }) => name === "binmond")!;
      assert(status.permissions.includes("run /usr/bin/yara where there is one"));
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
);

testWith(linux, "the system's yara tries the file of a deleted program", async () => {
  const folder = Deno.makeTempDirSync();
  const path = `${folder}/copied`;
  Deno.copyFileSync("/bin/sleep", path);
  await using child = run(path, ["60"]);
  await until("it runs", () => {
    try {
      return Deno.readLinkSync(`/proc/${child.pid}/exe`) === path;
    } catch {
      return false;
    }
  });
  Deno.removeSync(folder, { recursive: true });
  await using collectors = await open("system");
  const { rows, outcome } = await ask(collectors, {
    keys: { column: "pid", values: [child.pid] },
    resources: rule("uint32(0) == 0x464c457f"),
  });
  assertEquals([outcome, rows.map((row) => JSON.parse(row).file_path)], [{ status: "complete" }, [
    path,
  ]]);
});

testWith(linux, "what the system's yara cannot tell is not evaluated", async () => {
  await using collectors = await open("system");
  const letters = Deno.makeTempFileSync();
  Deno.writeTextFileSync(letters, "a".repeat(100_000));
  const why = async (resources: readonly Resource[], deadline = 60_000) => {
    const { rows, outcome } = await ask(collectors, { keys: files(letters), resources, deadline });
    assertEquals([rows, outcome.status], [[], "partial"]);
    return "reason" in outcome ? outcome.reason : "";
  };
  const text = (text: string) => [{ name: "x.yar", text }];
  try {
    assertMatch(
      await why(rule("for all i in (1..99999999999999): ( i > 0 )"), 4_000),
      /YARA took more than/,
    );
    assertMatch(await why(text("rule x {")), /syntax error/);
    const many = files(...[...Deno.readDirSync("/usr/bin")].map(({ name }) => `/usr/bin/${name}`));
    const { outcome } = await ask(collectors, {
      keys: { ...many, values: many.values.slice(0, 100) },
      resources: text("rule x {"),
      deadline: 20_000,
    });
    assertEquals(outcome.status, "partial", "many reasons are no more than one");
    assertMatch(await why(text('include "/etc/passwd" rule x { condition: true }')), /include/);
    assertMatch(await why(text("rule x { condition: true }\0")), /NUL/);
    assertMatch(
      await why(text('import "console" rule x { condition: console.log("x /etc/passwd") }')),
      /no match/,
    );
    assertEquals(
      (await ask(collectors, { keys: files(letters), resources: rule("true") })).rows.length,
      1,
    );
  } finally {
    Deno.removeSync(letters);
  }
});

testWith(confined, "a host without yara does not fall back in silence", async () => {
  const { permissions } = binmond;
  await using collectors = await openCollectors({
    platform: "linux",
    policy: "required",
    collectors: [{ collector: { ...binmondWithYara, permissions }, specs: [yara_matches] }],
  });
  const { rows, outcome } = await ask(collectors, {
    keys: files("/bin/sh"),
    resources: rule("true"),
  });
  assertEquals([rows, outcome.status], [[], "partial"]);
  assertMatch(
    "reason" in outcome ? outcome.reason : "",
    /chooses the system's yara, and there is none/,
  );
});
