import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { DatabaseSync } from "../../std/sqlite.ts";
import fc from "fast-check";
import { buildImage, type Image } from "../../engine/image.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import type { Cell, Gap, GapReason, RecordBatch } from "../../schema/batch.ts";
import { columnsOf } from "../../schema/columns.ts";
import { batchOf } from "./support.ts";

function open({ bytes }: Image): DatabaseSync {
  const db = new DatabaseSync(":memory:");
  db.deserialize(bytes);
  return db;
}

function ask(image: Image, sql: string): unknown[][] {
  using db = open(image);
  const statement = db.prepare(sql);
  statement.setReadBigInts(true);
  return statement.all().map((row) => Object.values(row));
}

const options = { catalogue: CATALOGUE, platform: "linux" } as const;

Deno.test("buildImage() has every table with the columns of the platform", async () => {
  const image = await buildImage({ ...options, tables: [] });
  for (const spec of CATALOGUE.values()) {
    const names = columnsOf(spec, "linux").map(({ name }) => `"${name}"`).join(", ");
    assertEquals(ask(image, `SELECT ${names} FROM ${spec.name}`), [], spec.name);
  }
});

Deno.test("buildImage() keeps every value and its class", async () => {
  const rows: Record<string, Cell>[] = [
    {
      pid: 1,
      name: "init",
      executable_deleted: false,
      cpu_usage: 3,
      start_time: 1_767_225_600_000,
    },
    { pid: 2 ** 53 - 1, name: "0012", executable_deleted: true, cpu_usage: 0.1, start_time: null },
    { pid: 2n ** 62n, name: "", executable_deleted: null, cpu_usage: null, start_time: -1 },
  ];
  const image = await buildImage({
    ...options,
    tables: [{ table: "processes", batches: [batchOf("processes", rows)] }],
  });
  assertEquals(
    ask(
      image,
      `SELECT pid, name, executable_deleted, cpu_usage, typeof(cpu_usage), start_time, command_line
       FROM processes ORDER BY rowid`,
    ),
    [
      [1n, "init", 0n, 3, "real", 1_767_225_600_000n, null],
      [2n ** 53n - 1n, "0012", 1n, 0.1, "real", null, null],
      [2n ** 62n, "", null, null, "null", -1n, null],
    ],
  );
  assertEquals(image.tables.get("processes")?.rows, 3);
});

Deno.test("buildImage() fills what will be read and nothing else", async () => {
  const rows = [{ pid: 1, name: "a", command_line: "a b" }, {
    pid: 2,
    name: "b",
    command_line: "c",
  }];
  const gaps: Gap[] = [
    { column: "name", reason: "denied", rows: [1] },
    { column: "command_line", reason: "denied", rows: "all" },
  ];
  const tables = [
    { table: "processes", batches: [batchOf("processes", rows, gaps)] },
    { table: "users", batches: [batchOf("users", [{ user_id: 0 }])] },
  ];
  const image = await buildImage({
    ...options,
    tables,
    only: [{ table: "processes", columns: ["name"] }],
  });
  assertEquals(ask(image, "SELECT pid, name, command_line FROM processes"), [[null, "a", null], [
    null,
    "b",
    null,
  ]]);
  assertThrows(() => ask(image, "SELECT count(*) FROM users"), Error, "no such table");
  assertEquals([...image.tables.keys()], ["processes"]);
  assertEquals([...image.tables.get("processes")!.gaps], [["name", new Map([["denied", [1]]])]]);
  const counted = await buildImage({
    ...options,
    tables,
    only: [{ table: "processes", columns: [] }],
  });
  assertEquals(ask(counted, "SELECT count(*) FROM processes"), [[2n]]);
});

Deno.test("buildImage() keeps the order of rows over batches of any size", async () => {
  const batches = [0, 1, 99, 100, 101, 1, 350].map((rows, index) =>
    batchOf(
      "processes",
      Array.from({ length: rows }, (_, row) => ({ pid: index * 1000 + row, name: `n${row}` })),
    )
  );
  const image = await buildImage({ ...options, tables: [{ table: "processes", batches }] });
  assertEquals(
    ask(image, "SELECT pid, name FROM processes ORDER BY rowid"),
    batches.flatMap(({ values, rows }) =>
      Array.from({ length: rows }, (_, row) => [BigInt(values[0]![row] as number), values[1]![row]])
    ),
  );
});

Deno.test("buildImage() indexes keys of large tables, so that joins are lookups", async () => {
  const rows = Array.from({ length: 600 }, (_, pid) => ({ pid, ppid: 1, process_key: `k${pid}` }));
  const image = await buildImage({
    ...options,
    tables: [{ table: "processes", batches: [batchOf("processes", rows)] }],
  });
  const plan = ask(
    image,
    "EXPLAIN QUERY PLAN SELECT 1 FROM processes c JOIN processes p ON p.pid = c.ppid",
  );
  assert(
    plan.some((row) => /SEARCH p USING (COVERING )?INDEX/.test(String(row[3]))),
    Deno.inspect(plan),
  );
});

Deno.test("buildImage() refuses tables that the catalogue does not have", async () => {
  const tables = [{ table: "nothing", batches: [] }];
  await assertRejects(() => buildImage({ ...options, tables }), RangeError, "nothing");
  const mixed = [{ table: "users", batches: [batchOf("processes", [{ pid: 1 }])] }];
  await assertRejects(() => buildImage({ ...options, tables: mixed }), RangeError, "processes");
});

Deno.test("buildImage() maps the gaps of batches to rows of the table", async () => {
  const reason = fc.constantFrom<GapReason>("denied", "deadline", "budget", "not_collected");
  const batch = fc.nat(5).chain((rows): fc.Arbitrary<RecordBatch> =>
    fc.array(
      fc.record({
        column: fc.constantFrom("name", "command_line"),
        reason,
        rows: rows === 0
          ? fc.constant("all" as const)
          : fc.oneof(fc.constant("all" as const), fc.uniqueArray(fc.nat(rows - 1))),
      }),
      { maxLength: 4 },
    ).map((gaps) => batchOf("processes", Array.from({ length: rows }, (_, pid) => ({ pid })), gaps))
  );
  await fc.assert(
    fc.asyncProperty(fc.array(batch, { maxLength: 4 }), async (batches) => {
      const image = await buildImage({ ...options, tables: [{ table: "processes", batches }] });
      const expected = new Set<string>();
      let first = 0;
      for (const { gaps, rows } of batches) {
        for (const gap of gaps) {
          for (let row = 0; row < rows; row++) {
            if (gap.rows === "all" || gap.rows.includes(row)) {
              expected.add(`${gap.column} ${gap.reason} ${first + row}`);
            }
          }
        }
        first += rows;
      }
      const found = new Set<string>();
      for (const [column, byReason] of image.tables.get("processes")!.gaps) {
        for (const [why, rows] of byReason) {
          for (const row of rows) found.add(`${column} ${why} ${row}`);
        }
      }
      assertEquals(found, expected);
      assertEquals(image.tables.get("processes")!.rows, first);
    }),
    { numRuns: 100 },
  );
});
