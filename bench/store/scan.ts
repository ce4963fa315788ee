/**
 * Writes a scan of 10,000 processes with 40 columns into a new store and reads it back, five times; prints times and the
 * size on disk. Run it with `deno run -A bench/store/scan.ts [ROWS]`.
 *
 * @module
 */
import { join } from "@std/path";
import { CATALOGUE } from "../../profiles/mod.ts";
import type { Cell, RecordBatch } from "../../schema/batch.ts";
import { collectedColumns, type Column } from "../../schema/columns.ts";
import { openStore } from "../../store/mod.ts";

const ROWS = Number(Deno.args[0] ?? 10_000);
const RUNS = 5;
const COLUMNS = collectedColumns(CATALOGUE.get("processes")!, "linux").slice(0, 40);
const BATCH_ROWS = 1000;

/** What a column of process `i` might hold: as repetitive as a real host, as varied where hosts are. */
function cell(column: Column, i: number): Cell {
  const scattered = Math.imul(i, 2654435761) >>> 0;
  switch (column.type) {
    case "integer":
      return column.name === "pid" ? 1000 + i : scattered % 100_000;
    case "timestamp":
      return 1_760_000_000_000 + i * 997;
    case "float":
      return (scattered % 100_000) / 100;
    case "boolean":
      return i % 7 === 0;
    case "json":
      return JSON.stringify({ PATH: "/usr/local/bin:/usr/bin", HOME: "/root", ID: `${scattered}` });
    case "string":
      if (column.name.endsWith("key")) {
        return `6f1c9f0e-8c1b-4f7e-9d1a-aa51b0c7d2e4:${i}:${scattered}`;
      }
      if (column.name.includes("command")) return `/usr/lib/app${i % 50}/bin/worker --id ${i}`;
      return `/usr/lib/app${i % 50}/${column.name}`;
  }
}

const batches: RecordBatch[] = [];
for (let from = 0; from < ROWS; from += BATCH_ROWS) {
  const rows = Math.min(BATCH_ROWS, ROWS - from);
  batches.push({
    table: "processes",
    columns: COLUMNS.map(({ name }) => name),
    values: COLUMNS.map((column) =>
      Array.from({ length: rows }, (_, row) => cell(column, from + row))
    ),
    rows,
    gaps: [],
  });
}

const folder = await Deno.makeTempDir();
const path = join(folder, "state.kv");
const store = await openStore({ path, mode: "write", holder: "bench", catalogue: CATALOGUE });
try {
  for (let run = 1; run <= RUNS; run++) {
    const start = performance.now();
    const scan = await store.beginScan({ host: "bench", platform: "linux", started: Date.now() });
    for (const batch of batches) await scan.write(batch);
    scan.endTable("processes", Date.now(), { status: "complete" });
    await scan.commit([], Date.now());
    const written = performance.now();
    let rows = 0;
    for await (const batch of store.batches(scan.scan_id, "processes")) rows += batch.rows;
    const read = performance.now();
    const size = Deno.statSync(path).size + Deno.statSync(`${path}-wal`).size;
    console.log(
      `run ${run}: ${rows} rows x ${COLUMNS.length} columns, written in ` +
        `${(written - start).toFixed(0)} ms, read in ${(read - written).toFixed(0)} ms`,
    );
    if (run === RUNS) {
      console.log(`${RUNS} scans on disk: ${(size / 1e6).toFixed(1)} MB with journal`);
    }
  }
} finally {
  store.close();
}
console.log(`${RUNS} scans on disk: ${(Deno.statSync(path).size / 1e6).toFixed(1)} MB when closed`);
await Deno.remove(folder, { recursive: true });
