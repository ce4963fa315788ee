import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { canConfine, isLinux, testWith } from "../collectors/support.ts";
import { runCli, temporaryFolder } from "./run_cli.ts";

const needs = { Linux: isLinux };

testWith(
  needs,
  "collectors shows who reads this host, what holds them, and how they fared",
  async () => {
    await using folder = await temporaryFolder();
    const state = `--state=${folder.path}/state.kv`;
    const before = await runCli(["collectors", state]);
    assertEquals(before.code, 0, before.stderr);
    assertMatch(before.stdout, /^procmond\n {2}state +starts\n/);
    assertMatch(before.stdout, /\n {2}permissions +look at processes, without opening/);
    assertMatch(before.stdout, /\n {2}last scan +took no part\n/);

    assertEquals((await runCli(["scan", state])).code, 0);
    const after = await runCli(["collectors", state, "--format=json"]);
    assertEquals(after.code, 0, after.stderr);
    const { collectors } = JSON.parse(after.stdout);
    // deno-lint-ignore no-explicit-any
    const procmond = collectors.find(({ name }: any) => name === "procmond");
    assertEquals(Object.keys(procmond).toSorted(), [
      "confinement",
      "confinement_reason",
      "kind",
      "lacks",
      "last_scan",
      "name",
      "permissions",
      "state",
      "tables",
    ]);
    assertEquals(procmond.state, "running");
    assertEquals(procmond.confinement, canConfine() ? "namespaces" : "none");
    assert(procmond.tables.includes("processes"));
    const { scan_id, rows, dropped } = procmond.last_scan;
    assertEquals([scan_id, dropped], [1, 0]);
    assert(rows > 0);
  },
);

testWith(needs, "collectors says what is not confined, and why", async () => {
  await using folder = await temporaryFolder();
  const { code, stdout } = await runCli([
    "collectors",
    `--state=${folder.path}/state.kv`,
    "--confinement=off",
  ]);
  assertEquals(code, 0);
  assertStringIncludes(stdout, "none (confinement is switched off)");
});
