/**
 * Builds an image of 10,000 processes with 30 columns and runs 300 rules of six kinds over it in the sandbox; prints
 * times. Run it with `deno run -A bench/engine/rules.ts [ROWS]`.
 *
 * @module
 */
import { buildImage } from "../../engine/image.ts";
import { openSandbox, type Sandbox, type SandboxImage } from "../../engine/sandbox/sandbox.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import type { Cell, RecordBatch } from "../../schema/batch.ts";
import { collectedColumns, type Column } from "../../schema/columns.ts";

const ROWS = Number(Deno.args[0] ?? 10_000);
const RUNS = 5;
const COLUMNS = collectedColumns(CATALOGUE.get("processes")!, "linux").slice(0, 30);

function cell({ name, type }: Column, i: number): Cell {
  const scattered = Math.imul(i, 2654435761) >>> 0;
  if (name === "pid") return 1000 + i;
  if (name === "ppid") return 1000 + scattered % (i + 1);
  if (type === "string") return `/usr/lib/app${scattered % 500}/bin/worker --${name} ${i}`;
  if (type === "json") return `["/usr/lib/app${i % 50}","--id","${i}"]`;
  if (type === "boolean") return i % 7 === 0;
  if (type === "float") return (scattered % 100_000) / 100;
  return type === "timestamp" ? 1_760_000_000_000 + i * 997 : scattered % 100_000;
}

const BATCHES: RecordBatch[] = [];
for (let from = 0; from < ROWS; from += 1_000) {
  const rows = Math.min(1_000, ROWS - from);
  const values = COLUMNS.map((column) =>
    Array.from({ length: rows }, (_, row) => cell(column, from + row))
  );
  BATCHES.push({
    table: "processes",
    columns: COLUMNS.map(({ name }) => name),
    values,
    rows,
    gaps: [],
  });
}

/** Rules by kind; each of the fifty of a kind looks for something else. */
const KINDS: Readonly<Record<string, (n: number) => string>> = {
  equality: (n) => `SELECT pid, name FROM processes WHERE name = 'tool${n}'`,
  like: (n) =>
    `SELECT pid FROM processes WHERE command_line LIKE '%tool${n}%' OR executable_path LIKE '/tmp/%${n}'`,
  regexp: (n) => `SELECT pid FROM processes WHERE command_line REGEXP '(?i)tool${n}|miner.*--pool'`,
  contains: (n) =>
    `SELECT pid FROM processes WHERE contains(command_line, 'tool${n}') AND ends_with(executable_path, '.sh')`,
  parent: (n) =>
    `SELECT c.pid FROM processes c JOIN processes p ON p.pid = c.ppid WHERE p.name = 'tool${n}' OR c.name = 'tool${n}'`,
  group: (n) =>
    `SELECT name, count(*) AS n FROM processes GROUP BY name HAVING count(*) > ${10_000 + n}`,
};
const RULES = Object.values(KINDS).flatMap((rule) => Array.from({ length: 50 }, (_, n) => rule(n)));

async function timed<T>(work: () => Promise<T>): Promise<[number, T]> {
  const started = performance.now();
  const value = await work();
  return [performance.now() - started, value];
}

/** The shortest of several runs, ms. */
async function best(work: () => Promise<unknown>): Promise<string> {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) times.push((await timed(work))[0]);
  return `${Math.min(...times).toFixed(1)} ms`;
}

async function runAll(
  sandbox: Sandbox,
  image: SandboxImage,
  rules: readonly string[],
): Promise<void> {
  const outcomes = await Promise.all(
    rules.map((sql) => sandbox.run({ image, sql, parameters: {}, timeout: 30_000 })),
  );
  const failed = outcomes.find(({ status }) => status === "failed");
  if (failed) throw new Error(Deno.inspect(failed));
}

const build = () =>
  buildImage({
    catalogue: CATALOGUE,
    platform: "linux",
    tables: [{ table: "processes", batches: BATCHES }],
  });
const { bytes } = await build();
console.log(`image of ${ROWS} rows: ${await best(build)}, ${(bytes.length / 1e6).toFixed(1)} MB`);

const [start, one] = await timed(() => openSandbox({ policy: "preferred", size: 1 }));
console.log(`start of the first query process: ${start.toFixed(1)} ms`);
const image = one.load(bytes);
const [loading] = await timed(() => runAll(one, image, ["SELECT 1 AS one"]));
console.log(`loading the image: ${loading.toFixed(1)} ms`);
for (const [kind, rule] of Object.entries(KINDS)) {
  const rules = Array.from({ length: 50 }, (_, n) => rule(n));
  await runAll(one, image, rules);
  console.log(`50 × ${kind}: ${await best(() => runAll(one, image, rules))}`);
}
console.log(
  `a result of 10,000 × 30: ${await best(() => runAll(one, image, ["SELECT * FROM processes"]))}`,
);
console.log(`300 rules, one process: ${await best(() => runAll(one, image, RULES))}`);
await one.close();

await using two = await openSandbox({ policy: "preferred", size: 2 });
const second = two.load(bytes);
await runAll(two, second, RULES);
console.log(`300 rules, two processes: ${await best(() => runAll(two, second, RULES))}`);
