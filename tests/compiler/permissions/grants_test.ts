import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  type Budget,
  budgetOf,
  grantsIn,
  grantsOf,
  isGranted,
} from "../../../compiler/permissions/grants.ts";
import { CATALOGUE } from "../../../profiles/mod.ts";
import { compiled, OPTIONS } from "./support.ts";

/** What a detection makes hosts grant. */
function budget(...parts: string[]): Budget {
  return budgetOf(parts.flatMap((part) => grantsOf(compiled(part), OPTIONS)));
}

const FILES = CATALOGUE.get("file_metadata")!.collector;
const BINARIES = CATALOGUE.get("binary_analysis")!.collector;

Deno.test("grantsOf() has the collector's permissions, the table, and columns kept from ordinary users", () => {
  assertEquals(
    budget("SELECT pid, environment_variables FROM processes WHERE executable_path GLOB '/tmp/*'"),
    {
      linux: {
        procmond: {
          permissions: ["procmond: read /procmond"],
          tables: ["processes"],
          privileged_columns: ["processes.environment_variables", "processes.executable_path"],
          triggers: [],
        },
      },
    },
  );
});

Deno.test("grantsOf() has every key that a query names, and where other keys come from", () => {
  const { linux } = budget(
    "SELECT file_path FROM file_metadata WHERE file_path IN ('/etc/shadow', '/it''s') OR file_path GLOB '/etc/cron*'",
    "SELECT p.pid, p.name, b.entropy FROM processes p AUTO JOIN binary_analysis b ON b.pid = p.pid",
  );
  assertEquals(linux![FILES]!.triggers, [
    "file_metadata.file_path = '/etc/shadow'",
    "file_metadata.file_path = '/it''s'",
    "file_metadata.file_path GLOB '/etc/cron*'",
  ]);
  assertEquals(linux![BINARIES]!.triggers, ["binary_analysis.pid from processes"]);
  assertEquals(linux![BINARIES]!.permissions, [], "this version does not have it");
});

Deno.test("grantsOf() counts each platform apart", () => {
  const { linux, macos, windows } = budget(
    "platforms: [linux, macos]\n---\nSELECT pid, name FROM processes",
  );
  assertEquals(linux!.procmond!.permissions, ["procmond: read /procmond"]);
  assertEquals(macos!.procmond!.permissions, []);
  assertEquals(macos!.procmond!.tables, ["processes"]);
  assertEquals(windows, undefined);
});

Deno.test("budgetOf() is the same in whatever order, and grantsIn() its reverse", () => {
  const all = [
    "SELECT pid, environment_variables FROM processes",
    "SELECT pid, name, working_directory FROM processes",
    "platforms: [macos]\n---\nSELECT pid, name FROM processes",
    "SELECT file_path FROM file_metadata WHERE file_path = '/etc/shadow'",
  ].flatMap((part) => grantsOf(compiled(part), OPTIONS));
  const expected = JSON.stringify(budgetOf(all));
  fc.assert(fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (shuffled) => {
    const budget = budgetOf(shuffled);
    assertEquals(JSON.stringify(budget), expected);
    assertEquals(JSON.stringify(budgetOf(grantsIn(budget))), expected);
    assert(shuffled.every((grant) => isGranted(budget, grant)));
  }));
});

Deno.test("isGranted() takes no name for a grant that every object has", () => {
  const grant = {
    platform: "linux",
    collector: "constructor",
    section: "tables",
    what: "x",
  } as const;
  assertEquals(isGranted({ linux: {} }, grant), false);
});
