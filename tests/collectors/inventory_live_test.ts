import { assert, assertEquals } from "@std/assert";
import { openCollectors } from "../../collectors/mod.ts";
import { SOURCES } from "../../collectors/sources.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import { collectedColumns } from "../../schema/columns.ts";
import { drain, has, isLinux, type ReadRow, testWith } from "./support.ts";

const TABLES = [
  "users",
  "groups",
  "logins",
  "kernel_modules",
  "mounts",
  "packages",
  "persistence_items",
];

async function collect(table: string): Promise<readonly ReadRow[]> {
  await using collectors = await openCollectors({ platform: "linux", policy: "preferred" });
  const project = collectedColumns(CATALOGUE.get(table)!, "linux").map(({ name }) => name);
  const { rows, outcome } = await drain(collectors.collect({ table, project, deadline: 60_000 }));
  assert(outcome.status !== "unavailable", JSON.stringify(outcome));
  return rows;
}

async function lines(command: string, ...args: string[]): Promise<string[]> {
  const { stdout } = await new Deno.Command(command, { args, stderr: "null" }).output();
  return new TextDecoder().decode(stdout).split("\n").filter(Boolean).sort();
}

for (const table of TABLES) {
  Deno.test(`every column of ${table} has a source`, () => {
    const columns = collectedColumns(CATALOGUE.get(table)!, "linux").map(({ name }) => name)
      .filter((name) => name !== "platform_data");
    assertEquals(Object.keys(SOURCES[table]!.linux!).sort(), columns.sort());
  });

  testWith({ Linux: isLinux }, `what is said always to be NULL in ${table} is`, async () => {
    const rows = await collect(table);
    for (const [column, source] of Object.entries(SOURCES[table]!.linux!)) {
      if (typeof source === "string") continue;
      assert(rows.every(({ values }) => (values[column] ?? null) === null), column);
    }
  });
}

testWith(
  { Linux: isLinux, getent: has("getent") },
  "users and groups are those of getent(1)",
  async () => {
    const users = (await collect("users")).map(({ values: row }) =>
      [row.user_name, "x", row.user_id, row.group_id].join(":")
    );
    const told = (await lines("getent", "-s", "files", "passwd")).map((line) =>
      line.split(":").slice(0, 4).join(":")
    );
    assertEquals(users.sort(), told);
    const groups = (await collect("groups")).map(({ values: row }) =>
      [row.group_name, "x", row.group_id, (JSON.parse(String(row.members)) as string[]).join(",")]
        .join(":")
    );
    assertEquals(groups.sort(), await lines("getent", "-s", "files", "group"));
  },
);

testWith(
  { Linux: isLinux, "dpkg-query": has("dpkg-query") },
  "packages are those of dpkg-query(1)",
  async () => {
    const format = "${Package} ${Version} ${Architecture} ${db:Status-Status} ${source:Package}\n";
    const told = (await lines("dpkg-query", "-W", "-f", format))
      .map((line) => line.split(" "))
      .filter(([, version]) => version !== "")
      .map(([name, version, architecture, status, source]) =>
        [name, version, architecture, status === "installed", source].join(" ")
      );
    const rows = (await collect("packages")).filter(({ values }) => values.manager === "dpkg").map((
      { values: row },
    ) =>
      [row.name, row.version, row.architecture, row.status === "installed", row.source ?? row.name]
        .join(" ")
    );
    assertEquals(rows.sort(), told.sort());
  },
);

testWith(
  { Linux: isLinux, findmnt: has("findmnt") },
  "mounts are those of findmnt(8)",
  async () => {
    // Others may mount meanwhile.
    for (let attempt = 0;; attempt++) {
      const told = (await lines("findmnt", "--task", "1", "-rn", "-o", "TARGET,FSTYPE,PROPAGATION"))
        .map((line) =>
          line.replace(/,[^ ]*$/, "")
            .replace(/\\x([0-9a-f]{2})/g, (_, code) => String.fromCharCode(parseInt(code, 16)))
        ).sort();
      const rows = (await collect("mounts")).map(({ values: row }) =>
        [row.mount_point, row.filesystem_type, row.propagation].join(" ")
      ).sort();
      if (attempt < 5 && rows.join() !== told.join()) continue;
      assertEquals(rows, told);
      return;
    }
  },
);
