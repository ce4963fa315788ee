import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import { UsageError } from "../../cli/command.ts";
import { explain } from "../../cli/commands/explain.ts";
import { lint } from "../../cli/commands/lint.ts";
import { permissionTerms } from "../../collectors/permissions.ts";
import { parseLock } from "../../compiler/permissions/lock.ts";
import { ran, repository } from "./repository.ts";
import { ROOT, runCli } from "./run_cli.ts";

/** A detection that lint finds no fault with, but for the fixtures that it has not. */
function detection(number: number, sql: string, platforms = "linux"): string {
  return `---
id: 5a2f1c3e-8b7d-4e6f-9a01-00000000000${number}
title: Detection of a test number ${number}
description: What a test of locks is about.
status: deprecated
severity: medium
platforms: [${platforms}]
---
${sql}
`;
}

const NAMES = detection(1, "SELECT pid, process_key, name FROM processes WHERE name = 'xmrig'");
const ENVIRONMENT = detection(
  2,
  "SELECT pid, process_key, environment_variables\nFROM processes\nWHERE name = 'sshd'",
);
const LOCK = "permissions.lock.json";

/** What lint says, by place and code. */
async function found(path: string, ...words: string[]): Promise<string[]> {
  const { out } = await ran(lint, [path, "--format", "json", ...words]);
  const { diagnostics } = JSON.parse(out);
  return diagnostics.map((
    { file, line, column, code }: { file: string; line: number; column: number; code: string },
  ) => `${file}:${line}:${column} ${code}`);
}

const writeLock = (path: string) => ran(explain, ["--permissions", "--write-lock", path]);
const checkLock = (path: string) => ran(explain, ["--permissions", "--check-lock", path]);

Deno.test("explain --write-lock writes what a repository's detections need, and says so", async () => {
  await using folder = await repository({ "detections/a/names.sql": NAMES });
  const { code, out } = await writeLock(folder.path);
  const terms = [...new Set(permissionTerms("procmond", "linux"))].sort();
  assertEquals([code, ...out.replaceAll(`${folder.path}/`, "").split("\n")], [
    0,
    ...terms.map((term) => `+ linux procmond: permission ${term}`),
    "+ linux procmond: table processes",
    "permissions.lock.json is written",
    "",
  ]);
  const text = await Deno.readTextFile(join(folder.path, LOCK));
  assertEquals(JSON.parse(text).linux.procmond.tables, ["processes"]);
  const again = await writeLock(join(folder.path, "detections", "a", "names.sql"));
  assertMatch(again.out, /^\S*permissions\.lock\.json is as it was\n$/);
  assertEquals(await Deno.readTextFile(join(folder.path, LOCK)), text, "from whatever path");
});

Deno.test("lint fails where a change makes hosts grant more, at the place that does", async () => {
  await using folder = await repository({ "detections/names.sql": NAMES });
  assertEquals((await ran(lint, [folder.path])).code, 0, "without a lock");
  await writeLock(folder.path);
  assertEquals((await ran(lint, [folder.path])).code, 0, "as it was locked");
  await Deno.writeTextFile(join(folder.path, "detections", "environment.sql"), ENVIRONMENT);
  const { code, out } = await ran(lint, [folder.path]);
  assertEquals([code, out.replaceAll(folder.path, "FOLDER")], [
    1,
    `error[widened-permissions]: this makes Linux hosts read \`processes.environment_variables\`, kept from ordinary users, which permissions.lock.json does not grant
 --> FOLDER/detections/environment.sql:9:26
  |
9 | SELECT pid, process_key, environment_variables
  |                          ^^^^^^^^^^^^^^^^^^^^^
  = hint: daemoneye explain --permissions --write-lock FOLDER makes the lock fit; let those who answer for the hosts review it

1 error`.replace("1 error", "2 files: 1 error\nEach code is explained in docs/diagnostics.md.\n"),
  ]);
  const accepted = await writeLock(folder.path);
  assertMatch(
    accepted.out,
    /^\+ linux procmond: privileged column processes.environment_variables\n/,
  );
  assertEquals((await ran(lint, [folder.path])).code, 0, "as it was accepted");
});

Deno.test("lint warns of a lock that is wider than needed, if it has seen every detection", async () => {
  await using folder = await repository({
    "detections/a/names.sql": NAMES,
    "detections/b/environment.sql": ENVIRONMENT,
  });
  await writeLock(folder.path);
  assertEquals(await found(join(folder.path, "detections", "a")), []);
  await Deno.remove(join(folder.path, "detections", "b"), { recursive: true });
  const lock = join(folder.path, LOCK);
  const lines = (await Deno.readTextFile(lock)).split("\n");
  const line = 1 + lines.findIndex((line) => line.includes('"processes.environment_variables"'));
  assertEquals(await found(folder.path), [`${lock}:${line}:9 unused-permissions`]);
  assertEquals((await ran(lint, [folder.path])).code, 0, "a warning");
  const text = (await ran(lint, [folder.path])).out;
  assertStringIncludes(
    text,
    `${line} |         "processes.environment_variables"
`,
    "with its line",
  );
  await Deno.writeTextFile(join(folder.path, "detections", "a", "broken.sql"), "SELECT");
  assertEquals(
    (await found(folder.path)).filter((one) => one.includes("permissions")),
    [],
    "unsure",
  );
});

Deno.test("the nearest lock counts, for what lies in detections/ beside it", async () => {
  await using folder = await repository({
    "detections/names.sql": NAMES,
    "detections/inner/environment.sql": ENVIRONMENT,
    "elsewhere/other.sql": ENVIRONMENT.replace("000002", "000003"),
  });
  const inner = join(folder.path, "detections", "inner");
  await Deno.writeTextFile(join(inner, LOCK), '{ "version": 1 }');
  await writeLock(folder.path);
  const { linux } = JSON.parse(await Deno.readTextFile(join(folder.path, LOCK)));
  assertEquals(linux.procmond.privileged_columns, [], "the inner one has a lock of its own");
  assertEquals(await found(folder.path), [
    `${join(inner, "environment.sql")}:10:6 widened-permissions`,
  ]);
  assertEquals(await found(join(folder.path, "elsewhere")), []);
  await writeLock(inner);
  assertEquals(await found(folder.path), []);
});

Deno.test("a damaged lock is an error with its line, and is mended by writing it anew", async () => {
  await using folder = await repository({
    "detections/names.sql": NAMES,
    [LOCK]: '{\n  "version": 1,\n  "linux": 5\n}\n',
  });
  assertEquals(await found(folder.path), [`${join(folder.path, LOCK)}:3:3 invalid-lock`]);
  assertEquals((await ran(lint, [folder.path])).code, 1);
  const check = await checkLock(folder.path);
  assertEquals(check.code, 1);
  assertMatch(check.out, /permissions\.lock\.json is damaged\n$/);
  await writeLock(folder.path);
  assertEquals(await found(folder.path), []);
});

Deno.test("explain --check-lock fails where the lock is missing, wider or narrower", async () => {
  await using folder = await repository({ "detections/names.sql": NAMES });
  const check = async () => {
    const { code, out } = await checkLock(folder.path);
    return [code, out.split("\n").at(-2)!.replaceAll(`${folder.path}/`, "")];
  };
  assertEquals(await check(), [1, `${LOCK} does not exist`]);
  assertEquals([...Deno.readDirSync(folder.path)].length, 1, "nothing is written");
  await writeLock(folder.path);
  assertEquals(await check(), [0, `${LOCK} fits`]);
  await Deno.writeTextFile(join(folder.path, "detections", "environment.sql"), ENVIRONMENT);
  assertEquals(await check(), [1, `${LOCK} does not fit`]);
  await writeLock(folder.path);
  await Deno.remove(join(folder.path, "detections", "environment.sql"));
  assertEquals(await check(), [1, `${LOCK} does not fit`]);
});

Deno.test("explain --write-lock refuses what it cannot know", async () => {
  await using folder = await repository({
    "one/detections/names.sql": NAMES,
    "other/detections/broken.sql": NAMES.replace("FROM processes", "FROM procs_"),
  });
  const [one, other] = [join(folder.path, "one"), join(folder.path, "other")];
  const broken = await runCli(["explain", "--permissions", "--write-lock", other]);
  assertEquals([broken.code, broken.stdout], [1, ""]);
  assertMatch(broken.stderr, /no table `procs_`[^]*the lock stays as it is\n$/);
  assertEquals([...Deno.readDirSync(other)].map(({ name }) => name), ["detections"]);
  const refused = (...words: string[]) => assertRejects(() => ran(explain, words), UsageError);
  await refused("--write-lock", one);
  await refused("--permissions", "--write-lock", "--check-lock", one);
  await refused("--permissions", "--write-lock", join(folder.path, "nowhere"));
  await refused("--permissions", "--write-lock", "--format", "json", one);
  await refused("--permissions", "--write-lock", one, other);
});

Deno.test("explain --permissions shows what the lock would have", async () => {
  await using folder = await repository({ "detections/environment.sql": ENVIRONMENT });
  const { out } = await ran(explain, ["--permissions", folder.path]);
  assertMatch(
    out,
    /tables: processes\n {2}kept from ordinary users: processes\.environment_variables\n/,
  );
  const json = await ran(explain, ["--permissions", "--format", "json", folder.path]);
  const { permissions, grants } = JSON.parse(json.out);
  assertEquals(permissions[0].privileged_columns, ["processes.environment_variables"]);
  assertEquals(permissions[0].detections, ["environment"]);
  await writeLock(folder.path);
  const lock = JSON.parse(await Deno.readTextFile(join(folder.path, LOCK)));
  assertEquals({ version: 1, ...grants }, lock);
});

Deno.test("the shipped detections need what their lock grants, no more and no less", async () => {
  const { code, out } = await checkLock(ROOT);
  assertEquals(code, 0, `${out}run: deno task daemoneye explain --permissions --write-lock .`);
  assert(out.endsWith(`${LOCK} fits\n`));
});

Deno.test("docs/permissions.md shows a lock, and a fault as lint shows it", async () => {
  const page = await Deno.readTextFile(join(ROOT, "docs", "permissions.md"));
  const block = (language: string) =>
    new RegExp(`\\n\`\`\`${language}\\n([^]*?)\`\`\``).exec(page)![1]!;
  assertEquals(parseLock(block("json"), LOCK).diagnostics, []);

  await using folder = await repository({});
  const { path } = folder;
  assertEquals((await runCli(["init", path])).code, 0);
  const shown = block("text");
  const [, file, select] = /--> (\S+?):[^]*\| (SELECT .*)\n/.exec(shown)!;
  const text = await Deno.readTextFile(join(path, file!));
  await Deno.writeTextFile(join(path, file!), text.replace(/^SELECT .*$/m, select!));
  const { code, stdout } = await runCli(["lint", "."], { cwd: path });
  assertEquals([code, stdout.slice(0, shown.length)], [1, shown]);

  const commands = block("sh").split("\n").filter((line) => line !== "");
  assertEquals(commands.length, 3);
  const codes: number[] = [];
  for (const command of commands) {
    const words = command.split("#")[0]!.trim().split(" ");
    assertEquals(words.shift(), "daemoneye");
    codes.push((await runCli(words, { cwd: path })).code);
  }
  assertEquals(codes, [0, 0, 0]);
});
