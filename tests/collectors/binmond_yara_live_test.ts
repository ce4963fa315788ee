import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Resource, TaskKeys } from "../../model/collection.ts";
import { matchSources } from "../../collectors/binmond/sources.ts";
import { MAX_SCANNED } from "../../collectors/binmond/limits.ts";
import { yara_matches } from "../../profiles/yara_matches.ts";
import { collectedColumns } from "../../schema/columns.ts";
import type { Collectors } from "../../collectors/mod.ts";
import { output } from "./binmond/readelf.ts";
import { openHere, processKey } from "./binmond/live.ts";
import { foundFiles, PROGRAM_FOLDERS, sample } from "./programs.ts";
import { canConfine, drain, has, isLinux, run, testWith, until } from "./support.ts";

const linux = { Linux: isLinux };
const confined = { "root that can make namespaces": canConfine() };

const PROJECT = collectedColumns(yara_matches, "linux").map(({ name }) => name)
  .filter((name) => name !== "platform_data");

const MARK: Resource = {
  name: "mark.yar",
  text: `rule marked : test {
    meta: category = "sample" severity = "high" score = 80 note = "a \\"b\\""
    strings: $mark = "stratum+tcp:" $bytes = { 00 ff 0a }
    condition: any of them
  }
  rule never { condition: false }`,
};

function ask(collectors: Collectors, keys: TaskKeys, resources: readonly Resource[] = [MARK]) {
  return drain(
    collectors.collect({
      table: "yara_matches",
      project: PROJECT,
      keys,
      resources,
      deadline: 60_000,
    }),
  );
}

function folderIn(parent?: string): { readonly path: string } & Disposable {
  const path = Deno.makeTempDirSync(parent === undefined ? {} : { dir: parent });
  Deno.chmodSync(path, 0o755);
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

const CONTENT = new Uint8Array([...new TextEncoder().encode("xx stratum+tcp: y"), 0, 255, 10]);

testWith(confined, "yara_matches tells what a rule found, and where", async () => {
  using folder = folderIn();
  const path = `${folder.path}/marked`;
  await Deno.writeFile(path, CONTENT);
  await using collectors = await openHere("required");
  const keys = { column: "file_path", values: [path, "/bin/sh", "/nonexistent", "/etc"] };
  const { rows, outcome } = await ask(collectors, keys);
  assertEquals(outcome, { status: "complete" });
  assertEquals(collectors.reports().map(({ confinement }) => confinement), ["namespaces"]);
  assertEquals(rows.length, 1);
  const { scan_time, match_strings, rule_metadata, ...values } = rows[0]!.values;
  assertEquals(values, {
    pid: null,
    process_key: null,
    file_path: path,
    scan_target: "file",
    rule_name: "marked",
    rule_namespace: "mark.yar",
    rule_category: "sample",
    rule_severity: "high",
    match_count: 2,
  });
  assert(Math.abs(Number(scan_time) - Date.now()) < 600_000);
  assertEquals(JSON.parse(String(match_strings)), [
    { identifier: "$mark", offset: 3, length: 12, data: "stratum+tcp:" },
    { identifier: "$bytes", offset: 17, length: 3, data: "\\x00\\xFF\\x0A" },
  ]);
  assertEquals(JSON.parse(String(rule_metadata)), {
    category: "sample",
    severity: "high",
    score: 80,
    note: 'a "b"',
  });
  assertEquals(Object.keys(matchSources).sort(), [...PROJECT].sort());
});

testWith(linux, "yara_matches by pid finds a program that was deleted", async () => {
  using folder = folderIn();
  const path = `${folder.path}/copied`;
  const program = await Deno.readFile("/bin/sleep");
  await Deno.writeFile(path, new Uint8Array([...program, ...CONTENT]), { mode: 0o755 });
  await using child = run(path, ["60"]);
  await until("it runs", () => {
    try {
      return Deno.readLinkSync(`/proc/${child.pid}/exe`) === path;
    } catch {
      return false;
    }
  });
  const key = processKey(child.pid);
  await Deno.remove(path);
  await using collectors = await openHere();
  const keys = { column: "pid", values: [child.pid, 2], processes: [key, null] };
  const { rows, outcome } = await ask(collectors, keys);
  assertEquals(outcome, { status: "complete" });
  assertEquals(
    rows.map(({ values }) => [values.pid, values.process_key, values.file_path, values.rule_name]),
    [[child.pid, key, path, "marked"]],
  );
  const other = key.replace(/\d+$/, (ticks) => String(Number(ticks) - 1));
  assertEquals((await ask(collectors, { ...keys, processes: [other, null] })).rows, []);
});

testWith(linux, "rules of two files that have the same name are told apart", async () => {
  await using collectors = await openHere();
  const rule = (name: string, condition: string) => ({
    name,
    text: `rule same { condition: ${condition} }`,
  });
  const keys = { column: "file_path", values: ["/bin/sh"] };
  const namespaces = async (...resources: Resource[]) =>
    (await ask(collectors, keys, resources)).rows.map(({ values }) => values.rule_namespace);
  assertEquals(await namespaces(rule("a.yar", "true"), rule("b.yar", "true")), ["a.yar", "b.yar"]);
  assertEquals(await namespaces(rule("a.yar", "false"), rule("b.yar", "true")), ["b.yar"]);
});

testWith(linux, "what could not be scanned is missing, and the rest is not", async () => {
  using folder = folderIn();
  const path = `${folder.path}/large`;
  const letters = `${folder.path}/letters`;
  await Deno.writeFile(path, CONTENT);
  await Deno.truncate(path, MAX_SCANNED + 1);
  await Deno.writeTextFile(letters, "a".repeat(2_000_000));
  await using collectors = await openHere();
  const keys = (value: string) => ({ column: "file_path", values: [value, "/bin/sh"] });
  const large = await ask(collectors, keys(path));
  assertEquals(large.outcome.status, "partial");
  assertMatch(String("reason" in large.outcome && large.outcome.reason), /at most 67108864 are sc/);
  const bomb = { name: "bomb.yar", text: "rule b { strings: $a = /(a+)+b/ condition: $a }" };
  const endless = {
    name: "endless.yar",
    text: "rule e { condition: for all i in (1..99999999999999): ( i > 0 ) }",
  };
  const always = { name: "always.yar", text: "rule always { condition: true }" };
  for (const resource of [bomb, endless]) {
    const { outcome } = await ask(collectors, keys(letters), [resource]);
    assertEquals(outcome.status, "partial");
    assertMatch(String("reason" in outcome && outcome.reason), /YARA took more than/);
    const { rows } = await ask(collectors, keys(letters), [always]);
    assertEquals(rows.map(({ values }) => values.rule_name), ["always", "always"]);
  }
  const broken = await ask(collectors, keys(letters), [{ name: "x.yar", text: "rule" }]);
  assertEquals(broken.outcome.status, "partial");
  assertMatch(String("reason" in broken.outcome && broken.outcome.reason), /syntax error/);
});

/** Rules of several kinds, some of which many programs match. */
const RULES = `import "elf" import "math" import "hash"
rule elf_file { condition: uint32(0) == 0x464c457f }
rule shared_object { condition: elf.type == elf.ET_DYN }
rule script { strings: $a = /^#![ ]*\\/[a-z\\/]+/ condition: $a at 0 }
rule text_of_usage { strings: $a = "usage" nocase ascii wide fullword condition: #a > 2 }
rule random { condition: math.entropy(0, filesize) > 6.2 }
rule networked { strings: $a = "connect" $b = "socket" condition: all of them }
rule bytes_of_call { strings: $a = { e8 ?? ?? ?? ?? 48 89 c? [0-4] 48 } condition: $a }
private rule small { condition: filesize < 40KB }
rule small_elf { condition: small and elf_file }
rule copyright { strings: $a = /Copyright \\(C\\) 20[0-9]{2}/ condition: $a }`;

testWith(
  { ...linux, yara: has("yara"), find: has("find") },
  "yara_matches tells of the machine's programs what yara tells",
  async () => {
    using folder = folderIn();
    const values = sample(foundFiles(PROGRAM_FOLDERS, "-size", "-16M"), 40);
    const rules = `${folder.path}/rules.yar`;
    await Deno.writeTextFile(rules, RULES);
    await using collectors = await openHere();
    const { rows, outcome } = await drain(
      collectors.collect({
        table: "yara_matches",
        project: PROJECT,
        keys: { column: "file_path", values },
        resources: [{ name: "rules.yar", text: RULES }],
        deadline: 600_000,
      }),
    );
    assertEquals(outcome, { status: "complete" });
    const ours = rows.map(({ values: { rule_name, file_path, match_count } }) =>
      `${rule_name} ${file_path} ${match_count}`
    );
    const theirs: string[] = [];
    for (const path of values) {
      let [rule, count] = ["", 0];
      const add = () => rule && theirs.push(`${rule} ${path} ${count}`);
      for (const line of output("yara", "-w", "-s", rules, path).split("\n")) {
        if (/^0x[0-9a-f]+:\$/.test(line)) count++;
        else {
          add();
          [rule, count] = [line.split(" ")[0]!, 0];
        }
      }
    }
    assertEquals(ours.sort(), theirs.sort());
    console.log(`${values.length} files compared, ${ours.length} matches`);
  },
);
