import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { runCli, temporaryFolder } from "./run_cli.ts";

const CASE = `case: two moments
platform: macos
steps:
  - at: 2026-01-01T00:00:00Z
    tables:
      processes:
        - { pid: 1, name: init }
      users:
        - { user_name: root }
    expect: { verdict: no_match }
  - at: 2026-01-01T00:01:00Z
    tables:
      processes:
        - { pid: 1, name: init }
        - { pid: 2, name: sh }
    events:
      - { table: process_events, row: { event_type: exec, pid: 2, name: sh, event_time: -1s } }
    expect: { verdict: no_match }
`;

Deno.test("query --fixture asks what a case gives at its end", async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "case.yaml");
  await Deno.writeTextFile(file, CASE);
  const ask = async (sql: string, ...more: string[]) => {
    const { code, stdout, stderr } = await runCli([
      "query",
      "--fixture",
      file,
      sql,
      "--format",
      "json",
      ...more,
    ]);
    return { code, stderr, rows: code === 0 ? JSON.parse(stdout).rows : undefined };
  };
  const { rows } = await ask(
    "SELECT p.name, u.user_name, :now - e.event_time AS ago FROM processes p JOIN users u " +
      "LEFT JOIN process_events e ON e.pid = p.pid ORDER BY p.pid",
  );
  assertEquals(rows, [
    { name: "init", user_name: "root", ago: null },
    { name: "sh", user_name: "root", ago: 1000 },
  ]);
  const missing = await ask("SELECT local_port FROM network_connections");
  assertEquals(missing.code, 3);
  assertStringIncludes(missing.stderr, "the fixture gives no rows of network_connections");
  const two = await ask("SELECT pid FROM processes", "--stored");
  assertEquals(two.code, 2);
  assertStringIncludes(two.stderr, "--stored and --fixture are two places to read");
  await Deno.writeTextFile(file, CASE.replace("exec, pid: 2", "exec, pdi: 2"));
  const wrong = await ask("SELECT pid FROM processes");
  assertEquals(wrong.code, 2);
  assertStringIncludes(wrong.stderr, "case.yaml:17");
});
