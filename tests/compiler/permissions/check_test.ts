import { assertEquals } from "@std/assert";
import { lockDiagnostics } from "../../../compiler/permissions/check.ts";
import { budgetOf, type GrantOptions, grantsOf } from "../../../compiler/permissions/grants.ts";
import { lockText, parseLock } from "../../../compiler/permissions/lock.ts";
import { CATALOGUE } from "../../../profiles/mod.ts";
import { compiled, OPTIONS } from "./support.ts";

const FILES = CATALOGUE.get("file_metadata")!.collector;

/** What is said of a detection with a lock that was written for others: the message and the text at its place. */
function said(
  part: string,
  locked: readonly string[],
  { complete = false, options = OPTIONS }: { complete?: boolean; options?: GrantOptions } = {},
): readonly (readonly [string, string])[] {
  const text = lockText(budgetOf(locked.flatMap((one) => grantsOf(compiled(one), OPTIONS))));
  const lock = parseLock(text, "permissions.lock.json");
  const one = compiled(part);
  const found = lockDiagnostics({ lock, detections: [one], complete, hint: "" }, options);
  return found.map(({ message, file, line, column, end_column }) => {
    const whole = file === "rule.sql" ? one.detection.text : text;
    return [message, whole.split("\n")[line - 1]!.slice(column - 1, end_column - 1)] as const;
  });
}

const NAMES = "SELECT pid, name FROM processes";
const FILE = "SELECT file_path, file_size FROM file_metadata WHERE file_path = '/etc/hosts'";
const LACKS = "which permissions.lock.json does not grant";

Deno.test("lockDiagnostics() is silent where the lock grants all", () => {
  assertEquals(said(NAMES, [NAMES], { complete: true }), []);
  assertEquals(said("SELECT pid, ppid FROM processes WHERE name = 'x'", [NAMES]), []);
});

Deno.test("lockDiagnostics() names a new collector, with what it may do, once", () => {
  assertEquals(said(FILE, [NAMES]), [
    [
      `this makes Linux hosts run the collector \`${FILES}\` (${FILES}: read /${FILES}), ${LACKS}`,
      "file_metadata",
    ],
  ]);
  assertEquals(said("SELECT pid, working_directory FROM processes", [FILE]), [
    [
      `this makes Linux hosts run the collector \`procmond\` (procmond: read /procmond), ${LACKS}`,
      "processes",
    ],
  ]);
});

Deno.test("lockDiagnostics() names a column that is kept from ordinary users where it is first read", () => {
  const column =
    `this makes Linux hosts read \`processes.environment_variables\`, kept from ordinary users, ${LACKS}`;
  assertEquals(
    said("SELECT p.pid FROM processes p WHERE p.environment_variables IS NOT NULL", [NAMES]),
    [[column, "p.environment_variables"]],
  );
  const star = said(
    "WITH x AS (SELECT * FROM processes) SELECT pid, environment_variables FROM x",
    [
      NAMES,
    ],
  );
  assertEquals(star.find(([message]) => message === column), [column, "*"]);
});

Deno.test("lockDiagnostics() names a new key where it stands", () => {
  const ask = (term: string) => `this makes Linux hosts ask \`${FILES}\` for \`${term}\`, ${LACKS}`;
  assertEquals(
    said("SELECT file_path FROM file_metadata WHERE file_path IN ('/etc/hosts', '/etc/shadow')", [
      FILE,
    ]),
    [[ask("file_metadata.file_path = '/etc/shadow'"), "'/etc/shadow'"]],
  );
  assertEquals(
    said("SELECT file_path FROM file_metadata WHERE file_path GLOB '/home/*'", [FILE]),
    [[ask("file_metadata.file_path GLOB '/home/*'"), "'/home/*'"]],
  );
  assertEquals(
    said(
      "SELECT p.pid, f.file_size FROM processes p JOIN file_metadata f ON f.file_path = p.executable_path",
      [FILE, "SELECT pid, executable_path FROM processes"],
    ),
    [[ask("file_metadata.file_path from processes"), "file_metadata"]],
  );
});

Deno.test("lockDiagnostics() names the platform where another one has the same already", () => {
  const run = (hosts: string) =>
    `this makes ${hosts} hosts run the collector \`procmond\` (not part of this version), ${LACKS}`;
  assertEquals(said(`platforms: [linux, macos, windows]\n---\n${NAMES}`, [NAMES]), [
    [run("macOS"), "macos"],
    [run("Windows"), "windows"],
  ]);
  assertEquals(
    said(`platforms: [macos, windows]\n---\n${NAMES}`, [FILE]),
    [[run("macOS and Windows"), "processes"]],
  );
});

Deno.test("lockDiagnostics() finds its places in SQL that only SQLite understands", () => {
  const sql =
    "SELECT pid, environment_variables FROM processes p, json_each(p.cgroup) j WHERE j.rowid = 1";
  assertEquals(compiled(sql).plan.cost.because[0]!.startsWith("it is not analysed"), true);
  const column =
    `this makes Linux hosts read \`processes.environment_variables\`, kept from ordinary users, ${LACKS}`;
  assertEquals(said(sql, ["SELECT pid, cgroup FROM processes"]), [[column, "processes"]]);
  assertEquals(said(sql, [FILE]).map(([, text]) => text), ["processes"]);
});

Deno.test("lockDiagnostics() says at the lock that a collector of the toolkit needs more", () => {
  const options: GrantOptions = {
    ...OPTIONS,
    permissionsOf: (
      ...of
    ) => [...OPTIONS.permissionsOf(...of), "procmond: sys uid", "procmond: run x"],
  };
  assertEquals(said(NAMES, [NAMES], { options }), [
    [
      "the collector `procmond` of this toolkit also needs `procmond: run x` and `procmond: sys uid`",
      '"permissions"',
    ],
  ]);
});

Deno.test("lockDiagnostics() says what nothing needs any more, if it has seen everything", () => {
  const wide = [
    "SELECT pid, environment_variables FROM processes",
    FILE,
    `platforms: [windows]\n---\n${NAMES}`,
  ];
  assertEquals(said(NAMES, wide), []);
  assertEquals(said(NAMES, wide, { complete: true }), [
    [`no detection needs the collector \`${FILES}\` any more`, `"${FILES}"`],
    [
      "no detection needs `processes.environment_variables` any more",
      '"processes.environment_variables"',
    ],
    ["no detection needs anything on Windows any more", '"windows"'],
  ]);
});

Deno.test("lockDiagnostics() of a damaged lock says only that", () => {
  const lock = parseLock("{", "permissions.lock.json");
  const found = lockDiagnostics(
    { lock, detections: [compiled(NAMES)], complete: true, hint: "" },
    OPTIONS,
  );
  assertEquals(found.map(({ code }) => code), ["invalid-lock"]);
});
