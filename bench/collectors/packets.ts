/**
 * How many packets a second are captured without loss on loopback, tcpdump writing the same ones to a file beside.
 *
 *     deno task bench:packets [SECONDS] [RUNS] [RATE…]
 *
 * A program of its own sends datagrams for so many seconds (2 by default), at rates that grow, wholly within the time for
 * which netanalymond captures. Compared are the packets that it sent, those in the row of `network_traffic` that was asked
 * for by a pattern of its connection, and those that tcpdump says to have captured. Printed is the highest rate at which
 * no packet was missing in any run, as it was reached. Packets that are missing without being told of are a failure.
 *
 * @module
 */
import { openCollectors } from "../../collectors/mod.ts";
import { hasProgram } from "../../tests/collectors/netanalymond/real_capture.ts";

const [seconds = 2, runs = 3, ...given] = Deno.args.map(Number);
const rates = given.length > 0 ? given : [1000, 2000, 5000, 10_000, 20_000, 30_000, 40_000, 50_000];

/** Capturing lasts so long, ms, where a task has four times as much. */
const WINDOW = 5000;
/** From when tcpdump is there until it surely captures, ms. */
const BEGIN = 700;
const DEADLINE = 4 * WINDOW + 2000;

/**
 * Sends to a socket of its own as often as a line on its input says, in the time that it says: what is due, every half ms.
 * Nobody reads the other end: what a socket has no room for was captured before.
 */
const SENDER = `
import socket, sys, time
receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
receiver.bind(("127.0.0.1", 0))
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sender.bind(("127.0.0.1", 0))
sender.connect(receiver.getsockname())
payload = b"x" * 200
print(sender.getsockname()[1], receiver.getsockname()[1], flush=True)
amount, seconds = sys.stdin.readline().split()
amount, seconds = int(amount), float(seconds)
sent = 0
start = time.perf_counter()
while sent < amount:
    due = min(amount, int((time.perf_counter() - start) / seconds * amount) + 1)
    while sent < due:
        sender.send(payload)
        sent += 1
    time.sleep(0.0005)
print(sent, time.perf_counter() - start, flush=True)
sys.stdin.readline()
`;

/** Lines that a program writes, one by one. */
function linesOf(stream: ReadableStream<Uint8Array>): () => Promise<string> {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  return async () => {
    while (!rest.includes("\n")) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`it ended and said: ${rest}`);
      rest += value;
    }
    const end = rest.indexOf("\n");
    const line = rest.slice(0, end);
    rest = rest.slice(end + 1);
    return line;
  };
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The process of a running tcpdump whose filter has a text. */
function capturing(text: string): number | undefined {
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const command = Deno.readTextFileSync(`/proc/${name}/cmdline`);
      if (/^[^\0]*tcpdump\0/.test(command) && command.includes(text)) return Number(name);
    } catch {
      // It has ended.
    }
  }
  return undefined;
}

/** tcpdump beside; says how many packets it captured, and how many it dropped, once it is stopped. */
async function startBeside(port: number, file: string): Promise<() => Promise<[number, number]>> {
  const child = new Deno.Command("tcpdump", {
    // deno-fmt-ignore
    args: ["-i", "lo", "-n", "-B", "32768", "-s", "96", "-Z", "root", "-w", file, `udp dst port ${port}`],
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  const readUntil = async (text: string) => {
    while (!said.includes(text)) {
      const { value, done } = await reader.read();
      if (done) return;
      said += value;
    }
  };
  await readUntil("listening on");
  return async () => {
    child.kill("SIGINT");
    await readUntil("dropped by kernel");
    await child.status;
    await reader.cancel();
    const number = (what: string) => Number(new RegExp(`(\\d+) packets? ${what}`).exec(said)?.[1]);
    return [number("captured"), number("dropped by kernel")];
  };
}

interface Run {
  /** Packets a second that were reached. */
  readonly rate: number;
  readonly sent: number;
  /** Packets in the row. */
  readonly seen: number;
  /** Packets that tcpdump captured and dropped. */
  readonly beside: readonly [number, number];
  /** What the collector said to be missing; empty where it said that all is there. */
  readonly told: string;
}

const collectors = await openCollectors({ platform: "linux", policy: "preferred" });

/** Packets of the flow between two ports, as `network_traffic` tells them, and what is said to be missing. */
async function traffic(from: number, to: number): Promise<[number, string]> {
  const project = ["connection_id", "source_port", "destination_port", "packet_count"];
  const rows = collectors.collect({
    table: "network_traffic",
    project,
    keys: { column: "connection_id", globs: [`udp 127.0.0.1:${from} *`] },
    // The same packets would be answered by the capture before.
    where: { op: "=", column: "source_port", value: from },
    deadline: DEADLINE,
  });
  let seen = 0;
  for (let next = await rows.next();; next = await rows.next()) {
    if (next.done) return [seen, next.value.status === "complete" ? "" : next.value.reason];
    const { columns, values, rows: count } = next.value;
    const at = (column: string, row: number) => values[columns.indexOf(column)]![row];
    for (let row = 0; row < count; row++) {
      if (at("destination_port", row) === to) {
        seen = Math.max(seen, Number(at("packet_count", row)));
      }
    }
  }
}

/** Sends at a rate while packets are captured; `undefined` where that was not wholly within the time of capturing. */
async function attempt(rate: number, file: string): Promise<Run | undefined> {
  const sender = new Deno.Command("python3", {
    args: ["-c", SENDER],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const line = linesOf(sender.stdout);
  const input = sender.stdin.getWriter();
  try {
    const [from = 0, to = 0] = (await line()).split(" ").map(Number);
    const stop = await startBeside(to, file);
    const result = traffic(from, to);
    let tcpdump: number | undefined;
    for (let tries = 0; tcpdump === undefined && tries < 500; tries++) {
      await sleep(20);
      tcpdump = capturing(`port ${from}`);
    }
    await sleep(BEGIN);
    await input.write(new TextEncoder().encode(`${Math.round(rate * seconds)} ${seconds}\n`));
    const [sent = 0, took = 0] = (await line()).split(" ").map(Number);
    await sleep(100);
    const within = tcpdump !== undefined && capturing(`port ${from}`) === tcpdump;
    const [seen, told] = await result;
    const beside = await stop();
    return within ? { rate: sent / took, sent, seen, beside, told } : undefined;
  } finally {
    sender.kill("SIGKILL");
    await sender.status;
  }
}

if (!await hasProgram("tcpdump")) {
  console.error("tcpdump is not installed");
  Deno.exit(2);
}
if (seconds * 1000 + BEGIN + 500 > WINDOW) {
  console.error(`what takes longer than ${(WINDOW - BEGIN - 500) / 1000} s is not captured whole`);
  Deno.exit(2);
}

const folder = await Deno.makeTempDir();
let best = 0;
let untold = 0;
try {
  for (const rate of rates) {
    const lossless: number[] = [];
    for (let run = 0, tries = 0; run < runs && tries < 3 * runs; tries++) {
      const one = await attempt(rate, `${folder}/beside.pcap`);
      if (!one) continue;
      run++;
      const { sent, seen, beside: [captured, dropped], told } = one;
      if (seen === sent) lossless.push(one.rate);
      else if (told === "") untold++;
      console.log(
        `${String(rate).padStart(7)}/s: reached ${one.rate.toFixed(0)}/s, sent ${sent}, ` +
          `in the row ${seen}, tcpdump ${captured} (dropped ${dropped})` +
          (seen === sent && told === "" ? "" : `; told: ${told || "nothing"}`),
      );
    }
    if (lossless.length === runs) best = Math.max(best, Math.min(...lossless));
  }
} finally {
  await collectors.close();
  await Deno.remove(folder, { recursive: true });
}
console.log(`without loss up to ${best.toFixed(0)} packets a second`);
console.log(`missing without being told: ${untold} runs`);
if (untold > 0) Deno.exit(1);
