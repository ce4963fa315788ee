import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { dirname, join } from "@std/path";
import { ROOT, temporaryFolder } from "../cli/run_cli.ts";
import { has, isLinux, testWith } from "./support.ts";

const TEXT = Deno.readTextFileSync(join(ROOT, "docs", "collectors.md"));

/** The blocks that belong to a file, in their order. */
const BLOCKS = [...TEXT.matchAll(/^```(\w+) (\S+)\n([\s\S]*?)^```$/gm)].map((
  [, language, path, text],
) => ({ language: language!, path: path!, text: text! }));

/** Copies what the toolkit is made of. */
async function copyToolkit(to: string): Promise<void> {
  const skipped = [".git", "tests", "bench", "docs", "fixtures", "detections", "coverage"];
  const copy = async (from: string, to: string) => {
    await Deno.mkdir(to, { recursive: true });
    for await (const { name, isDirectory } of Deno.readDir(from)) {
      if (isDirectory) await copy(join(from, name), join(to, name));
      else await Deno.copyFile(join(from, name), join(to, name));
    }
  };
  for await (const { name, isDirectory } of Deno.readDir(ROOT)) {
    if (skipped.includes(name)) continue;
    if (isDirectory) await copy(join(ROOT, name), join(to, name));
    else await Deno.copyFile(join(ROOT, name), join(to, name));
  }
}

async function write(path: string, text: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(path, text);
}

/** Adds the lines that begin with `+` after the line above them. */
function apply(text: string, diff: string): string {
  let after = "";
  let changed = text;
  for (const line of diff.trimEnd().split("\n")) {
    const content = line.slice(1);
    if (line.startsWith("+")) {
      changed = changed.replace(`${after}\n`, `${after}\n${content}\n`);
    } else {
      const found = changed.split("\n").filter((one) => one.startsWith(content));
      assertEquals(found.length, 1, `one line begins with ${content}`);
      after = found[0]!;
    }
  }
  return changed;
}

async function daemoneye(folder: string, ...words: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-P=host", "--config=deno.json", "cli/main.ts", ...words],
    cwd: folder,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** The names that are resolved by a file on this host, as the file says it. */
const NAMES = Deno.readTextFileSync("/etc/hosts").split("\n")
  .map((line) => line.split("#")[0]!.split(/\s+/).filter(Boolean))
  .flatMap(([address, ...names]) => names.map((name) => ({ name, address })));

async function query(folder: string, columns: string) {
  const sql = `SELECT ${columns} FROM static_hosts`;
  const { code, stdout, stderr } = await daemoneye(folder, "query", sql, "--format=json");
  assertEquals(code, 0, stderr);
  return JSON.parse(stdout);
}

testWith(
  { Linux: isLinux, getent: has("getent") },
  "the collector that docs/collectors.md writes compiles, collects and is tested",
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    await copyToolkit(path);
    for (const { language, path: file, text } of BLOCKS) {
      if (file.startsWith("tool/")) continue;
      const at = join(path, file);
      await write(at, language === "diff" ? apply(await Deno.readTextFile(at), text) : text);
    }
    const check = await new Deno.Command(Deno.execPath(), {
      args: ["check", "-q", "collectors/mod.ts", "collectors/hostmond/linux.ts"],
      cwd: path,
      stderr: "piped",
    }).output();
    assert(check.success, new TextDecoder().decode(check.stderr));

    const { rows, partial } = await query(path, "name, address");
    assert(NAMES.length > 0);
    assertEquals([rows, partial], [NAMES, null]);

    const tested = await daemoneye(path, "test", "detections");
    assertEquals(tested.code, 0, tested.stdout + tested.stderr);
    assertStringIncludes(tested.stdout, "1 passed, 0 failed");

    const state = `--state=${join(path, "state.kv")}`;
    const scanned = await daemoneye(path, "scan", "detections", "--format=json", state);
    assertEquals(scanned.code, 0, scanned.stderr);
    assertEquals(JSON.parse(scanned.stdout.trim()).not_evaluated, []);
    const shown = await daemoneye(path, "collectors", state);
    assertStringIncludes(shown.stdout, "permissions   read /etc/hosts");

    for (const { path: file, text } of BLOCKS) {
      if (file.startsWith("tool/")) await write(join(path, file.slice("tool/".length)), text);
    }
    const told = await query(path, "name, address");
    const sorted = (list: readonly object[]) => list.map((one) => JSON.stringify(one)).sort();
    const names = new Set(sorted(told.rows));
    assert(NAMES.some((one) => names.has(JSON.stringify(one))), JSON.stringify(told));
    const lines = await daemoneye(path, "query", "SELECT line FROM static_hosts");
    assertStringIncludes(lines.stderr, "static_hosts: line not collected");
  },
);

Deno.test("a collector of docs/collectors.md is less than 60 lines", () => {
  for (const prefix of ["collectors/", "tool/collectors/"]) {
    const files = BLOCKS.filter(({ path }) => path.startsWith(`${prefix}hostmond/`));
    const lines = files.reduce((sum, { text }) => sum + text.split("\n").length - 1, 0);
    assert(files.length === 2 && lines < 60, `${prefix}: ${lines}`);
  }
});

Deno.test("docs/collectors.md names every permission and every message", async () => {
  const core = (file: string) => Deno.readTextFile(join(ROOT, "collectors", "core", file));
  const [, permissions] = /interface CollectorPermissions \{([\s\S]*?)^\}/m.exec(
    await core("collector.ts"),
  )!;
  const names = [...permissions!.matchAll(/readonly (\w+)\?/g)].map(([, name]) => name!);
  assert(names.length > 5);
  for (const name of names) assertStringIncludes(TEXT, `| \`${name}: `);
  const messages = [...(await core("messages.ts")).matchAll(/readonly type: "(\w+)"/g)];
  assert(messages.length > 8);
  for (const [, name] of messages) assertStringIncludes(TEXT, `\`${name}\``);
});
