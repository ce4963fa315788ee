import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { budgetOf, grantsOf } from "../../../compiler/permissions/grants.ts";
import { lockText, parseLock } from "../../../compiler/permissions/lock.ts";
import { compiled, OPTIONS } from "./support.ts";

const BUDGET = budgetOf(
  grantsOf(compiled("SELECT pid, environment_variables FROM processes"), OPTIONS),
);
const TEXT = lockText(BUDGET);

Deno.test("parseLock() reads what lockText() writes, and knows where everything stands", () => {
  const lock = parseLock(TEXT, "permissions.lock.json");
  assertEquals([lock.budget, lock.diagnostics], [BUDGET, []]);
  const textAt = (...path: string[]) => {
    const { start, end } = lock.spanOf(path);
    return TEXT.slice(start, end);
  };
  assertEquals(textAt("linux", "procmond"), '"procmond"');
  assertEquals(
    textAt("linux", "procmond", "privileged_columns", "processes.environment_variables"),
    '"processes.environment_variables"',
  );
  assertEquals(textAt("linux", "elsewhere"), '"linux"', "the nearest that there is");
});

Deno.test("lockText() has a line for each grant", () => {
  const lines = TEXT.split("\n").map((line) => line.trim());
  assertStringIncludes(lines.join("\n"), '\n"processes.environment_variables"\n');
  assertEquals(TEXT.endsWith("}\n"), true);
});

const DAMAGED: readonly (readonly [string, string, RegExp, number])[] = [
  ["nothing", "", /it is empty/, 1],
  ["half of it", TEXT.slice(0, 120), /it is not JSON/, 8],
  ["a list", "[1]", /it is no lock: .*expected object/, 1],
  ["another version", TEXT.replace('"version": 1', '"version": 2'), /`version`: .*expected 1/, 2],
  ["an unknown platform", TEXT.replace('"linux"', '"plan9"'), /[Uu]nrecognized key: "plan9"/, 1],
  [
    "a text for a list",
    TEXT.replace('"triggers": []', '"triggers": ""'),
    /`linux.procmond.triggers`/,
    14,
  ],
  ["a section less", TEXT.replace(/,\s*"triggers": \[\]/, ""), /`linux.procmond.triggers`/, 4],
  [
    "a merge conflict",
    TEXT.replace('      "tables"', '<<<<<<< ours\n      "tables"'),
    /a merge conflict is not resolved/,
    8,
  ],
  ["a bomb", "[".repeat(100_000), /it is not JSON/, 1],
];

for (const [what, text, message, line] of DAMAGED) {
  Deno.test(`parseLock() of ${what} is a fault at its line`, () => {
    const { budget, diagnostics } = parseLock(text, "permissions.lock.json");
    assertEquals(budget, null);
    assertEquals(diagnostics.map(({ code, file }) => [code, file]), [
      ["invalid-lock", "permissions.lock.json"],
    ]);
    assertMatch(diagnostics[0]!.message, message);
    assertEquals(diagnostics[0]!.line, line);
    assertStringIncludes(diagnostics[0]!.hint!, "--write-lock");
  });
}
