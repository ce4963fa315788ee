import { assert, assertEquals, assertMatch } from "@std/assert";
import { openCollectors } from "../../collectors/mod.ts";
import { SOURCES } from "../../collectors/sources.ts";
import type { TaskKeys } from "../../model/collection.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import { collectedColumns } from "../../schema/columns.ts";
import {
  canConfine,
  drain,
  isLinux,
  isRoot,
  type ReadRow,
  testWith,
  textOf,
  toRows,
} from "./support.ts";

const needs = { Linux: isLinux };
const ALL: Readonly<Record<string, TaskKeys>> = {
  system_configuration: {
    column: "category",
    values: ["security", "network", "system", "authentication", "logging"],
  },
  security_policies: { column: "policy_id", globs: ["*"] },
};

const columnsOf = (table: string) =>
  collectedColumns(CATALOGUE.get(table)!, "linux").map(({ name }) => name);

async function collect(table: string, keys: TaskKeys): Promise<readonly ReadRow[]> {
  await using collectors = await openCollectors({ platform: "linux", policy: "preferred" });
  const { rows, outcome } = await drain(
    collectors.collect({ table, keys, project: columnsOf(table), deadline: 60_000 }),
  );
  assert(outcome.status !== "unavailable", JSON.stringify(outcome));
  return rows;
}

for (const table of ["system_configuration", "security_policies", "configuration_changes"]) {
  Deno.test(`every column of ${table} has a source`, () => {
    const columns = columnsOf(table).filter((name) => name !== "platform_data");
    assertEquals(Object.keys(SOURCES[table]!.linux!).sort(), columns.sort());
  });
}

for (const [table, keys] of Object.entries(ALL)) {
  testWith(needs, `what is said always to be NULL in ${table} is, and nothing else`, async () => {
    const rows = await collect(table, keys);
    assert(rows.length > 20);
    const isNull = (column: string) =>
      rows.every(({ values }) => (values[column] ?? null) === null);
    for (const [column, source] of Object.entries(SOURCES[table]!.linux!)) {
      // Hosts without AppArmor have no profile.
      if (column === "apparmor_profile") continue;
      assertEquals(isNull(column), typeof source !== "string", column);
    }
    for (const { values, gaps } of rows) {
      for (const [column] of Object.entries(gaps)) assertEquals(values[column], null, column);
    }
  });
}

testWith(
  { ...needs, root: isRoot, namespaces: canConfine() },
  "settings of the network are those of the host, in all confinement",
  async () => {
    await using collectors = await openCollectors({ platform: "linux", policy: "required" });
    const path = "/proc/sys/net/ipv4/conf/lo/log_martians";
    const before = textOf(path).trim();
    const other = before === "0" ? "1" : "0";
    const ask = async () => {
      const { rows } = await drain(collectors.collect({
        table: "system_configuration",
        keys: { column: "config_path", values: [path] },
        project: columnsOf("system_configuration"),
        deadline: 60_000,
      }));
      return rows.map(({ values }) => values.setting_value);
    };
    assertEquals(await ask(), [before]);
    try {
      await Deno.writeTextFile(path, other);
      assertEquals(await ask(), [other]);
    } finally {
      await Deno.writeTextFile(path, before);
    }
    assertEquals(collectors.reports().map(({ confinement }) => confinement), ["namespaces"]);
  },
);

testWith(
  { ...needs, root: isRoot },
  "configuration_changes tells what is changed on this host",
  async () => {
    await using collectors = await openCollectors({
      platform: "linux",
      policy: "preferred",
      reconcileEvery: 5_000,
    });
    const aborter = new AbortController();
    const found: string[] = [];
    const writers = new Map<string, unknown>();
    const watching = (async () => {
      const task = {
        table: "configuration_changes",
        project: columnsOf("configuration_changes"),
      };
      for await (const batch of collectors.watch(task, aborter.signal)) {
        for (const { values } of toRows(batch)) {
          const { change_type, setting_name, old_value, new_value, changed_by } = values;
          const change = [change_type, setting_name, old_value, new_value].join(" ");
          found.push(change);
          writers.set(change, changed_by);
        }
      }
    })();
    const file = "/etc/sysctl.d/daemoneye-test.conf";
    const parameter = "/proc/sys/net/ipv4/conf/lo/log_martians";
    const before = textOf(parameter).trim();
    const other = before === "0" ? "1" : "0";
    const until = async (change: string, again: () => Promise<void>) => {
      for (let tries = 0; !found.includes(change); tries++) {
        assert(tries < 180, `${change} is not among\n${found.join("\n")}`);
        // It has its first look some time after it was asked.
        if (tries % 10 === 0) await again();
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    };
    let round = 0;
    const shells: number[] = [];
    const shell = async (script: string) => {
      const child = new Deno.Command("sh", { args: ["-c", script] }).spawn();
      shells.push(child.pid);
      assert((await child.status).success, script);
    };
    try {
      await until("modify daemoneye.test 1 2", async () => {
        await shell(`echo "-daemoneye.test = ${1 + round++ % 2}" > ${file}; sleep 0.2`);
      });
      // Of one that ends at once the kernel still tells which program it was.
      await until("modify daemoneye.test 2 3", async () => {
        await shell(
          round++ % 2 ? `echo "-daemoneye.test = 2" > ${file}` : `sed -i s/2/3/ ${file}`,
        );
      });
      await until(`modify net.ipv4.conf.lo.log_martians ${before} ${other}`, async () => {
        await Deno.writeTextFile(parameter, other);
      });
    } finally {
      await Deno.writeTextFile(parameter, before);
      await Deno.remove(file);
    }
    await until("delete daemoneye.test 3 ", async () => {});
    aborter.abort();
    await watching;
    const told = String(writers.get("modify daemoneye.test 1 2"));
    const [, user, program, pid] = /^(.+): (.+) \((\d+)\)$/.exec(told) ?? [];
    assertEquals([user, program], ["root", Deno.realPathSync("/bin/sh")], told);
    assert(shells.includes(Number(pid)), told);
    assertMatch(String(writers.get("modify daemoneye.test 2 3")), /\/sed \(\d+\)$/);
    // A parameter of the kernel is no file, and this process is the agent.
    assertEquals(writers.get(`modify net.ipv4.conf.lo.log_martians ${before} ${other}`), null);
    assertEquals(writers.get("delete daemoneye.test 3 "), null);
  },
);
