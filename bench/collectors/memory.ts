/**
 * How fast the memory of a process is searched, and what that costs the process: one that holds so many megabytes, half of
 * them random, half like text.
 *
 *     deno task bench:memory [MEGABYTES] [RUNS] [SECONDS]
 *
 * Printed are, for each table, the time through a collector with everything from the task to the last checked batch, and
 * the processor time that reading takes (in this process).
 *
 * Then what it costs: the process counts loops, in each of which it also maps, touches and gives back memory, for which it
 * needs the same lock on its address space as who looks at that. Windows of so many seconds take turns: nothing else;
 * while another process like it is searched without a pause, which takes the same processor and caches but not this
 * process; and while it is searched itself. What the third has less than the second is what searching does to the process
 * searched. It has a core of its own, the collectors have the others; on a machine with one core, or without taskset,
 * they share, and that is said. Medians of loops in a second and of the longest pause between two loops.
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
import { hasProgram } from "../../tests/collectors/netanalymond/real_capture.ts";

const [megabytes = 256, runs = 5, seconds = 2] = Deno.args.map(Number);

/** Holds memory; for each line of input, counts for so many seconds, and says how often and its longest pause in µs. */
const PROGRAM = `
import mmap, random, sys, time
size = int(sys.argv[1]) * 2**20
piece = random.Random(1).randbytes(2**20)
words = b" ".join(b"%x/word.%d" % (n * 7919, n) for n in range(2**16))[:2**20].ljust(2**20, b"x")
held = bytearray()
while len(held) < size:
    held += piece
    held += words
print("ready", flush=True)
for line in sys.stdin:
    end = time.perf_counter() + float(line)
    count, longest, last = 0, 0, time.perf_counter()
    while last < end:
        for _ in range(1000):
            pass
        with mmap.mmap(-1, 65536) as page:
            page[0] = 1
        now = time.perf_counter()
        longest = max(longest, now - last)
        last = now
        count += 1
    print(count, round(longest * 1e6), flush=True)
`;

const median = (values: readonly number[]) =>
  values.toSorted((one, other) => one - other)[values.length >> 1]!;

/** Whether each part can be given cores of its own. */
const pinned = navigator.hardwareConcurrency > 1 && await hasProgram("taskset");

/** A process with memory. */
function start(core: string) {
  const program = ["python3", "-c", PROGRAM, String(megabytes)];
  const [command, ...args] = pinned ? ["taskset", "-c", core, ...program] : program;
  const child = new Deno.Command(command!, { args, stdin: "piped", stdout: "piped" }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const writer = child.stdin.getWriter();
  return {
    pid: child.pid,
    /** What it says next. */
    async line(): Promise<string> {
      let said = "";
      while (!said.endsWith("\n")) {
        const { value, done } = await reader.read();
        if (done) throw new Error("the process has ended");
        said += value;
      }
      return said.trim();
    },
    /** Loops in a second and the longest pause, µs, of so many seconds. */
    async count(): Promise<readonly [number, number]> {
      await writer.write(new TextEncoder().encode(`${seconds}\n`));
      const [count = 0, longest = 0] = (await this.line()).split(" ").map(Number);
      return [count / seconds, longest];
    },
    async end(): Promise<void> {
      child.kill("SIGKILL");
      await child.status;
      await reader.cancel();
      await writer.abort().catch(() => {});
    },
  };
}

const victim = start("0");
const other = start("0");
const keysOf = ({ pid }: { readonly pid: number }) => ({ column: "pid", values: [pid] });
const keys = keysOf(victim);

const collectors = await openCollectors({ platform: "linux", policy: "preferred" });

/** ms that a table takes through a collector. */
async function collect(
  table: string,
  more: Partial<CollectionTask> = {},
  through = collectors,
): Promise<number> {
  const started = performance.now();
  const project = ["pid", "permissions", "dirty_pages", "pattern_value", "artifact_value"];
  const batches = through.collect({ table, project, keys, deadline: 600_000, ...more });
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
  for (const one of [victim, other]) await one.line();
  await collect("memory_regions");
  const status = await Deno.readTextFile(`/proc/${victim.pid}/status`);
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

  if (pinned) {
    const cores = `1-${navigator.hardwareConcurrency - 1}`;
    await new Deno.Command("taskset", {
      args: ["-a", "-c", "-p", cores, String(Deno.pid)],
      stdout: "null",
    }).output();
  } else console.log("no core of its own: what follows tells of sharing one, too");
  await using beside = await openCollectors({ platform: "linux", policy: "preferred" });
  await collect("memory_regions", {}, beside);
  const during = async (searched: typeof victim | undefined) => {
    let over = false;
    const searching = (async () => {
      while (searched && !over) {
        await collect("memory_patterns", { keys: keysOf(searched) }, beside);
      }
    })();
    const counted = await victim.count();
    over = true;
    await searching;
    return counted;
  };
  const conditions = [
    ["alone", undefined],
    ["while another process is searched", other],
    ["while it is searched", victim],
  ] as const;
  const counted = conditions.map((): (readonly [number, number])[] => []);
  for (let run = 0; run < runs; run++) {
    for (const [index, [, searched]] of conditions.entries()) {
      counted[index]!.push(await during(searched));
    }
  }
  const loops = counted.map((windows) => median(windows.map(([count]) => count)));
  for (const [index, [name]] of conditions.entries()) {
    const part = (100 * loops[index]! / loops[0]!).toFixed(1);
    const pause = median(counted[index]!.map(([, longest]) => longest)) / 1000;
    console.log(
      `${name}: ${loops[index]!.toFixed(0)} loops a second (${part} %), longest pause ${
        pause.toFixed(2)
      } ms`,
    );
  }
  console.log(`searching takes ${(100 * (1 - loops[2]! / loops[1]!)).toFixed(1)} % of its loops`);
} finally {
  await victim.end();
  await other.end();
  await collectors.close();
}
