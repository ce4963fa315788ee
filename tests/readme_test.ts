import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { readSettings } from "../config/mod.ts";
import { ROOT, runCli, temporaryFolder } from "./cli/run_cli.ts";

/** The fenced blocks of a language in README.md. */
function blocks(language: string): string[] {
  const readme = Deno.readTextFileSync(join(ROOT, "README.md"));
  return [...readme.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, "g"))].map((
    [, text],
  ) => text!);
}

Deno.test("the detection of the README lints, and its fixtures pass", async () => {
  await using folder = await temporaryFolder();
  const [detection] = blocks("sql");
  const fixtures = blocks("yaml").filter((text) => text.startsWith("case:"));
  assertEquals(fixtures.length, 2);
  const cases = join(folder.path, "fixtures", "example");
  await Deno.mkdir(join(folder.path, "detections"));
  await Deno.mkdir(cases, { recursive: true });
  await Deno.writeTextFile(join(folder.path, "detections", "example.sql"), detection!);
  for (const [index, text] of fixtures.entries()) {
    await Deno.writeTextFile(join(cases, `${index}.yaml`), text);
  }
  const lint = await runCli(["lint", folder.path, "--format", "json"]);
  assertEquals([lint.code, JSON.parse(lint.stdout).errors], [0, 0], lint.stdout);
  const test = await runCli(["test", folder.path]);
  assertEquals(test.code, 0, test.stdout);
  assert(test.stdout.endsWith("2 passed, 0 failed\n"), test.stdout);
});

Deno.test("the configuration of the README is one", () => {
  const [configuration, ...others] = blocks("yaml").filter((text) => !text.startsWith("case:"));
  assertEquals(others, []);
  const { diagnostics } = readSettings(configuration!, "daemoneye.yaml");
  assertEquals(diagnostics, []);
});

Deno.test("the commands of the README are tasks, and its links lead somewhere", () => {
  const readme = Deno.readTextFileSync(join(ROOT, "README.md"));
  const { tasks } = JSON.parse(Deno.readTextFileSync(join(ROOT, "deno.json")));
  const named = [...readme.matchAll(/deno(?:@[\d.]+)? task ([a-z:]+)/g)].map(([, name]) => name!);
  assert(named.length > 5);
  assertEquals(named.filter((name) => !(name in tasks)), []);
  const links = [...readme.matchAll(/\]\(([^)#:]+)\)/g)].map(([, path]) => path!);
  for (const path of links) assert(Deno.statSync(join(ROOT, path)), path);
});
