import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { partlyEvaluated } from "../../engine/partial.ts";
import type { View } from "../../engine/view.ts";
import type { TableOutcome } from "../../model/collection.ts";
import type { GapReason } from "../../schema/batch.ts";

interface Table {
  readonly rows: number;
  readonly gaps: readonly { column: string; reason: GapReason; rows: readonly number[] }[];
  readonly outcome?: TableOutcome;
}

function viewOf(tables: Readonly<Record<string, Table>>): View {
  return {
    scan_id: 1,
    image: { id: 1, bytes: new Uint8Array() },
    tables: new Map(
      Object.entries(tables).map(([name, { rows, gaps }]) => {
        const columns = new Map<string, Map<GapReason, readonly number[]>>();
        for (const gap of gaps) {
          const reasons = columns.get(gap.column) ?? new Map();
          columns.set(
            gap.column,
            reasons.set(gap.reason, [...reasons.get(gap.reason) ?? [], ...gap.rows]),
          );
        }
        return [name, { rows, gaps: columns }];
      }),
    ),
    collected: new Map(
      Object.entries(tables).map(([table, { rows, outcome }]) => [
        table,
        { table, rows, collection_time: 0, outcome: outcome ?? { status: "complete" } },
      ]),
    ),
  };
}

Deno.test("partlyEvaluated() says nothing where every value that is read is there", () => {
  const view = viewOf({
    processes: { rows: 3, gaps: [{ column: "name", reason: "denied", rows: [0] }] },
  });
  assertEquals(partlyEvaluated([{ table: "processes", columns: ["pid"] }], view), undefined);
  assertEquals(partlyEvaluated([{ table: "processes", columns: [] }], view), undefined);
  assertEquals(partlyEvaluated([], view), undefined);
});

Deno.test("partlyEvaluated() counts a row once however many of its columns are missing", () => {
  const view = viewOf({
    processes: {
      rows: 10,
      gaps: [
        { column: "name", reason: "denied", rows: [0, 1] },
        { column: "name", reason: "deadline", rows: [1] },
        { column: "user_id", reason: "denied", rows: [1, 2] },
      ],
    },
  });
  assertEquals(partlyEvaluated([{ table: "processes", columns: ["name", "user_id"] }], view), {
    evaluated: 7,
    of: 10,
    reason: "processes: name, user_id denied; processes: name not read in time",
  });
});

Deno.test("partlyEvaluated() is blind where a table of a join is", () => {
  const view = viewOf({
    processes: { rows: 5, gaps: [] },
    users: { rows: 2, gaps: [{ column: "user_name", reason: "denied", rows: [0, 1] }] },
  });
  const reads = [{ table: "processes", columns: ["pid"] }, {
    table: "users",
    columns: ["user_name"],
  }];
  assertEquals(partlyEvaluated(reads, view)?.evaluated, 0);
  assertEquals(partlyEvaluated(reads, view)?.of, 7);
});

Deno.test("partlyEvaluated() tells of a table that was collected in part", () => {
  const outcome: TableOutcome = { status: "partial", reason: "it ran out of time" };
  const reads = [{ table: "processes", columns: ["pid"] }];
  assertEquals(partlyEvaluated(reads, viewOf({ processes: { rows: 5, gaps: [], outcome } })), {
    evaluated: 5,
    of: 5,
    reason: "rows of processes are missing: it ran out of time",
  });
  assertEquals(
    partlyEvaluated(reads, viewOf({ processes: { rows: 0, gaps: [], outcome } }))?.evaluated,
    0,
  );
});

Deno.test("partlyEvaluated() agrees with counting row by row", () => {
  const columns = ["a", "b", "c"];
  const table = fc.nat(6).chain((rows): fc.Arbitrary<Table> =>
    fc.record({
      rows: fc.constant(rows),
      gaps: fc.array(
        fc.record({
          column: fc.constantFrom(...columns),
          reason: fc.constantFrom<GapReason>("denied", "budget"),
          rows: rows === 0 ? fc.constant([]) : fc.uniqueArray(fc.nat(rows - 1)),
        }),
        { maxLength: 4 },
      ),
    })
  );
  const reads = fc.uniqueArray(
    fc.record({ table: fc.constantFrom("s", "t", "u"), columns: fc.subarray(columns) }),
    { selector: ({ table }) => table },
  );
  fc.assert(
    fc.property(fc.record({ s: table, t: table, u: table }), reads, (tables, read) => {
      let [of, evaluated] = [0, 0];
      let blind = false;
      for (const { table, columns } of read) {
        const { rows, gaps } = tables[table as "s"];
        let good = 0;
        for (let row = 0; row < rows; row++) {
          if (!gaps.some((gap) => columns.includes(gap.column) && gap.rows.includes(row))) good++;
        }
        of += rows;
        evaluated += good;
        if (rows > 0 && good === 0) blind = true;
      }
      const found = partlyEvaluated(read, viewOf(tables));
      assertEquals(
        found && { evaluated: found.evaluated, of: found.of },
        evaluated === of ? undefined : { evaluated: blind ? 0 : evaluated, of },
      );
    }),
    { numRuns: 2_000 },
  );
});
