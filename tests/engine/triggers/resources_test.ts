import { assertEquals } from "@std/assert";
import type { CompiledDetection } from "../../../model/compiled.ts";
import { detectionOf, withEngine } from "../support.ts";
import { alerted, collectorsOf, type Host, scanHost } from "./support.ts";

const HOST: Host = {
  processes: [{ pid: 7, name: "x", executable_path: "/dev/shm/x", process_key: "b:7:1" }],
  yara_matches: ["a", "b"].map((rule) => ({
    pid: 7,
    process_key: "b:7:1",
    file_path: "/dev/shm/x",
    rule_name: rule,
    rule_namespace: rule,
  })),
};

const SQL = "SELECT p.pid, y.rule_name FROM processes p JOIN yara_matches y ON y.pid = p.pid";

/** A detection with the rules that a file of this text has. */
function withRules(text: string, sql = SQL): CompiledDetection {
  return {
    ...detectionOf(sql),
    resources: { yara: [{ name: "rules.yar", text }], indicators: [] },
  };
}

Deno.test("a detection sees what its own rules find, and nothing of what others find", () =>
  withEngine(async (store, sandbox) => {
    const collectors = collectorsOf(HOST);
    const detections = [withRules("a"), withRules("b"), withRules("c"), withRules("a")];
    const result = await scanHost(store, sandbox, collectors, detections);
    const found = detections.map(({ detection: { meta } }) =>
      result.alerts.filter(({ rule_id }) => rule_id === meta.id)
        .map(({ alert_data }) => alert_data["rule_name"])
    );
    assertEquals(found, [["a"], ["b"], [], ["a"]]);
    assertEquals(
      collectors.tasksOf("yara_matches").map(({ resources }) => resources?.map(({ text }) => text)),
      [["a"], ["b"], ["c"]],
      "the same rules are asked for once",
    );
    assertEquals(result.summary.partial, []);
  }));

Deno.test("a detection that asks for memory sees what is in it, and another with its rules does not", () =>
  withEngine(async (store, sandbox) => {
    const row = HOST.yara_matches![0]!;
    const collectors = collectorsOf({
      ...HOST,
      yara_matches: ["file", "memory"].map((scan_target) => ({ ...row, scan_target })),
    });
    const sql = SQL.replace("y.rule_name", "y.scan_target");
    const memory = withRules("a", `${sql} AND y.scan_target = 'memory'`);
    const both = withRules(
      "a",
      `${
        sql.replace("y.scan_target", "y.scan_target, m.rule_name AS other")
      } JOIN yara_matches m ON m.pid = p.pid AND m.scan_target = 'memory'`,
    );
    const detections = [withRules("a", sql), memory, withRules("a", sql), both];
    const result = await scanHost(store, sandbox, collectors, detections);
    const found = detections.slice(0, 3).map(({ detection: { meta } }) =>
      result.alerts.filter(({ rule_id }) => rule_id === meta.id)
        .map(({ alert_data }) => alert_data["scan_target"])
    );
    assertEquals(found, [["file"], ["memory"], ["file"]]);
    const test = { op: "=", column: "scan_target", value: "memory" } as const;
    assertEquals(collectors.tasksOf("yara_matches").map(({ interests }) => interests), [
      undefined,
      [test],
      [{ op: "and", of: [] }, test],
    ]);
    assertEquals(result.summary.partial, []);
  }));

Deno.test("memory is asked for by few processes at a time, files by many", () =>
  withEngine(async (store, sandbox) => {
    const collectors = collectorsOf({
      processes: Array.from({ length: 10 }, (_, pid) => ({
        pid,
        name: "x",
        executable_path: "/tmp/x",
        process_key: `b:${pid}:1`,
        user_id: 0,
      })),
      yara_matches: [],
    });
    const sql = "SELECT p.pid, y.rule_name FROM processes p JOIN yara_matches y ON y.pid = p.pid";
    await scanHost(store, sandbox, collectors, [
      withRules("a", sql),
      withRules("a", `${sql} AND y.scan_target = 'memory'`),
    ]);
    const asked = collectors.tasksOf("yara_matches").map(({ keys, interests }) => [
      interests === undefined ? "file" : "memory",
      keys!.values!.length,
    ]);
    assertEquals(asked.sort(), [["file", 10], ["memory", 2], ["memory", 4], ["memory", 4]]);
  }));

Deno.test("a detection without rules is not evaluated on what they would find", () =>
  withEngine(async (store, sandbox) => {
    const detections = [detectionOf(SQL), withRules("a")];
    const result = await scanHost(store, sandbox, collectorsOf(HOST), detections);
    assertEquals(alerted(result, "rule_name"), ["a"]);
    assertEquals(result.summary.not_evaluated.map(({ reason }) => reason), [
      "yara_matches: the detection names no files under `resources.yara`",
    ]);
  }));

Deno.test("what rules find may have keys for the next stage", () =>
  withEngine(async (store, sandbox) => {
    const host = { ...HOST, file_metadata: [{ file_path: "/dev/shm/x", owner_user: "joe" }] };
    const result = await scanHost(store, sandbox, collectorsOf(host), [withRules(
      "a",
      `${
        SQL.replace("y.rule_name", "f.owner_user")
      } JOIN file_metadata f ON f.file_path = y.file_path`,
    )]);
    assertEquals(alerted(result, "owner_user"), ["joe"]);
  }));
