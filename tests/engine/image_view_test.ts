import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { compileQuery } from "../../compiler/mod.ts";
import { detect } from "../../engine/detect.ts";
import { buildImage, ImageTooLarge } from "../../engine/image.ts";
import { openImage } from "../../engine/sandbox/database.ts";
import { eventQuery } from "../../engine/semantics/event_query.ts";
import type { CompiledQuery } from "../../model/compiled.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import { process_ancestors } from "../../profiles/views/process_ancestors.ts";
import type { Cell } from "../../schema/batch.ts";
import { DatabaseSync } from "../../std/sqlite.ts";
import { batchOf, detectionOf, storeScan, withEngine } from "./support.ts";

interface Process {
  readonly scan_id: number;
  readonly process_key: string | null;
  readonly parent_key: string | null;
  readonly pid: number;
  readonly name: string;
}

const EVERYTHING = "SELECT process_key, ancestor_key, ancestor_pid, depth, name, scan_id " +
  "FROM process_ancestors ORDER BY scan_id, process_key, depth";

function compile(sql: string): CompiledQuery {
  const { query, diagnostics } = compileQuery(sql, { catalogue: CATALOGUE, platform: "linux" });
  assert(query, Deno.inspect(diagnostics));
  return query;
}

/** The rows of a query as the sandbox evaluates it over processes. */
async function ask(sql: string, processes: readonly Process[]): Promise<readonly unknown[][]> {
  const { tables, sql: plain } = compile(sql);
  const image = await buildImage({
    catalogue: CATALOGUE,
    platform: "linux",
    tables: [{
      table: "processes",
      batches: [batchOf("processes", processes.map((one) => ({ ...one })))],
    }],
    only: tables,
  });
  const opened = openImage(image.bytes, 512 << 20);
  try {
    const { header, payload } = opened.run(
      {
        type: "run",
        id: 1,
        image: 1,
        sql: plain,
        parameters: {},
        maxRows: 1e6,
        maxResult: 1e8,
      } as Parameters<typeof opened.run>[0],
    );
    assertEquals(header.type, "result", Deno.inspect(header));
    return JSON.parse(new TextDecoder().decode(payload));
  } finally {
    opened.close();
  }
}

/** The same rows by walking up from each process with nothing but the list. */
function walk(processes: readonly Process[]): Cell[][] {
  const rows: Cell[][] = [];
  const find = (scan: number, key: string | null) =>
    processes.find((one) => key !== null && one.scan_id === scan && one.process_key === key);
  for (const process of processes) {
    if (find(process.scan_id, process.process_key) !== process) continue;
    const passed = [process];
    for (;;) {
      const above = find(process.scan_id, passed.at(-1)!.parent_key);
      if (!above || passed.includes(above) || passed.length > process_ancestors.path.limit) break;
      const { process_key, pid, name } = above;
      rows.push([process.process_key, process_key, pid, passed.length, name, process.scan_id]);
      passed.push(above);
    }
  }
  const order = (left: Cell, right: Cell) => left! < right! ? -1 : left! > right! ? 1 : 0;
  return rows.sort((left, right) =>
    order(left[5]!, right[5]!) || order(left[0]!, right[0]!) || order(left[3]!, right[3]!)
  );
}

const key = fc.oneof(
  { weight: 12, arbitrary: fc.nat(9).map((number) => `boot:${number}`) },
  fc.constant(null),
);
const forest: fc.Arbitrary<readonly Process[]> = fc.array(
  fc.record({
    scan_id: fc.constantFrom(1, 1, 2),
    process_key: key,
    parent_key: key,
    pid: fc.nat(5),
    name: fc.constantFrom("sh", "nginx", "init"),
  }),
  { minLength: 6, maxLength: 24, size: "max" },
);

Deno.test("process_ancestors is what walking up from each process finds, cycles and gaps or not", async () => {
  let found = 0;
  let cycles = 0;
  await fc.assert(
    fc.asyncProperty(forest, async (processes) => {
      const expected = walk(processes);
      found += expected.length;
      if (processes.some((one) => one.process_key !== null && one.process_key === one.parent_key)) {
        cycles++;
      }
      assertEquals(await ask(EVERYTHING, processes), expected);
    }),
    { numRuns: 400, seed: 20260101 },
  );
  assert(found > 2_000 && cycles > 100, `${found} rows, ${cycles} cases with a cycle`);
});

/** A line of processes, each the child of the one before. */
function chain(length: number): Process[] {
  return Array.from({ length }, (_, pid) => ({
    scan_id: 1,
    process_key: `boot:${pid}`,
    parent_key: pid === 0 ? null : `boot:${pid - 1}`,
    pid,
    name: pid === 0 ? "nginx" : "sh",
  }));
}

Deno.test("process_ancestors of 10,000 processes is joined by lookups, not by trying all pairs", async () => {
  const processes = chain(10_000).map((one) => ({
    ...one,
    parent_key: one.pid === 0 ? null : `boot:${one.pid >> 1}`,
  }));
  const rows = await ask(
    "SELECT p.pid FROM processes p JOIN process_ancestors a ON a.process_key = p.process_key WHERE a.name = 'nginx'",
    processes.map((one) => one.pid === 1 ? { ...one, parent_key: "boot:0" } : one),
  );
  assertEquals(rows.length, 9_999);
});

Deno.test("process_ancestors takes what the compiler takes of a table", async () => {
  const names = (sql: string) => ask(sql, chain(3));
  assertEquals(await names("SELECT depth FROM process_ancestors NOT INDEXED"), [[1], [1], [2]]);
  assertEquals(
    await names("SELECT a.depth FROM processes p NATURAL JOIN process_ancestors a WHERE p.pid = 2"),
    [],
  );
  assertEquals(
    await names(
      "SELECT max(a.depth) FILTER (WHERE a.name = 'sh') AS far FROM processes p " +
        "LEFT JOIN process_ancestors a USING (scan_id, process_key) GROUP BY p.pid ORDER BY p.pid",
    ),
    [[null], [null], [1]],
  );
  assertEquals(
    await names(
      "SELECT p.pid FROM processes p WHERE 'nginx' IN (SELECT a.name FROM process_ancestors a WHERE a.process_key = p.process_key)",
    ),
    [[1], [2]],
  );
});

Deno.test("buildImage() makes a view only where it is read", async () => {
  const tables = [{ table: "processes", batches: [batchOf("processes", [{ pid: 1 }])] }];
  const base = { catalogue: CATALOGUE, platform: "linux", tables } as const;
  const names = async (sql?: string) => {
    const image = await buildImage({ ...base, ...(sql && { only: compile(sql).tables }) });
    using db = new DatabaseSync(":memory:");
    db.deserialize(image.bytes);
    const schema = "SELECT name FROM sqlite_schema WHERE type = 'view'";
    return db.prepare(schema).all().map((row) => row["name"]);
  };
  assertEquals(await names("SELECT pid, process_key, parent_key FROM processes"), []);
  assertEquals(await names("SELECT depth FROM process_ancestors"), ["process_ancestors"]);
  assertEquals(await names(), ["process_ancestors"]);
});

Deno.test("buildImage() tells of processes that stand too deep, and a detection of being partial", () =>
  withEngine(async (store, sandbox) => {
    const sql = "SELECT p.pid FROM processes p JOIN process_ancestors a " +
      "ON a.process_key = p.process_key AND a.name = 'nginx'";
    const processes = chain(67).map(({ scan_id: _scan, ...one }) => one);
    const manifest = await storeScan(store, [[batchOf("processes", processes)]]);
    const detections = [
      detectionOf(`${sql} WHERE p.name = 'sh'`),
      detectionOf("SELECT process_key, parent_key, pid FROM processes WHERE name = 'nginx'"),
    ];
    const now = manifest.started;
    const { runs } = await detect({
      store,
      manifest,
      sandbox,
      detections,
      catalogue: CATALOGUE,
      now,
    });
    assertEquals(
      runs.map(({ evaluation }) => evaluation.status === "evaluated" && evaluation.partial),
      [
        { evaluated: 65, of: 67, reason: "process_ancestors ends below the top of long chains" },
        undefined,
      ],
    );
    assertEquals(runs.map(({ hits }) => hits.length), [64, 1]);
  }));

Deno.test("buildImage() counts the rows of a view among what it may hold", async () => {
  const { tables: only } = compile(EVERYTHING);
  const tables = [{
    table: "processes",
    batches: [batchOf("processes", chain(60).map((one) => ({ ...one })))],
  }];
  const options = { catalogue: CATALOGUE, platform: "linux", tables, only } as const;
  await buildImage({ ...options, maxSize: 60 * 50 + 8 * 3 * 60 * 30 });
  await assertRejects(
    () => buildImage({ ...options, maxSize: 60 * 50 + 8 * 3 * 60 * 20 }),
    ImageTooLarge,
  );
});

Deno.test("a detection that reads process_ancestors is not evaluated where parents are denied", () =>
  withEngine(async (store, sandbox) => {
    const detection = detectionOf(
      "SELECT a.process_key, a.ancestor_pid FROM process_ancestors a WHERE a.name = 'nginx'",
    );
    const rows = [{ pid: 1, process_key: "a", name: "nginx" }, {
      pid: 2,
      process_key: "b",
      name: "sh",
      parent_key: "a",
    }];
    const run = async (denied: readonly number[]) => {
      const gaps = [{ column: "parent_key", reason: "denied", rows: denied }] as const;
      const manifest = await storeScan(store, [[batchOf("processes", rows, gaps)]]);
      const now = manifest.started;
      const options = { store, manifest, sandbox, catalogue: CATALOGUE, now };
      return (await detect({ ...options, detections: [detection] })).runs[0]!.evaluation;
    };
    assertEquals((await run([0, 1])).status, "not_evaluated");
    const some = await run([0]);
    assertEquals(some.status === "evaluated" && some.partial, {
      evaluated: 1,
      of: 2,
      reason: "processes: parent_key denied",
    });
  }));

Deno.test("eventQuery() keeps the state of a stream that a view is made of", () => {
  const states = (sql: string) => eventQuery(compile(sql))!.state.map(({ table }) => table);
  assertEquals(states("SELECT p.pid FROM processes p"), []);
  assertEquals(
    states(
      "SELECT p.pid FROM processes p JOIN process_ancestors a ON a.process_key = p.process_key",
    ),
    ["processes"],
  );
});
