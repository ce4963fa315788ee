import { SETPRIV, TCPDUMP } from "../mod.ts";

/** How long to capture, and what. */
export interface CaptureOptions {
  /** What to capture, as pcap-filter(7) has it. */
  readonly filter: string;
  /** How long, ms from when it has begun. */
  readonly duration: number;
  /** Takes the capture as it comes; what it throws ends capturing, and comes through. */
  readonly take: (chunk: Uint8Array) => void;
}

/** What of the packets is not in the capture, in words; empty where nothing is missing. */
export type Shortfall = readonly string[];

/** How long tcpdump may take to begin, and to end, ms. */
const PATIENCE = 5000;
/** What may come at most, bytes. */
const MAX_BYTES = 256 << 20;
/** Bytes that are kept of a packet: heads and handshakes. What the network card cuts up can be four times as long. */
const SNAPLEN = 16_384;
/**
 * KiB in which packets wait until they are read, each in a place that is as long as the longest: 4,096 packets, a tenth of a
 * second of a busy network, for which a loaded host or looking at sockets may keep from reading.
 */
const BUFFER = 65_536;

/**
 * Captures packets of all interfaces by tcpdump, which is left no power but that of reading packets (CAP_NET_RAW). Devices
 * are not put into promiscuous mode: what is not for this host is not asked for. Each packet is handed out at once, so
 * that the process is found whose socket is open only for a moment.
 *
 * @throws {Error} where nothing can be captured, in words
 */
export async function capture({ filter, duration, take }: CaptureOptions): Promise<Shortfall> {
  const child = await start(filter);
  const errors = readErrors(child.stderr);
  const missing: string[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = () => signal(child, "SIGINT");
  const kill = setTimeout(() => signal(child, "SIGKILL"), 2 * PATIENCE + duration);
  try {
    errors.listening.then(() => timer = setTimeout(stop, duration));
    let size = 0;
    for await (const chunk of child.stdout) {
      size += chunk.length;
      take(chunk);
      if (size < MAX_BYTES) continue;
      missing.push(`more than ${MAX_BYTES >> 20} MiB of packets came`);
      break;
    }
    stop();
    const { success } = await child.status;
    const said = await errors.text;
    if (!success && size === 0) throw new Error(`tcpdump: ${lastLine(said) || "it was ended"}`);
    const dropped = Number(/^(\d+) packets? dropped by kernel$/m.exec(said)?.[1] ?? 0);
    if (dropped > 0) missing.push(`${dropped} packets came too fast to be read`);
    return missing;
  } finally {
    clearTimeout(timer);
    clearTimeout(kill);
    signal(child, "SIGKILL");
  }
}

/**
 * Each packet of the loopback device comes by twice, as sent and as received, and libpcap passes over the first. Where the
 * kernel does that it takes no room among those that wait. The number is that of the device in every network namespace.
 */
const ONCE = "not (outbound and ifindex 1)";

interface Tcpdump {
  readonly program: string;
  /** Whether it knows the words of {@linkcode ONCE}: libpcap has them since 1.10. */
  readonly knowsDevices: boolean;
}

let found: Promise<Tcpdump> | undefined;

/** The program, looked for once. */
async function findTcpdump(): Promise<Tcpdump> {
  for (const program of TCPDUMP) {
    try {
      const { stdout, stderr } = await new Deno.Command(program, {
        args: ["--version"],
        clearEnv: true,
      }).output();
      const said = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join();
      const [, major, minor] = /libpcap version (\d+)\.(\d+)/.exec(said) ?? [];
      return { program, knowsDevices: Number(major) * 1000 + Number(minor) >= 1010 };
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  throw new Error("tcpdump is not installed");
}

async function start(filter: string): Promise<Deno.ChildProcess> {
  const { program, knowsDevices } = await (found ??= findTcpdump());
  const only = "-all,+net_raw";
  return new Deno.Command(SETPRIV, {
    // deno-fmt-ignore
    args: [
      "--no-new-privs", "--inh-caps", only, "--ambient-caps", only, "--pdeathsig", "KILL", "--",
      program, "-i", "any", "-p", "-n", "-U", "--immediate-mode", "-s", String(SNAPLEN), "-B",
      String(BUFFER), "-Z", "root", "-w", "-", knowsDevices ? `(${filter}) and ${ONCE}` : filter,
    ],
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** What tcpdump says besides; it is little. */
function readErrors(
  stderr: ReadableStream<Uint8Array>,
): { readonly listening: Promise<void>; readonly text: Promise<string> } {
  const { promise: listening, resolve } = Promise.withResolvers<void>();
  const text = (async () => {
    const decoder = new TextDecoder();
    let said = "";
    for await (const chunk of stderr) {
      said = (said + decoder.decode(chunk, { stream: true })).slice(-MAX_SAID);
      if (said.includes("listening on ")) resolve();
    }
    resolve();
    return said;
  })();
  return { listening, text };
}

/** Characters that are kept of it. */
const MAX_SAID = 8192;

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)!.slice(0, 300);
}

function signal(child: Deno.ChildProcess, name: Deno.Signal): void {
  try {
    child.kill(name);
  } catch {
    // It has ended.
  }
}
