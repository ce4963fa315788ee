import { assert, assertEquals } from "@std/assert";
import { analyse } from "./analyse.ts";
import {
  askNames,
  captureWhile,
  fetchPages,
  hasProgram,
  PORTS,
  run,
  shakeHands,
  TLS_VERSIONS,
} from "./real_capture.ts";

const missing: string[] = [];
for (const program of ["tcpdump", "curl"]) if (!await hasProgram(program)) missing.push(program);
if (!await hasProgram("openssl", "version")) missing.push("openssl");
if (Deno.build.os !== "linux" || Deno.uid() !== 0) missing.push("root on Linux");
const ignore = missing.length > 0;
if (ignore) console.log(`captures are not made here: ${missing.join(", ")} missing`);

const folder = await Deno.makeTempDir();
globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
const file = `${folder}/real.pcap`;
const NAMES = ["example.com", "a-b.Example.org", `${"x".repeat(60)}.example`];

let made: Promise<Uint8Array> | undefined;
const capture = () =>
  made ??= captureWhile(file, async () => {
    await askNames(NAMES);
    await fetchPages();
    await shakeHands(folder);
  });

/** What tshark reads in a capture: a line of fields for each packet that a filter lets through. */
async function tshark(filter: string, fields: readonly string[]): Promise<string[][]> {
  const ports = [
    `udp.port==${PORTS + 53},dns`,
    `tcp.port==${PORTS + 80},http`,
    `tcp.port==${PORTS + 10}-${PORTS + 13},tls`,
  ];
  // deno-fmt-ignore
  const text = await run("tshark", "-r", file, "-2", "-n", ...ports.flatMap((port) => ["-d", port]),
    "-Y", filter, "-T", "fields", "-E", "separator=/t", "-E", "occurrence=f",
    ...fields.flatMap((field) => ["-e", field]));
  return text.split("\n").filter((line) => line !== "").map((line) => line.split("\t"));
}

Deno.test({
  name: "createAnalyser() reads what resolvers, web servers and TLS servers say",
  ignore,
  async fn() {
    const { exchanges, lost } = analyse(await capture());
    assertEquals(lost, 0);
    const of = (protocol: string) => exchanges.filter((one) => one.protocol === protocol);
    assertEquals(
      of("dns").map(({ dns_query, dns_response }) => [dns_query, dns_response]),
      NAMES.map((name, index) => [name.toLowerCase(), `192.0.2.${index}`]),
    );
    assertEquals(of("http").map(({ method, status_code }) => [method, status_code]), [
      ["GET", 200],
      ["GET", 204],
      ["GET", 404],
      ["HEAD", 200],
      ["POST", 200],
    ]);
    assertEquals(
      of("tls").map(({ ssl_version, certificate_issuer, more }) => [
        ssl_version,
        certificate_issuer,
        more?.server_name,
      ]),
      Object.entries(TLS_VERSIONS).map(([option, version]) => [
        version,
        version === "TLSv1.3" ? null : "C=DE, O=Tester, CN=issuer.example",
        `${option.replaceAll("_", "-")}.example`,
      ]),
    );
  },
});

Deno.test({
  name: "createAnalyser() reads the same fields as tshark",
  ignore: ignore || !await hasProgram("tshark"),
  async fn() {
    const { exchanges, flows } = analyse(await capture());
    const of = (protocol: string) => exchanges.filter((one) => one.protocol === protocol);
    const text = (value: unknown) => value == null ? "" : String(value);

    const asked = await tshark("dns.flags.response == 0", ["dns.qry.name", "udp.srcport"]);
    assertEquals(
      of("dns").map(({ dns_query, flow }) => [text(dns_query), text(flow.source.port)]),
      asked.map(([name, port]) => [name!.toLowerCase(), port!]),
    );
    const addresses = await tshark("dns.flags.response == 1", ["dns.a"]);
    assertEquals(of("dns").map(({ dns_response }) => [text(dns_response)]), addresses);

    // deno-fmt-ignore
    const requests = await tshark("http.request",
      ["tcp.srcport", "http.request.method", "http.request.full_uri", "http.user_agent"]);
    assertEquals(
      of("http").map(({ flow, method, url, user_agent }) =>
        [flow.source.port, method, url, user_agent].map(text)
      ),
      requests,
    );
    // deno-fmt-ignore
    const answers = await tshark("http.response",
      ["http.response.code", "http.content_type", "http.content_length_header", "http.server"]);
    assertEquals(
      of("http").map(({ status_code, content_type, content_length, server }) =>
        [status_code, content_type, content_length, server].map(text)
      ),
      answers.map((fields) => [...fields, "", "", ""].slice(0, 4)),
    );

    const clients = await tshark("tls.handshake.type == 1", [
      "tls.handshake.extensions_server_name",
    ]);
    assertEquals(of("tls").map(({ more }) => [text(more?.server_name)]), clients);
    const servers = await tshark("tls.handshake.type == 2", ["tls.handshake.ciphersuite"]);
    const named = new Map(
      (await run("tshark", "-G", "values")).split("\n").map((line) => line.split("\t"))
        .filter(([, field]) => field === "tls.handshake.ciphersuite")
        .map(([, , number, name]) => [Number(number), name]),
    );
    assertEquals(
      of("tls").map(({ cipher_suite }) => cipher_suite),
      servers.map(([number]) => named.get(Number(number))),
    );

    const conversations = await run("tshark", "-r", file, "-q", "-z", "conv,tcp");
    const counted = [...conversations.matchAll(/:(\d+) +<-> +\S+:(\d+) .*?\n/g)].map(([line]) => {
      const ports = [...line.matchAll(/:(\d+)/g)].map(([, port]) => Number(port));
      const [frames] = [...line.matchAll(/ (\d+) +[\d.]+ (?:bytes|kB|MB) +[\d.]+ +[\d.]+/g)].at(-1)!
        .slice(1);
      return [Math.max(...ports.slice(0, 2)), Math.min(...ports.slice(0, 2)), Number(frames)]
        .join();
    });
    const ours = flows.filter(({ transport }) => transport === "tcp").map((flow) => {
      const ports = [flow.source.port!, flow.destination.port!];
      return [Math.max(...ports), Math.min(...ports), flow.packets].join();
    });
    assertEquals(ours.sort(), counted.sort());
  },
});

Deno.test({
  name: "createAnalyser() bears captures that were damaged in any way",
  ignore,
  async fn() {
    const bytes = await capture();
    let seed = 12_345;
    const random = (below: number) => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) % below;
    let read = 0;
    for (let round = 0; round < 300; round++) {
      const end = round % 3 === 0 ? 24 + random(bytes.length - 24) : bytes.length;
      const damaged = bytes.slice(0, Math.min(end, 150_000));
      for (let count = 0; count < 1 + random(200); count++) {
        // Heads of packets and of protocols rather than bodies.
        const at = 24 +
          random(round % 2 === 0 ? Math.min(4000, damaged.length - 24) : damaged.length - 24);
        damaged[at] = random(4) === 0 ? 255 : random(256);
      }
      try {
        read += analyse(damaged, 1 + random(100_000)).exchanges.length;
      } catch (error) {
        assert(error instanceof SyntaxError, String(error));
      }
    }
    assert(read > 0);
  },
});
