import { assertEquals, assertRejects } from "@std/assert";
import { join, toFileUrl } from "@std/path";
import { UsageError } from "../../cli/command.ts";
import { toolkitFolder, toolkitOrigin, toolkitPath } from "../../cli/init/toolkit.ts";
import { repositoryConfig } from "../../cli/init/config.ts";
import { repository } from "./repository.ts";
import { ROOT } from "./run_cli.ts";

const COMMIT = "0123456789abcdef0123456789abcdef01234567";

Deno.test("toolkitPath() is relative where both can be moved together, else absolute", () => {
  assertEquals(toolkitPath("/home/me/daemoneye", "/home/me/work/rules"), "../../daemoneye");
  assertEquals(toolkitPath("/home/me/my tools", "/home/me/rules"), "../my tools");
  assertEquals(toolkitPath("/opt/daemoneye", "/home/me/rules"), "/opt/daemoneye");
  assertEquals(toolkitPath("/home/me/daemoneye", "/home/me/daemoneye/ours"), "..");
});

Deno.test("toolkitFolder() takes folders and file URLs of a clone, and nothing else", async () => {
  const root = await Deno.realPath(ROOT);
  assertEquals(await toolkitFolder(undefined), root);
  assertEquals(await toolkitFolder(ROOT), root);
  assertEquals(await toolkitFolder(toFileUrl(ROOT).href), root);
  for (const given of ["/nowhere", "jsr:@daemoneye/daemoneye", "https://example.com/"]) {
    await assertRejects(() => toolkitFolder(given), UsageError);
  }
});

Deno.test("toolkitOrigin() reads the origin on GitHub and the commit of a clone", async () => {
  const origin = async (url: string, head: Readonly<Record<string, string>>) => {
    await using clone = await repository({
      ".git/config": `[core]\n\tbare = false\n[remote "other"]\n\turl = https://github.com/a/b\n` +
        `[remote "origin"]\n\turl = ${url}\n\tfetch = +refs/heads/*\n[branch "main"]\n\tremote = origin\n`,
      ...head,
    });
    return await toolkitOrigin(clone.path);
  };
  const found = { repository: "team/daemon-eye.js", ref: COMMIT };
  const branch = {
    ".git/HEAD": "ref: refs/heads/main\n",
    ".git/refs/heads/main": `${COMMIT}\n`,
  };
  assertEquals(await origin("https://github.com/team/daemon-eye.js.git", branch), found);
  assertEquals(await origin("git@github.com:team/daemon-eye.js.git", branch), found);
  assertEquals(
    await origin("https://github.com/team/daemon-eye.js", { ".git/HEAD": `${COMMIT}\n` }),
    found,
  );
  assertEquals(
    await origin("https://github.com/team/daemon-eye.js", {
      ".git/HEAD": "ref: refs/heads/main\n",
      ".git/packed-refs": `# pack-refs\n${COMMIT} refs/heads/main\n`,
    }),
    found,
  );
  assertEquals(await origin("https://example.com/team/daemon-eye.js", branch), undefined);
  assertEquals(
    await origin("https://github.com/team/x", { ".git/HEAD": "ref: refs/heads/../../x\n" }),
    undefined,
  );
  assertEquals(await toolkitOrigin("/nowhere"), undefined);
});

Deno.test("repositoryConfig() quotes a toolkit's folder for the shell of tasks", async () => {
  await using folder = await repository({
    "it's $HOME/cli/main.ts": "console.log('found', ...Deno.args)",
  });
  const toolkit = join(folder.path, "it's $HOME");
  const config = JSON.parse(repositoryConfig(toolkit));
  await Deno.writeTextFile(join(toolkit, "deno.json"), '{ "permissions": { "host": {} } }');
  const { tasks } = config;
  await Deno.writeTextFile(join(folder.path, "deno.json"), JSON.stringify({ tasks }));
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "-q", "lint", "a b"],
    cwd: folder.path,
  }).output();
  assertEquals(new TextDecoder().decode(stdout), "found lint . a b\n");
});
