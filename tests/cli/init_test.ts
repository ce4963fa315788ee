import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { parse } from "yaml";
import { GIT_IGNORE } from "../../cli/init/config.ts";
import { ROOT, runCli, temporaryFolder } from "./run_cli.ts";

const HAS_GIT = hasGit();

function hasGit(): boolean {
  try {
    return new Deno.Command("git", { args: ["--version"], stdout: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

/** Runs a program in a folder, with the Deno of this test first in the PATH and no settings of git but those of the folder. */
async function run(cwd: string, program: string, ...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args,
    cwd,
    stdin: "null",
    env: {
      PATH: `${join(Deno.execPath(), "..")}:${Deno.env.get("PATH")}`,
      NO_COLOR: "1",
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_SYSTEM: "/dev/null",
      GIT_AUTHOR_NAME: "New user",
      GIT_AUTHOR_EMAIL: "user@example.com",
      GIT_COMMITTER_NAME: "New user",
      GIT_COMMITTER_EMAIL: "user@example.com",
    },
  }).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

const DETECTION = "detections/execution/program_in_shared_memory.sql";
const FILES = [
  ".githooks/pre-commit",
  ".github/workflows/detections.yml",
  ".gitignore",
  ".vscode/detection.schema.json",
  ".vscode/extensions.json",
  ".vscode/front-matter.schema.json",
  ".vscode/settings.json",
  ".vscode/tasks.json",
  "README.md",
  "deno.json",
  DETECTION,
  "fixtures/program_in_shared_memory/fires.yaml",
  "fixtures/program_in_shared_memory/silent.yaml",
  "permissions.lock.json",
  "tests/detections_test.ts",
];

/** The files below a folder, sorted, without git's own. */
async function filesIn(folder: string, below = ""): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(join(folder, below))) {
    const path = below === "" ? name : `${below}/${name}`;
    if (name === ".git") continue;
    if (isDirectory) files.push(...await filesIn(folder, path));
    else files.push(path);
  }
  return files.sort();
}

Deno.test("init makes a repository that says what to do next", async () => {
  await using folder = await temporaryFolder();
  const { code, stdout, stderr } = await runCli(["init", "our rules/linux"], { cwd: folder.path });
  assertEquals([code, stderr], [0, ""]);
  const root = join(folder.path, "our rules", "linux");
  assertEquals(await filesIn(root), [...FILES].sort());
  assertEquals(
    stdout.split("\n").filter((line) => FILES.includes(line.trim())).length,
    FILES.length,
  );
  assertStringIncludes(stdout, "  cd 'our rules/linux'\n");
  assertStringIncludes(stdout, "  git config core.hooksPath .githooks ");
  assertStringIncludes(stdout, "  deno task lint\n  deno task test\n  deno task scan ");
  assertMatch(await Deno.readTextFile(join(root, "README.md")), /^# linux\n/);
  assertEquals((await Deno.stat(join(root, ".githooks", "pre-commit"))).mode! & 0o111, 0o111);
});

Deno.test("a new repository passes its own lint and tests, as a new user runs them", async () => {
  await using folder = await temporaryFolder();
  const root = join(folder.path, "our rules");
  assertEquals((await runCli(["init", root])).code, 0);
  const task = (...words: string[]) => run(root, "deno", "task", "-q", ...words);

  const lint = await task("lint", "--fail-on", "info");
  assertEquals([lint.code, lint.out], [0, "1 file: no faults\n"], lint.err);
  const test = await task("test", "--coverage", "--mutate", "--min-score", "100");
  assertEquals(test.code, 0, test.out + test.err);
  assertStringIncludes(test.out, "2 of 2 outcomes (100 %)");
  assert(test.out.endsWith("\n2 passed, 0 failed\n"), test.out);
  const lock = await task("lock");
  assertEquals([lock.code, lock.out], [0, "permissions.lock.json is as it was\n"]);
  const help = await task("daemoneye", "--help");
  assertStringIncludes(help.out, "Usage: daemoneye <command>");
  const own = await run(root, "deno", "test", "-q", "-A");
  assertEquals(own.code, 0, own.out + own.err);
  assertMatch(own.out, /program_in_shared_memory: a program in shared memory \.\.\. ok/);
  for (const words of [["fmt", "--check"], ["lint"]]) {
    const { code, err } = await run(root, "deno", ...words);
    assertEquals(code, 0, err);
  }
});

Deno.test({
  name: "the hook of a new repository keeps what does not pass from being committed",
  ignore: !HAS_GIT,
  fn: async () => {
    await using folder = await temporaryFolder();
    const root = folder.path;
    assertEquals((await runCli(["init", root])).code, 0);
    const git = (...words: string[]) => run(root, "git", ...words);
    await git("init", "-q");
    await git("config", "core.hooksPath", ".githooks");
    await git("add", "-A");
    const first = await git("commit", "-q", "-m", "first");
    assertEquals(first.code, 0, first.out + first.err);
    assertStringIncludes(first.out + first.err, "2 passed, 0 failed");
    assertEquals((await git("ls-files")).out.trimEnd().split("\n").sort(), [...FILES].sort());

    const detection = join(root, DETECTION);
    const text = await Deno.readTextFile(detection);
    const refused = async (changed: string, why: RegExp) => {
      await Deno.writeTextFile(detection, changed);
      const { code, out, err } = await git("commit", "-q", "-a", "-m", "worse");
      assertEquals(code, 1, out + err);
      assertMatch(out + err, why);
    };
    await refused(text.replace("executable_path GLOB", "executable_pth GLOB"), /unknown-column/);
    await refused(
      text.replace("/dev/shm/*", "/tmp/*"),
      /FAILED[^]*0 passed, 2 failed|1 passed, 1 failed/,
    );
    await refused(
      text.replace("command_line,", "command_line, environment_variables,"),
      /error\[widened-permissions\]/,
    );
    assertEquals((await git("rev-list", "--count", "HEAD")).out, "1\n");
  },
});

Deno.test("init overwrites nothing, and leaves other files alone", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await Deno.writeTextFile(join(path, "LICENSE"), "ours");
  await Deno.writeTextFile(join(path, "README.md"), "ours");
  await Deno.symlink("/nowhere", join(path, "deno.json"));
  const { code, stdout, stderr } = await runCli(["init", path]);
  assertEquals([code, stdout], [2, ""]);
  assertMatch(stderr, /already has README\.md, deno\.json; nothing was written/);
  assertEquals(await filesIn(path), ["LICENSE", "README.md", "deno.json"]);
  await Deno.remove(join(path, "README.md"));
  await Deno.remove(join(path, "deno.json"));
  assertEquals((await runCli(["init", path])).code, 0);
  assertEquals(await filesIn(path), [...FILES, "LICENSE"].sort());
  assertEquals(await Deno.readTextFile(join(path, "LICENSE")), "ours");
});

Deno.test("init says in a line why it cannot", async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "file");
  await Deno.writeTextFile(file, "");
  const cases: readonly (readonly [string[], RegExp])[] = [
    [[], /DIR is missing/],
    [[file], /file is no folder/],
    [[join(file, "below")], /below is no folder/],
    [[join(folder.path, "a"), "--toolkit", folder.path], /no clone of the toolkit at /],
    [
      [join(folder.path, "a"), "--toolkit", "https://example.com/x"],
      /from a disk; .*--toolkit DIR/,
    ],
    [[join(folder.path, "a"), "--source", "main"], /--source main: write OWNER\/NAME@REF/],
  ];
  for (const [words, expected] of cases) {
    const { code, stdout, stderr } = await runCli(["init", ...words]);
    assertEquals([code, stdout], [2, ""], words.join(" "));
    assertMatch(stderr, expected);
    assertEquals(stderr.trimEnd().split("\n").length, 1, stderr);
  }
  assertEquals(await filesIn(folder.path), ["file"]);
});

Deno.test("every new repository has a detection with an id of its own", async () => {
  await using folder = await temporaryFolder();
  const ids: string[] = [];
  for (const name of ["a", "b"]) {
    await runCli(["init", name, "--source", "team/tools@v1.2"], { cwd: folder.path });
    const text = await Deno.readTextFile(join(folder.path, name, DETECTION));
    ids.push(/^id: (\S+)$/m.exec(text)![1]!);
  }
  assert(ids[0] !== ids[1]);
});

Deno.test("the workflow of a new repository uses the action of the toolkit that is named, at fixed commits", async () => {
  await using folder = await temporaryFolder();
  const workflowOf = async (...words: string[]) => {
    const root = join(folder.path, crypto.randomUUID());
    const { stdout } = await runCli(["init", root, ...words]);
    const text = await Deno.readTextFile(join(root, ".github", "workflows", "detections.yml"));
    return { stdout, text, steps: parse(text).jobs.detections.steps };
  };
  const { text, steps } = await workflowOf("--source", "team/tools@v1.2");
  assertEquals(
    [steps[1].with.repository, steps[1].with.ref, steps[1].with.path, steps[2].uses],
    ["team/tools", "v1.2", ".daemoneye", "./.daemoneye"],
  );
  assertEquals(parse(text).permissions, { contents: "read" });
  for (const { uses } of steps.slice(0, 2)) assertMatch(uses, /@[0-9a-f]{40}$/);
  const action = parse(await Deno.readTextFile(join(ROOT, "action.yml")));
  const inputs = Object.keys(steps[2].with);
  assertEquals(inputs.filter((name) => !(name in action.inputs)), []);
});

Deno.test("the editor files of a new repository are those of docs/editor.md", async () => {
  await using folder = await temporaryFolder();
  await runCli(["init", folder.path]);
  const page = await Deno.readTextFile(join(ROOT, "docs", "editor.md"));
  const documented = [...page.matchAll(/```json\n([^]*?)```/g)].map(([, text]) =>
    JSON.parse(text!)
  );
  const read = async (name: string) =>
    JSON.parse(await Deno.readTextFile(join(folder.path, ".vscode", name)));
  const [tasks, schema, settings] = documented;
  assertEquals(await read("detection.schema.json"), schema);
  assertEquals((await read("settings.json"))["yaml.schemas"], settings["yaml.schemas"]);
  assertEquals((await read("tasks.json")).tasks[0].problemMatcher, tasks.tasks[0].problemMatcher);
  const printed = await runCli(["schema", "--front-matter"]);
  assertEquals(await read("front-matter.schema.json"), JSON.parse(printed.stdout));
});

Deno.test("a new repository keeps stores out of git", () => {
  assertEquals(GIT_IGNORE.split("\n").slice(0, 3), ["*.kv", "*.kv-shm", "*.kv-wal"]);
});
