/**
 * How fast the memory of a process is searched, and what that costs the process: a program that counts as fast as it can
 * and holds so many megabytes, half of them random, half like text.
 *
 *     deno task bench:memory [MEGABYTES] [RUNS]
 *
 * Printed are, for each table, the time through a collector with everything from the task to the last checked batch, the
 * processor time that reading takes (in this process), and what the program counts in a second, alone and while it is
 * searched without a pause. Where there are no more cores than programs that run, they share those: what is lost then is
 * lost to the collector's use of the processor, not to waiting for memory.
 *
 * @module
 */
import process from "node:process";
import type { Reading } from "../../collectors/core/collector.ts";
import { listArtifacts } from "../../collectors/memmond/memory_artifacts.ts";
import { listPatterns, patternsOf } from "../../collectors/memmond/memory_patterns.ts";
import { listRegions } from "../../collectors/memmond/memory_regions.ts";
import { createAllowance } from "../../collectors/memmond/search.ts";
import { openTargets, type Target } from "../../collectors/memmond/targets.ts";
import { openCollectors } from "../../collectors/mod.ts";
import type { CollectionTask } from "../../model/collection.ts";

const [megabytes = 256, runs = 5] = Deno.args.map(Number);

/** Holds memory and says every second how often it counted to 10,000 within it. */
const PROGRAM = `
import random, sys, time
size = int(sys.argv[1]) * 2**20
piece = random.Random(1).randbytes(2**20)
words = b" ".join(b"%x/word.%d" % (n * 7919, n) for n in range(2**16))[:2**20].ljust(2**20, b"x")
held = bytearray()
while len(held) < size:
    held += piece
    held += words
while True:
    start = time.perf_counter()
    count = 0
    while time.perf_counter() - start < 1:
        for _ in range(10000):
            pass
        count += 1
    print(count, flush=True)
`;

const median = (values: readonly number[]) =>
  values.toSorted((one, other) => one - other)[values.length >> 1]!;

const child = new Deno.Command("python3", {
  args: ["-c", PROGRAM, String(megabytes)],
  stdout: "piped",
}).spawn();
const keys = { column: "pid", values: [child.pid] };

const counts: number[] = [];
const counting = (async () => {
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    counts.push(...text.trim().split("\n").map(Number));
  }
})();

/** What the program counts in a second, the median of so many. */
async function pace(seconds: number): Promise<number> {
  const from = counts.length + 1;
  while (counts.length < from + seconds) await new Promise((resolve) => setTimeout(resolve, 100));
  return median(counts.slice(from));
}

const collectors = await openCollectors({ platform: "linux", policy: "preferred" });

/** ms that a table takes through a collector. */
async function collect(table: string, more: Partial<CollectionTask> = {}): Promise<number> {
  const started = performance.now();
  const project = ["pid", "permissions", "dirty_pages", "pattern_value", "artifact_value"];
  const batches = collectors.collect({ table, project, keys, deadline: 600_000, ...more });
  for (let next = await batches.next();; next = await batches.next()) {
    if (!next.done) continue;
    if (next.value.status !== "complete") throw new Error(next.value.reason);
    return performance.now() - started;
  }
}

/** ms of processor time that reading takes. */
function read(list: (target: Target) => Iterable<Reading>): number {
  const before = process.cpuUsage();
  for (const target of openTargets(keys, { procRoot: "/proc", deadline: Infinity })) {
    for (const _ of list(target));
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

try {
  await pace(1);
  await collect("memory_regions");
  const status = await Deno.readTextFile(`/proc/${child.pid}/status`);
  const resident = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
  const where = { op: "=", column: "pattern_regex", value: "stratum\\+tcp://[a-z.]+" } as const;
  const free = () => createAllowance(Infinity, { left: Infinity });
  const search = (task: Pick<CollectionTask, "where">) => {
    const patterns = patternsOf(task, () => {});
    return (target: Target) => listPatterns(target, patterns, free());
  };
  const asked: readonly [
    string,
    string,
    Partial<CollectionTask>,
    (target: Target) => Iterable<Reading>,
  ][] = [
    ["memory_regions", "", {}, (target) => listRegions(target, ["dirty_pages"])],
    ["memory_patterns", ", what is built in", {}, search({})],
    ["memory_patterns", ", one of a detection", { where }, search({ where })],
    ["memory_artifacts", "", {}, (target) => listArtifacts(target, free())],
  ];
  console.log(`${Math.round(resident)} MB of a process, medians of ${runs} runs`);
  for (const [table, name, more, list] of asked) {
    const [times, spent]: [number[], number[]] = [[], []];
    for (let run = 0; run < runs; run++) {
      times.push(await collect(table, more));
      spent.push(read(list));
    }
    const speed = (ms: number) => `${ms.toFixed(0)} ms, ${(resident / ms * 1000).toFixed(0)} MB/s`;
    console.log(`${table}${name}: ${speed(median(times))}; processor ${speed(median(spent))}`);
  }
  const alone = await pace(runs);
  let over = false;
  const searching = (async () => {
    while (!over) await collect("memory_patterns");
  })();
  const searched = await pace(runs);
  over = true;
  await searching;
  console.log(`it counts ${alone} a second alone, ${searched} while it is searched`);
} finally {
  child.kill("SIGKILL");
  await collectors.close();
  await counting;
}
