import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { runCli, temporaryFolder } from "./run_cli.ts";

Deno.test({
  name: "a path that a command cannot write to is told of with why, and with a next step",
  ignore: Deno.build.os !== "linux",
}, async () => {
  await using folder = await temporaryFolder();
  const state = join(folder.path, "state.kv");
  const file = join(folder.path, "file");
  const [none, below] = [join(folder.path, "none", "x"), join(file, "x")];
  await Deno.writeTextFile(file, "");
  const exported = (out: string) => ["alerts", "export", "--state", state, "--out", out];
  const recorded = (out: string) => ["record", "--tables", "users", "--force", "--out", out];
  const cases: readonly (readonly [string[], number, string])[] = [
    [exported("/dev/stdout"), 2, "/dev/stdout cannot be opened; without --out the result"],
    [exported("/proc/x"), 2, "/proc/x cannot be written: Deno lets no program"],
    [exported(none), 3, `${none} cannot be written: there is no such file or folder; `],
    [
      exported(below),
      3,
      `${below} cannot be written: what should be a folder above it is a file; `,
    ],
    [exported(file), 3, `${file} cannot be written: it exists already; `],
    [recorded("/dev/stdout"), 2, "/dev/stdout cannot be opened; without --out the result"],
    [recorded(`${folder.path}/`), 3, `${folder.path}/ cannot be written: it is a folder; `],
    [["scan", "--state", "/proc/x"], 3, "the store /proc/x cannot be opened: Deno lets no program"],
    [["init", "/proc/x"], 3, "/proc/x cannot be made: Deno lets no program"],
    [["install-service", "--root", "/proc/x"], 3, "cannot be written: Deno lets no program"],
    [["explain", "--permissions", "--write-lock", "/proc"], 2, "/proc cannot be read: Deno lets"],
  ];
  for (const [words, code, message] of cases) {
    const result = await runCli([...words, "--no-color"]);
    const said = result.stderr.trimEnd();
    assert(said.includes(message), `${words.join(" ")}: ${said}`);
    assertEquals([result.code, said.split("\n").length], [code, 1], said);
    assertMatch(said, / without --out |; (take|name|check|see) /);
    assert(!/os error|run again|--allow/.test(said), said);
  }
});
