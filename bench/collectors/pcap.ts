/**
 * Reads a capture, beside tshark in the same run.
 *
 *     deno task bench:pcap [MEGABYTES] [RUNS]
 *
 * Makes a capture of queries, pages and handshakes of this machine on loopback, and repeats it with other addresses until
 * it is so long (150 MB by default). Takes turns: the exchanges and flows read here in this process; and the same fields
 * by `tshark -T fields`, its output thrown away. Printed are the medians, bytes and packets per second, and what that is
 * to tshark. The file is read once before, so that no disk is measured where memory has room for it; it takes as much of
 * the temporary folder as was asked for, and 1,000 MB about 1 GB of memory here and more in tshark.
 */
import { ANALYSER_BOUNDS, createAnalyser } from "../../collectors/netanalymond/analyser.ts";
import { createCaptureReader } from "../../collectors/netanalymond/capture/reader.ts";
import {
  askNames,
  captureWhile,
  fetchPages,
  hasProgram,
  shakeHands,
} from "../../tests/collectors/netanalymond/real_capture.ts";

const megabytes = Number(Deno.args[0] ?? 150);
const runs = Number(Deno.args[1] ?? 3);

const folder = await Deno.makeTempDir();
// Also where something fails: the file is large.
addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
const file = `${folder}/large.pcap`;
const names = Array.from({ length: 500 }, (_, index) => `host-${index}.example`);
const small = await captureWhile(`${folder}/small.pcap`, async () => {
  await askNames(names);
  await fetchPages();
  await shakeHands(folder);
});

const HEADER = 24;
const view = new DataView(small.buffer, small.byteOffset, small.length);
/** Where the two addresses of each packet begin: 26 bytes into an Ethernet frame of IPv4. */
const addresses: number[] = [];
for (let at = HEADER; at < small.length; at += 16 + view.getUint32(at + 8, true)) {
  addresses.push(at + 16 + 26);
}
{
  using out = Deno.openSync(file, { write: true, create: true });
  out.writeSync(small.subarray(0, HEADER));
  const copies = Math.ceil(megabytes * 1e6 / small.length);
  for (let copy = 0; copy < copies; copy++) {
    for (const at of addresses) {
      for (const end of [at, at + 4]) small.set([10, copy >> 8 & 255, copy & 255], end);
    }
    for (let at = HEADER; at < small.length;) at += out.writeSync(small.subarray(at));
  }
}

const piece = 1 << 18;
let packets = 0;
let counted = "";
/** Everything is kept, as tshark tells everything; a collector would stop at some number of flows and exchanges. */
const bounds = { ...ANALYSER_BOUNDS, flows: Infinity, exchanges: Infinity };

function readHere(): void {
  const analyser = createAnalyser(() => {}, bounds);
  packets = 0;
  const reader = createCaptureReader((frame) => {
    packets++;
    analyser.add(frame);
  });
  using input = Deno.openSync(file);
  while (true) {
    const bytes = new Uint8Array(piece);
    const length = input.readSync(bytes);
    if (length === null) break;
    reader.push(bytes.subarray(0, length));
  }
  const { flows, exchanges, lost } = analyser.end();
  counted = `${flows.length} flows, ${exchanges.length} exchanges, ${lost} lost`;
}

const fields = [
  "frame.time_epoch",
  "ip.src",
  "ip.dst",
  "dns.qry.name",
  "dns.a",
  "http.request.method",
  "http.request.full_uri",
  "http.user_agent",
  "http.response.code",
  "tls.handshake.extensions_server_name",
  "tls.handshake.ciphersuite",
];
const filter = "dns || http.request || http.response || tls.handshake.type <= 2";
const ports = ["udp.port==21053,dns", "tcp.port==21080,http", "tcp.port==21010-21013,tls"];

function tshark(): void {
  new Deno.Command("tshark", {
    // deno-fmt-ignore
    args: ["-r", file, "-n", ...ports.flatMap((port) => ["-d", port]), "-Y", filter, "-T", "fields",
      ...fields.flatMap((field) => ["-e", field])],
    stdout: "null",
    stderr: "null",
  }).outputSync();
}

const times = new Map<string, number[]>();
function measure(name: string, act: () => void): void {
  const begun = performance.now();
  act();
  times.set(name, [...times.get(name) ?? [], performance.now() - begun]);
}

const beside = await hasProgram("tshark");
readHere();
for (let run = 0; run < runs; run++) {
  measure("netanalymond", readHere);
  if (beside) measure("tshark", tshark);
}
const size = Deno.statSync(file).size;
console.log(`${(size / 1e6).toFixed(0)} MB, ${packets} packets: ${counted}`);
const median = (name: string) => times.get(name)!.toSorted((a, b) => a - b)[runs >> 1]!;
for (const name of times.keys()) {
  const ms = median(name);
  const rate = `${(size / ms / 1e3).toFixed(0)} MB/s, ${(packets / ms).toFixed(0)} packets/ms`;
  console.log(`${name.padEnd(14)} ${ms.toFixed(0).padStart(7)} ms  ${rate}`);
}
if (beside) {
  console.log(`tshark / netanalymond: ${(median("tshark") / median("netanalymond")).toFixed(1)}`);
}
console.log(`resident: ${(Deno.memoryUsage().rss / 1e6).toFixed(0)} MB`);
