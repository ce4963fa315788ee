/** The real agent, started as a service starts it, and what all its processes cost. Linux; as root, to read what others own. */

/** Environment that the agent has as a service, and with `deno task daemoneye`. */
const ENVIRONMENT = {
  DENO_V8_FLAGS: "--max-semi-space-size=2,--single-threaded-gc,--expose-gc",
  MALLOC_ARENA_MAX: "1",
  MALLOC_MMAP_THRESHOLD_: "131072",
  MALLOC_TRIM_THRESHOLD_: "131072",
};

/** Ticks a second in which proc_pid_stat(5) counts processor time. */
const TICKS = 100;

/** An agent that has been started. */
export interface Agent {
  /** Its process id. */
  readonly pid: number;
  /** It and everything that it has started. */
  tree(): number[];
  /** Ends it, and resolves when everything that it said has been read. */
  end(): Promise<void>;
}

/** Starts an agent with arguments; each line of its output, and of its log, is handed over. */
export function startAgent(
  args: readonly string[],
  onLine: (line: string) => void,
  onLog: (line: string) => void = (line) => console.error(line),
): Agent {
  const agent = new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-P=host", "cli/main.ts", "agent", "--format", "json", ...args],
    env: ENVIRONMENT,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const reading = Promise.all([eachLine(agent.stdout, onLine), eachLine(agent.stderr, onLog)]);
  return {
    pid: agent.pid,
    tree: () => treeOf(agent.pid),
    async end() {
      agent.kill("SIGTERM");
      await Promise.all([agent.status, reading]);
    },
  };
}

async function eachLine(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  use: (line: string) => void,
): Promise<void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) if (line) use(line);
  }
}

function treeOf(pid: number): number[] {
  const found = [pid];
  for (const pid of found) {
    try {
      for (const { name } of Deno.readDirSync(`/proc/${pid}/task`)) {
        const children = Deno.readTextFileSync(`/proc/${pid}/task/${name}/children`);
        found.push(...children.split(" ").filter(Boolean).map(Number));
      }
    } catch {
      // It has ended.
    }
  }
  return found;
}

/** Seconds of a core that a process and its children that have ended have used. */
export function used(pid: number): number {
  try {
    const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).replace(/^.*\) /s, "").split(" ");
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS;
  } catch {
    return 0;
  }
}

/** Proportional set size of a process, MB: shared pages count once (proc_pid_smaps(5)). */
export function pss(pid: number): number {
  return megabytes(pid, "smaps_rollup", /^Pss:\s+(\d+)/m);
}

/** Resident set size of a process, MB. */
export function rss(pid: number): number {
  return megabytes(pid, "status", /^VmRSS:\s+(\d+)/m);
}

function megabytes(pid: number, file: string, label: RegExp): number {
  try {
    return Number(label.exec(Deno.readTextFileSync(`/proc/${pid}/${file}`))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** What people know a process of the agent by. */
export function nameOf(pid: number): string {
  try {
    const words = Deno.readTextFileSync(`/proc/${pid}/cmdline`).split("\0");
    const module = words.findLast((word) => /\.ts$/.test(word));
    return module?.replace(/^.*\/(?=[^/]+\/[^/]+$)/, "") ?? words[0] ?? "";
  } catch {
    return "";
  }
}

/** What an agent costs from now on. */
export interface Meter {
  /** The shares since then, in percent of a core, and the memory of now; the processes that cost something, each in a line. */
  read(): { readonly percent: number; readonly pss: number; readonly lines: readonly string[] };
}

/** Begins to measure. */
export function meterOf(agent: Agent): Meter {
  const before = new Map(agent.tree().map((pid) => [pid, used(pid)]));
  const started = performance.now();
  return {
    read() {
      const seconds = (performance.now() - started) / 1000;
      const parts = agent.tree().map((pid) => ({
        name: nameOf(pid),
        percent: 100 * (used(pid) - (before.get(pid) ?? 0)) / seconds,
        pss: pss(pid),
        rss: rss(pid),
      }));
      const sum = (name: "percent" | "pss") => parts.reduce((sum, part) => sum + part[name], 0);
      return {
        percent: sum("percent"),
        pss: sum("pss"),
        lines: parts.filter((part) => part.pss > 1 || part.percent > 0.01).map((part) =>
          `  ${part.name}: ${part.percent.toFixed(2)} %, ${Math.round(part.pss)} MB PSS, ${
            Math.round(part.rss)
          } MB RSS`
        ),
      };
    },
  };
}

/** Starts so many processes that sleep; the function ends them. */
export function startSleepers(count: number): () => Promise<void> {
  const sleepers = new Deno.Command("sh", {
    args: ["-c", `i=0; while [ $i -lt ${count} ]; do sleep 9999 & i=$((i+1)); done; wait`],
  }).spawn();
  return async () => {
    sleepers.kill("SIGKILL");
    new Deno.Command("pkill", { args: ["-KILL", "-x", "-f", "sleep 9999"] }).outputSync();
    await sleepers.status;
  };
}
