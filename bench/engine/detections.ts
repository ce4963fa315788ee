/**
 * Runs each detection over 10,000 processes such as servers have and 2,000 rows of every other table that it reads;
 * prints how long the SQL takes, the slowest first. Run it with `deno run -A bench/engine/detections.ts [FOLDER]`.
 *
 * @module
 */
import { findDetections, loadDetections } from "../../compiler/files.ts";
import { buildImage } from "../../engine/image.ts";
import { openImage } from "../../engine/sandbox/database.ts";
import type { CompiledDetection } from "../../model/compiled.ts";
import { CATALOGUE } from "../../profiles/mod.ts";
import type { Cell, RecordBatch } from "../../schema/batch.ts";
import { type Column, columnsOf } from "../../schema/columns.ts";

const PROCESSES = 10_000;
const OTHERS = 2_000;
const RUNS = 5;
const NOW = Date.UTC(2026, 0, 1);

/** Programs with their command lines; `#` is another number for each process. */
const PROGRAMS: readonly (readonly [path: string | null, command: string | null])[] = [
  [null, null],
  ["/usr/lib/systemd/systemd", "/sbin/init splash"],
  ["/usr/sbin/sshd", "sshd: deploy@pts/#"],
  ["/usr/bin/bash", "-bash"],
  ["/usr/bin/bash", "/bin/bash -c cd /srv/app# && exec ./bin/server --listen 127.0.0.1:80#"],
  ["/usr/bin/dash", "sh -c /usr/local/bin/check_disk -w 10% -c 5% -p /var/lib/data#"],
  [
    "/usr/bin/dash",
    "sh -c curl -fsS https://health.example/ping/# > /dev/null 2>&1 || logger failed",
  ],
  ["/usr/bin/python3.11", "/usr/bin/python3 -u /opt/agent/main.py --config /etc/agent/#.yaml"],
  [
    "/usr/bin/python3.11",
    "/srv/venv/bin/python /srv/venv/bin/gunicorn app:create_app() --workers 8 --bind unix:/run/app#.sock",
  ],
  ["/usr/bin/node", "node /srv/web/node_modules/.bin/next start --port 30#"],
  ["/usr/sbin/nginx", "nginx: worker process"],
  ["/usr/lib/postgresql/16/bin/postgres", "postgres: 16/main: app app# 10.0.0.#(50#) idle"],
  [
    "/usr/bin/containerd-shim-runc-v2",
    "/usr/bin/containerd-shim-runc-v2 -namespace moby -id 1f0e6d5c4b3a29180716253443526170ffeeddccbbaa99887766554433221# -address /run/containerd/containerd.sock",
  ],
  [
    "/usr/lib/jvm/java-21/bin/java",
    `/usr/lib/jvm/java-21/bin/java -Xmx4g -XX:+UseG1GC -Dapp.id=# -cp ${
      Array.from({ length: 30 }, (_, index) => `/opt/app/lib/library-${index}-2.1.${index}.jar`)
        .join(":")
    } com.example.Main --server`,
  ],
  [
    "/opt/google/chrome/chrome",
    "/opt/google/chrome/chrome --type=renderer --crashpad-handler-pid=# --enable-crash-reporter=,stable --lang=de --num-raster-threads=4 --renderer-client-id=# --time-ticks-at-unix-epoch=-17#",
  ],
  ["/usr/bin/rsync", "rsync -a --delete /srv/data#/ backup@10.0.0.#:/backup/data#/"],
];

function hash(row: number): number {
  return Math.imul(row + 1, 2654435761) >>> 0;
}

function cell({ name, type, values, optional }: Column, row: number): Cell {
  const any = hash(row * 31 + name.length);
  const [path, command] = PROGRAMS[hash(row) % PROGRAMS.length]!;
  switch (name) {
    case "pid":
      return row + 1;
    case "ppid":
      return row === 0 ? 0 : hash(row) % row + 1;
    case "process_key":
      return `b4c5:${row + 1}:1000`;
    case "parent_key":
      return row === 0 ? null : `b4c5:${hash(row) % row + 1}:1000`;
    case "executable_path":
    case "parent_executable_path":
    case "file_path":
    case "path":
      return path;
    case "command_line":
    case "parent_command_line":
      return command?.replaceAll("#", String(any % 1000)) ?? null;
    case "name":
    case "parent_process":
      return path === null ? `kworker/${any % 64}` : path.slice(path.lastIndexOf("/") + 1, 15);
  }
  if (values) return values[any % values.length]!;
  if (optional && any % 3 === 0) return null;
  switch (type) {
    case "string":
      return `${name} ${any % 1000}`;
    case "json":
      return `{"id": ${any % 1000}}`;
    case "boolean":
      return any % 5 === 0;
    case "timestamp":
      return NOW - any % 1_000_000;
    default:
      return any % 70_000;
  }
}

function batch(table: string): RecordBatch {
  const columns = columnsOf(CATALOGUE.get(table)!, "linux");
  const rows = table === "processes" ? PROCESSES : OTHERS;
  const values = columns.map((column) =>
    Array.from({ length: rows }, (_, row) => cell(column, row))
  );
  return { table, columns: columns.map(({ name }) => name), values, rows, gaps: [] };
}

const batches = new Map<string, RecordBatch>();

function batchOf(table: string): RecordBatch {
  let known = batches.get(table);
  if (!known) batches.set(table, known = batch(table));
  return known;
}

/** The shortest of several runs of a detection's SQL, ms, and how many rows it finds. */
async function measure({ sql, tables }: CompiledDetection): Promise<readonly [number, number]> {
  const image = await buildImage({
    catalogue: CATALOGUE,
    platform: "linux",
    tables: tables.map(({ table }) => ({ table, batches: [batchOf(table)] })),
    only: tables,
  });
  const opened = openImage(image.bytes, 1 << 30);
  try {
    let best = Infinity;
    let rows = 0;
    const parameters = { now: String(NOW), since: null, scan_id: "1" };
    for (let run = 0; run < RUNS; run++) {
      const started = performance.now();
      const { header, payload } = opened.run({
        type: "run",
        sql,
        parameters,
        maxRows: 10_000,
        maxResult: 1 << 26,
      });
      best = Math.min(best, performance.now() - started);
      if (header.type !== "result") throw new Error(Deno.inspect(header));
      rows = JSON.parse(new TextDecoder().decode(payload)).length;
    }
    return [best, rows];
  } finally {
    opened.close();
  }
}

const folder = Deno.args[0] ?? new URL("../../detections", import.meta.url).pathname;
const files = await loadDetections(await findDetections([folder]), CATALOGUE);
const measured: { name: string; time: number; rows: number }[] = [];
for (const { compiled } of files) {
  if (!compiled?.detection.meta.platforms.includes("linux")) continue;
  const [time, rows] = await measure(compiled);
  measured.push({ name: compiled.detection.name, time, rows });
}
measured.sort((left, right) => right.time - left.time);
for (const { name, time, rows } of measured) {
  console.log(`${time.toFixed(1).padStart(8)} ms  ${String(rows).padStart(6)} rows  ${name}`);
}
