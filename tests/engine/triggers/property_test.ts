import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { compileQuery } from "../../../compiler/mod.ts";
import { collectScan, planCollection } from "../../../engine/collect.ts";
import { evaluateQuery } from "../../../engine/evaluate.ts";
import { buildImage } from "../../../engine/image.ts";
import type { Sandbox } from "../../../engine/sandbox/sandbox.ts";
import { loadView } from "../../../engine/view.ts";
import type { CollectionTask, TableOutcome } from "../../../model/collection.ts";
import type { CompiledQuery } from "../../../model/compiled.ts";
import { CATALOGUE } from "../../../profiles/mod.ts";
import type { Store } from "../../../store/mod.ts";
import { batchOf, withEngine } from "../support.ts";
import { collectorsOf, type Host } from "./support.ts";

const path = fc.constantFrom("/a", "/b", "/c", "/d");
const pid = fc.integer({ min: 1, max: 5 });
const rows = <T>(row: fc.Arbitrary<T>) => fc.array(row, { minLength: 2, maxLength: 8 });

const hosts: fc.Arbitrary<Host> = fc.record({
  processes: rows(fc.record({
    pid,
    name: fc.constantFrom("x", "y"),
    executable_path: fc.option(path),
    user_id: fc.integer({ min: 0, max: 2 }),
  })),
  binary_analysis: rows(fc.record({
    pid: fc.option(pid),
    file_path: path,
    entropy: fc.integer({ min: 5, max: 8 }),
  })),
  file_metadata: rows(fc.record({
    file_path: path,
    directory: fc.constantFrom("/", "/a"),
    owner_user: fc.option(fc.constantFrom("root", "joe")),
    symlink_target: fc.option(path),
  })),
  imports_exports: rows(fc.record({
    pid: fc.option(pid),
    file_path: path,
    function_name: fc.constantFrom("ptrace", "open"),
  })),
});

/** Joins of tables that need keys: the alias of each, its key, and where the value may come from. */
const STEPS = [
  { table: "binary_analysis", key: "pid", from: ["p.pid"], tests: ["entropy > 6"] },
  {
    table: "binary_analysis",
    key: "file_path",
    from: ["p.executable_path"],
    tests: ["entropy < 8"],
  },
  {
    table: "file_metadata",
    key: "file_path",
    from: ["p.executable_path", "FILE", "LINK"],
    tests: ["owner_user = 'root'", "symlink_target IS NULL"],
  },
  { table: "file_metadata", key: "directory", from: ["FILE"], tests: ["owner_user <> 'joe'"] },
  {
    table: "imports_exports",
    key: "file_path",
    from: ["FILE", "LINK", "p.executable_path"],
    tests: ["function_name = 'ptrace'"],
  },
] as const;

const WHENS = ["p.user_id > 0", "p.name = 'x'", "p.executable_path LIKE '/%' AND p.user_id < 2"];

const queries = fc.array(
  fc.record({
    step: fc.constantFrom(...STEPS),
    from: fc.nat(),
    left: fc.boolean(),
    when: fc.option(fc.constantFrom(...WHENS)),
    test: fc.option(fc.nat()),
    inOn: fc.boolean(),
  }),
  { minLength: 1, maxLength: 3 },
).chain((steps) =>
  fc.constantFrom("", "p.user_id <> 1", "p.name = 'y' OR p.pid > 2").map((where) => {
    const conditions = where === "" ? [] : [`(${where})`];
    const columns = ["p.pid AS c"];
    const joins = steps.map(({ step: { table, key, from, tests }, ...how }, index) => {
      const alias = `t${index}`;
      // What comes before may have a file, or a link to one.
      const files = steps.slice(0, index).flatMap((_, before) => [`t${before}.file_path`]);
      const links = steps.slice(0, index).flatMap(({ step }, before) =>
        step.table === "file_metadata" ? [`t${before}.symlink_target`] : []
      );
      const values = from.flatMap((one) =>
        one === "FILE" ? files : one === "LINK" ? links : [one as string]
      );
      const value = values[how.from % values.length] ?? "p.executable_path";
      const test = how.test === null ? "" : `${alias}.${tests[how.test % tests.length]}`;
      if (test && !how.inOn) conditions.push(test);
      columns.push(`${alias}.${key} AS c${index}`);
      return `${how.left ? "LEFT " : ""}AUTO JOIN ${table} ${alias} ON ${alias}.${key} = ${value}${
        test && how.inOn ? ` AND ${test}` : ""
      }${how.when === null ? "" : ` WHEN ${how.when}`}`;
    });
    return `SELECT ${columns.join(", ")} FROM processes p ${joins.join(" ")}${
      conditions.length > 0 ? ` WHERE ${conditions.join(" AND ")}` : ""
    }`;
  })
);

function compiled(sql: string): CompiledQuery {
  const { query, diagnostics } = compileQuery(sql, { catalogue: CATALOGUE, platform: "linux" });
  assert(query, `${sql}\n${Deno.inspect(diagnostics)}`);
  return query;
}

/** What collecting by keys comes to. */
async function collected(
  query: CompiledQuery,
  host: Host,
  store: Store,
  sandbox: Sandbox,
  refuse?: (task: CollectionTask) => TableOutcome | undefined,
) {
  const manifest = await collectScan({
    store,
    collectors: collectorsOf(host, refuse),
    tasks: planCollection([query]),
    host: "host-a",
    platform: "linux",
    triggers: { queries: [query], catalogue: CATALOGUE, sandbox },
  });
  const view = await loadView(store, manifest, CATALOGUE, sandbox, { only: query.tables });
  return await evaluateQuery(query, view, { now: manifest.started }, sandbox, 10_000);
}

/** The rows that the same query has over everything there is, as text. */
async function expected({ sql }: CompiledQuery, host: Host, sandbox: Sandbox): Promise<string[]> {
  const { bytes } = await buildImage({
    catalogue: CATALOGUE,
    platform: "linux",
    tables: Object.entries(host).map(([table, rows]) => ({
      table,
      batches: rows.length > 0 ? [batchOf(table, rows)] : [],
    })),
  });
  const outcome = await sandbox.run({
    image: sandbox.load(bytes),
    sql,
    parameters: {},
    timeout: 10_000,
  });
  assert(outcome.status === "done", Deno.inspect(outcome));
  return texts(outcome.rows);
}

function texts(rows: readonly unknown[]): string[] {
  return rows.map((row) => JSON.stringify(row)).sort();
}

Deno.test("collecting by keys gives the rows that everything there is would give", () =>
  withEngine((store, sandbox) =>
    fc.assert(
      fc.asyncProperty(queries, hosts, async (sql, host) => {
        const query = compiled(sql);
        const evaluation = await collected(query, host, store, sandbox);
        assert(evaluation.status === "evaluated", Deno.inspect(evaluation));
        assertEquals(evaluation.partial, undefined);
        assertEquals(texts(evaluation.result.rows), await expected(query, host, sandbox));
      }),
      { numRuns: 100 },
    )
  ));

Deno.test("where keys are not answered no row is made up, and none is missed in silence", () =>
  withEngine((store, sandbox) =>
    fc.assert(
      fc.asyncProperty(
        queries,
        hosts,
        fc.tuple(fc.oneof<fc.Arbitrary<string | number>[]>(path, pid)),
        async (sql, host, refused) => {
          const query = compiled(sql);
          const evaluation = await collected(
            query,
            host,
            store,
            sandbox,
            ({ keys }) =>
              keys?.values?.some((value) => refused.includes(value))
                ? { status: "unavailable", reason: "denied" }
                : undefined,
          );
          if (evaluation.status !== "evaluated") return;
          const all = await expected(query, host, sandbox);
          const found = texts(evaluation.result.rows);
          assert(found.every((row) => all.includes(row)), `made up: ${found} of ${all}`);
          if (!evaluation.partial) assertEquals(found, all);
        },
      ),
      { numRuns: 200 },
    )
  ));
