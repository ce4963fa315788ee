import { assert, assertEquals } from "@std/assert";
import { CATALOGUE, VIEWS } from "../../profiles/mod.ts";
import { columnsOf } from "../../schema/columns.ts";
import { type ColumnType, type Platform, PLATFORMS } from "../../schema/types.ts";
import promised from "./promised_columns.json" with { type: "json" };

type Where = Platform | "core";

interface PromisedColumn {
  readonly table: string;
  readonly where: Where;
  readonly name: string;
  readonly type: ColumnType;
}

/** The tables and columns that the product promises: `name type` by table and platform. */
const PROMISES: readonly PromisedColumn[] = Object.entries(promised).flatMap(([table, platforms]) =>
  Object.entries(platforms).flatMap(([where, list]) =>
    list.split(", ").map((entry) => {
      const [name, type] = entry.split(" ") as [string, ColumnType];
      return { table, where: where as Where, name, type };
    })
  )
);

/** All that queries can read. */
const READABLE = new Map([...CATALOGUE.values(), ...VIEWS].map((spec) => [spec.name, spec]));

/** Where a name is promised with two types, the one that every platform shares counts. */
const CORE_WINS = ["file_metadata.file_attributes on windows"];

Deno.test("the catalogue has every promised table and column", () => {
  assertEquals([new Set(PROMISES.map(({ table }) => table)).size, PROMISES.length], [21, 697]);
  const missing = PROMISES.filter(({ table, where, name }) => {
    const spec = READABLE.get(table);
    if (where === "core") return !(spec && name in spec.columns);
    return !spec || !columnsOf(spec, where).some((column) => column.name === name);
  });
  assertEquals(missing, []);
});

Deno.test("the catalogue gives every promised column its type", () => {
  const differing = PROMISES.filter(({ table, where, name, type }) => {
    const platforms = where === "core" ? PLATFORMS : [where];
    return platforms.some((platform) =>
      columnsOf(READABLE.get(table)!, platform)
        .find((column) => column.name === name)?.type !== type
    );
  });
  assertEquals(
    differing.map(({ table, name, where }) => `${table}.${name} on ${where}`),
    CORE_WINS,
  );
});

Deno.test("the catalogue shows a platform's column on that platform only", () => {
  const strays = PROMISES.filter(({ table, where, name }) => {
    const spec = READABLE.get(table)!;
    if (where === "core" || name in spec.columns) return false;
    return PLATFORMS.some((platform) =>
      columnsOf(spec, platform).some((column) => column.name === name) !==
        PROMISES.some((other) =>
          other.table === table && other.where === platform && other.name === name
        )
    );
  });
  assertEquals(strays, []);
});

Deno.test("the catalogue has what detections need beyond the promised columns", () => {
  const beyond = {
    process_events: ["event_type", "event_time", "exit_code", "duration_ms", "command_line"],
    network_connections: ["direction"],
    binary_analysis: ["pid"],
    code_signing: ["pid"],
    imports_exports: ["pid"],
    yara_matches: ["pid"],
    protocol_analysis: ["pid", "source_ip", "source_port", "destination_ip", "event_time"],
    file_events: ["executable_path", "process_key"],
    users: ["user_id", "user_name"],
    groups: ["group_id", "members"],
    logins: ["user_name", "login_time"],
    kernel_modules: ["name"],
    mounts: ["mount_point"],
    packages: ["name", "version"],
    persistence_items: ["kind", "path", "name", "command", "user_name", "enabled"],
  };
  for (const [table, columns] of Object.entries(beyond)) {
    for (const column of columns) {
      assert(CATALOGUE.get(table)?.columns[column], `${table}.${column}`);
    }
  }
  assert(CATALOGUE.get("file_events")!.columns["event_type"]![2]?.values?.includes("attrib"));
});
