import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
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

const EXAMPLE = "detections/impact/miner_command_line.sql";

Deno.test({
  name: "output that cannot be written is told of, and is no fault of the program",
  ignore: Deno.build.os !== "linux",
}, async () => {
  const { stdout } = await new Deno.Command("sh", {
    args: [
      "-c",
      `"$0" run -q -P=host cli/main.ts schema 2>&1 >/dev/full; echo $?`,
      Deno.execPath(),
    ],
    cwd: fromFileUrl(new URL("../..", import.meta.url)),
  }).output();
  const text = new TextDecoder().decode(stdout);
  assertMatch(text, /^daemoneye schema: the output cannot be written: the disk is full\n3\n$/);
});

Deno.test("wrong usage is one clear line and status 2", async () => {
  const cases: readonly (readonly [string[], RegExp])[] = [
    [["scna"], /no command scna; did you mean scan/],
    [["scan", "--fromat", "json"], /unknown flag --fromat; the nearest is --format/],
    [["scan", "--format", "xml"], /--format xml: choose one of text, json, csv/],
    [["scan", "--format"], /--format needs a value/],
    [["scan", "/nowhere/at/all"], /\/nowhere\/at\/all does not exist/],
    [["agent", "/nowhere/at/all", "--check-config"], /agent: \/nowhere\/at\/all does not exist/],
    [["backtest", EXAMPLE, "--recorded", "/nowhere/at/all"], /: \/nowhere\/at\/all does not exist/],
    [["record", "--tables", "users", "--out", "/dev/stdout"], /\/dev\/stdout .* without --out/],
    [["query"], /"SQL" is missing/],
    [["schema", "processs"], /no table processs; did you mean processes/],
    [["schema", "nothing"], /no table nothing; daemoneye schema lists them/],
    [["frobnicate"], /no command frobnicate; see daemoneye --help/],
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
