/**
 * Reads many sockets, beside ss in the same run.
 *
 *     deno run -A bench/collectors/network.ts [SOCKETS] [PROCESSES] [RUNS]
 *
 * Makes so many sockets (1,000 by default) that connect so many processes (500 by default) with one server, then takes
 * turns: ss with processes; netmond with what ss shows, which is TCP and UDP of its own network namespace; the same columns
 * of all sockets, and all columns. The last two take the netlinker besides, and the kernel's tables of every namespace
 * that there happens to be, which cost milliseconds each. Printed are the medians, what they are to ss, and the processor's time that each
 * has used, which is what to look at on a busy machine. Reading means everything from the task to the last checked batch
 * here. A first scan, in a fresh process, looks at every open file.
 */
import { type Collectors, openCollectors } from "../../collectors/mod.ts";
import type { Predicate } from "../../model/predicate.ts";
import { network_connections } from "../../profiles/network_connections.ts";
import { collectedColumns } from "../../schema/columns.ts";

const count = Number(Deno.args[0] ?? 1000);
const processes = Number(Deno.args[1] ?? 500);
const runs = Number(Deno.args[2] ?? 15);

const SS = ["-tunapH"];
// deno-fmt-ignore
const SS_COLUMNS = ["protocol", "state", "receive_queue", "send_queue", "local_address", "local_port",
  "remote_address", "remote_port", "pid", "process_name"];
const ALL = collectedColumns(network_connections, "linux").map(({ name }) => name);
/** ss sees its own network namespace alone. */
const HOME = Number(/\d+/.exec(Deno.readLinkSync("/proc/self/ns/net"))![0]);
const SS_ROWS: Predicate = {
  op: "and",
  of: [
    { op: "in", column: "protocol", values: ["tcp", "udp"] },
    { op: "=", column: "namespace_id", value: HOME },
  ],
};

/** A server with so many connections to so many processes; `end` ends them all. */
async function startSockets(): Promise<{ end(): Promise<void> }> {
  const script = `
use IO::Socket::INET;
my ($connections, $processes) = @ARGV;
my $server = IO::Socket::INET->new(Listen => 1024, LocalAddr => "127.0.0.1") or die;
my (@children, @accepted);
for my $child (1 .. $processes) {
  my $pid = fork;
  if (!$pid) {
    close $_ for @accepted;
    my @own = map { IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $server->sockport) or die }
      1 .. $connections / $processes;
    close $server;
    sleep 600;
    exit;
  }
  push @children, $pid;
  push @accepted, scalar $server->accept for 1 .. $connections / $processes;
}
$| = 1;
print "ready\\n";
<STDIN>;
kill 9, @children;
`;
  const server = new Deno.Command("perl", {
    args: ["-e", script, `${count / 2}`, `${processes}`],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const reader = server.stdout.getReader();
  await reader.read();
  return {
    async end() {
      await server.stdin.close();
      await reader.cancel();
      await server.status;
    },
  };
}

/** Fields of `/proc/<pid>/stat` from the state on, which is the first. */
function statOf(pid: number | "self"): readonly string[] {
  const text = Deno.readTextFileSync(`/proc/${pid}/stat`);
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}

/** The collectors of the network that this process has started. */
function collectorPids(): number[] {
  const isOurs = (pid: number): boolean =>
    pid === Deno.pid || (pid > 1 && isOurs(Number(statOf(pid)[1])));
  return [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter((pid) => {
    try {
      const line = Deno.readTextFileSync(`/proc/${pid}/cmdline`);
      const isDeno = Deno.readTextFileSync(`/proc/${pid}/comm`).startsWith("deno");
      return isDeno && /collectors\/netmond\/(netlinker\/)?linux.ts/.test(line) && isOurs(pid);
    } catch {
      return false;
    }
  });
}

/** Milliseconds of processor time that processes have used, this one and its ended children included. */
function processorTime(
  collectors: readonly number[],
): { readonly ours: number; readonly theirs: number } {
  const used = (pid: number | "self", from: number) => {
    const [user, system] = statOf(pid).slice(from, from + 2).map(Number) as [number, number];
    return 10 * (user + system);
  };
  return {
    ours: collectors.reduce((sum, pid) => sum + used(pid, 11), used("self", 11)),
    theirs: used("self", 13),
  };
}

async function collect(
  collectors: Collectors,
  project: readonly string[],
  where?: Predicate,
): Promise<number> {
  let rows = 0;
  const task = { table: network_connections.name, project, deadline: 120_000 };
  for await (const batch of collectors.collect({ ...task, ...(where && { where }) })) {
    rows += batch.rows;
  }
  return rows;
}

async function ss(): Promise<number> {
  const { stdout } = await new Deno.Command("ss", { args: SS }).output();
  return stdout.reduce((lines, byte) => lines + (byte === 0x0a ? 1 : 0), 0);
}

async function time(
  what: () => Promise<number>,
): Promise<{ readonly ms: number; readonly rows: number }> {
  const started = performance.now();
  const rows = await what();
  return { ms: performance.now() - started, rows };
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1]!;
}

const server = await startSockets();
const contenders: Readonly<Record<string, (collectors: Collectors) => Promise<number>>> = {
  "ss": ss,
  "what ss shows": (collectors) => collect(collectors, SS_COLUMNS, SS_ROWS),
  "the same columns of all sockets": (collectors) => collect(collectors, SS_COLUMNS),
  "all columns of all sockets": (collectors) => collect(collectors, ALL),
};
const results = new Map(
  Object.keys(contenders).map((name) => [name, { ms: [] as number[], cpu: 0, rows: 0 }]),
);
const firsts: number[] = [];
try {
  for (let round = 0; round < 3; round++) {
    await using collectors = await openCollectors({ platform: "linux", policy: "preferred" });
    await collectors.start();
    firsts.push((await time(() => collect(collectors, SS_COLUMNS, SS_ROWS))).ms);
  }
  await using collectors = await openCollectors({ platform: "linux", policy: "preferred" });
  for (let run = 0; run < 3; run++) await collect(collectors, ALL);
  const pids = collectorPids();
  for (let run = 0; run < runs; run++) {
    for (const [name, contender] of Object.entries(contenders)) {
      const result = results.get(name)!;
      const before = processorTime(pids);
      const { ms, rows } = await time(() => contender(collectors));
      const after = processorTime(pids);
      result.ms.push(ms);
      result.rows = rows;
      result.cpu += name === "ss" ? after.theirs - before.theirs : after.ours - before.ours;
    }
  }
  for (const { name, confinement, dropped } of collectors.reports()) {
    console.log(`${name}: ${confinement}, ${dropped} dropped`);
  }
} finally {
  await server.end();
}

const rival = results.get("ss")!;
const rivalMs = median(rival.ms);
const show = (name: string, ms: number, rest: string) =>
  console.log(
    `${name.padEnd(34)} ${ms.toFixed(1).padStart(7)} ms  ${
      (ms / rivalMs).toFixed(2).padStart(5)
    } x ss  ${rest}`,
  );
for (const [name, { ms, cpu, rows }] of results) {
  const range = `${Math.min(...ms).toFixed(1)}..${Math.max(...ms).toFixed(1)} ms`;
  show(
    name,
    median(ms),
    `(${range}, processor ${(cpu / rival.cpu).toFixed(2)} x ss, ${rows} rows)`,
  );
}
show("first scan of a fresh process", median(firsts), "(what ss shows)");
