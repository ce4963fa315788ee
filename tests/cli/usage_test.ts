import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { COMMANDS } from "../../cli/commands/mod.ts";
import { runCli } from "./run_cli.ts";

Deno.test("every command explains itself", async () => {
  const program = await runCli(["--help"]);
  assertEquals(program.code, 0);
  for (const [name, load] of COMMANDS) {
    const { flags } = await load();
    assertStringIncludes(program.stdout, name);
    const { code, stdout, stderr } = await runCli([name, "--help"]);
    assertEquals([code, stderr], [0, ""], name);
    for (const flag of Object.keys(flags)) assertStringIncludes(stdout, `--${flag}`);
  }
});

Deno.test("wrong usage is one clear line and status 2", async () => {
  const cases: readonly (readonly [string[], RegExp])[] = [
    [["scna"], /no command scna; did you mean scan/],
    [["scan", "--fromat", "json"], /unknown flag --fromat; the nearest is --format/],
    [["scan", "--format", "xml"], /--format xml: choose one of text, json, csv/],
    [["scan", "--format"], /--format needs a value/],
    [["scan", "/nowhere/at/all"], /\/nowhere\/at\/all does not exist/],
    [["query"], /"SQL" is missing/],
    [["schema", "processs"], /no table processs; did you mean processes/],
    [["schema", "nothing"], /no table nothing; daemoneye schema lists them/],
    [["frobnicate"], /no command frobnicate; See daemoneye --help/],
    [["scan", "--frobnicate"], /unknown flag --frobnicate; --help lists them/],
    [["rules", "enable", "no_such_rule"], /no detection no_such_rule/],
    [["alerts", "list", "--since", "soon"], /--since soon is neither a time nor a duration/],
    [["scan", "\x1b]0;evil\x07"], /\\x1b\]0;evil/],
  ];
  for (const [words, expected] of cases) {
    const { code, stdout, stderr } = await runCli(words);
    assertEquals(code, 2, words.join(" "));
    assertEquals(stdout, "");
    assertMatch(stderr, expected);
    assertEquals(stderr.trimEnd().split("\n").length, 1, stderr);
    assert(!/\bat .*\.ts:\d/.test(stderr), "no stack trace");
  }
});
