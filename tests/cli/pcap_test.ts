import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { hasProgram, run } from "../collectors/netanalymond/real_capture.ts";
import { isRoot, testWith } from "../collectors/support.ts";
import { jsonLines, runCli, temporaryFolder } from "./run_cli.ts";

const needs = { root: isRoot };
for (const name of ["tcpdump", "curl", "tshark", "python3"]) {
  Object.assign(needs, { [name]: await hasProgram(name) });
}

/** Lines of sh that capture what curl asks of a web server, in a network of its own. */
const CAPTURE = `
ip link set lo up
cd "$1"
python3 -m http.server 8080 > /dev/null 2>&1 &
server=$!
tcpdump -i lo -n -U --immediate-mode -Z root -w real.pcap > /dev/null 2> said &
tcpdump=$!
until grep -q "listening on" said; do sleep 0.05; done
until curl -s -o /dev/null http://127.0.0.1:8080/; do sleep 0.1; done
for path in one two?x=y said; do curl -s -A "curl/8" -o /dev/null "http://127.0.0.1:8080/$path"; done
# What is sent last is written last.
last='import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b"that was all", ("127.0.0.1", 9))'
until grep -aq "that was all" real.pcap; do python3 -c "$last"; done
kill -INT $tcpdump
wait $tcpdump || true
kill $server`;

const folder = await temporaryFolder();
globalThis.addEventListener("unload", () => Deno.removeSync(folder.path, { recursive: true }));
const file = `${folder.path}/real.pcap`;

let made: Promise<unknown> | undefined;
const capture = () => made ??= run("unshare", "--net", "sh", "-ec", CAPTURE, "sh", folder.path);

async function query(sql: string, path = file) {
  const { code, stdout, stderr } = await runCli(["query", "--pcap", path, sql, "--format=json"]);
  return { code, stderr, ...(code === 0 && JSON.parse(stdout)) };
}

async function tshark(...args: string[]): Promise<string[][]> {
  const text = await run("tshark", "-r", file, "-n", "-d", "tcp.port==8080,http", ...args);
  return text.split("\n").filter((line) => line !== "").map((line) => line.split("\t"));
}

testWith(needs, "query --pcap reads the flows of a capture as tshark does", async () => {
  await capture();
  const { rows, partial } = await query(
    "SELECT source_port, packet_count, bytes_transferred FROM network_traffic " +
      "WHERE destination_port = 8080 ORDER BY start_time, source_port",
  );
  const packets = await tshark(
    ...["-Y", "tcp"],
    "-T",
    "fields",
    "-e",
    "tcp.srcport",
    "-e",
    "tcp.dstport",
    "-e",
    "ip.len",
  );
  const flows = new Map<number, [number, number]>();
  for (const [source, destination, length] of packets) {
    const port = Number(source === "8080" ? destination : source);
    const [count, bytes] = flows.get(port) ?? [0, 0];
    flows.set(port, [count + 1, bytes + Number(length)]);
  }
  assert(flows.size >= 4);
  assertEquals(
    rows.map((row: Record<string, number>) => [
      row.source_port,
      [row.packet_count, row.bytes_transferred],
    ]),
    [...flows],
  );
  assertEquals(partial, null);
});

testWith(
  needs,
  "query --pcap reads what is said in a capture as tshark does, for each end",
  async () => {
    await capture();
    const sql = (end: string) =>
      `SELECT method, url, status_code, pid FROM protocol_analysis
    WHERE protocol = 'http' AND platform_data ->> 'end' = '${end}' ORDER BY event_time`;
    const { rows } = await query(sql("source"));
    const asked = await tshark(
      ...["-Y", "http.request", "-T", "fields", "-e", "http.request.method"],
      ...["-e", "http.request.full_uri"],
    );
    const answered = await tshark(
      "-Y",
      "http.response",
      "-T",
      "fields",
      "-e",
      "http.response.code",
    );
    assert(asked.length >= 4);
    assertEquals(
      rows,
      asked.map(([method, url], index) => ({
        method,
        url,
        status_code: Number(answered[index]![0]),
        pid: null,
      })),
    );
    assertEquals((await query(sql("destination"))).rows, rows);
  },
);

testWith(needs, "query --pcap says that a capture is cut, and what is no capture", async () => {
  await capture();
  const bytes = await Deno.readFile(file);
  const write = async (name: string, part: Uint8Array) => {
    await Deno.writeFile(`${folder.path}/${name}`, part);
    return `${folder.path}/${name}`;
  };
  const sql = "SELECT count(*) AS n FROM network_traffic";
  const cut = await query(sql, await write("cut.pcap", bytes.subarray(0, bytes.length - 5)));
  assertStringIncludes(cut.partial.reason, "the file ends within a packet");
  for (const part of [new Uint8Array(0), new TextEncoder().encode("no capture")]) {
    const { code, stderr } = await query(sql, await write("none.pcap", part));
    assertEquals(code, 3);
    assertStringIncludes(stderr, `${folder.path}/none.pcap: neither pcap nor pcapng`);
  }
  const damaged = bytes.slice();
  damaged.fill(0xff, bytes.length - 200);
  const { partial } = await query(sql, await write("damaged.pcap", damaged));
  assert(partial !== null);
});

Deno.test("query --pcap refuses what is no file, and what a capture cannot tell", async () => {
  const sql = "SELECT count(*) AS n FROM network_traffic";
  for (
    const [path, why] of [["/nonexistent.pcap", "does not exist"], ["/", "is no file"]] as const
  ) {
    const { code, stderr } = await query(sql, path);
    assertEquals(code, 2);
    assertStringIncludes(stderr, why);
  }
  const odd = `${folder.path}/a,b.pcap`;
  await Deno.writeFile(odd, new Uint8Array(24));
  assertStringIncludes((await query(sql, odd)).stderr, "has a comma");
  const empty = `${folder.path}/empty.pcap`;
  await Deno.writeFile(empty, new Uint8Array([0xd4, 0xc3, 0xb2, 0xa1, ...new Array(20).fill(0)]));
  assertEquals((await query(sql, empty)).rows, [{ n: 0 }]);
  const { code, stderr } = await query("SELECT count(*) AS n FROM processes", empty);
  assertEquals(code, 3);
  assertStringIncludes(stderr, "a capture has no processes");
  const both = await runCli(["query", "--pcap", empty, "--stored", sql]);
  assertEquals(both.code, 2);
});

testWith(needs, "scan --pcap judges what a capture can tell, and says what it cannot", async () => {
  await capture();
  const detection = (id: number, sql: string) =>
    `---
id: 00000000-0000-4000-8000-00000000000${id}
title: A test
description: A detection of a test.
status: test
severity: medium
platforms: [linux, macos, windows]
---
${sql}
`;
  const paths = await Promise.all([
    "SELECT url FROM protocol_analysis WHERE url LIKE '%x=y' AND platform_data ->> 'end' = 'source'",
    "SELECT a.url, p.name FROM protocol_analysis a LEFT JOIN processes p ON p.process_key = a.process_key " +
    "WHERE a.url LIKE '%/one' AND a.platform_data ->> 'end' = 'destination'",
    "SELECT a.url, p.name FROM protocol_analysis a JOIN processes p ON p.process_key = a.process_key",
  ].map(async (sql, index) => {
    const path = `${folder.path}/detection_${index}.sql`;
    await Deno.writeTextFile(path, detection(index, sql));
    return path;
  }));
  const { code, stdout, stderr } = await runCli([
    ...["scan", "--pcap", file, "--format=json", "--fail-on=medium"],
    ...[`--state=${folder.path}/state.kv`, ...paths],
  ]);
  assertEquals(code, 1, stderr);
  const lines = jsonLines(stdout);
  const urls = lines.flatMap(({ kind, alert_data }) => kind === "alert" ? [alert_data.url] : []);
  assertEquals(urls.sort(), ["http://127.0.0.1:8080/one", "http://127.0.0.1:8080/two?x=y"]);
  assertEquals(lines.at(-1).not_evaluated, [{
    rule_id: "00000000-0000-4000-8000-000000000002",
    reason: "a capture has no processes",
  }]);
  assertEquals(lines.at(-1).partial, []);
  // It is no history of this host.
  assertEquals(await exists(`${folder.path}/state.kv`), false);
});

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
