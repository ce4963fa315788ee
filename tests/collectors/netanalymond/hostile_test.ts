import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { hasProgram, run } from "./real_capture.ts";
import { analyse, brief } from "./analyse.ts";
import { be16, be32, dns, ipv4, ipv6, labels, pcap, pcapng, tcp, udp } from "./crafted.ts";
import "../../seed.ts";

const CLIENT = { protocol: 6 };
const SERVER = { protocol: 6, from: [10, 0, 0, 2], to: [10, 0, 0, 1] };

/** Bytes that a client sends to a port, cut into segments of so many. */
function sent(port: number, bytes: readonly number[], piece = 1400, of = CLIENT): number[][] {
  const frames: number[][] = [];
  for (let at = 0; at < bytes.length; at += piece) {
    const from = of === CLIENT ? 40_000 : port;
    const to = of === CLIENT ? port : 40_000;
    frames.push(ipv4(tcp(from, to, 1 + at, bytes.slice(at, at + piece)), of));
  }
  return frames;
}

const textOf = (text: string) => [...new TextEncoder().encode(text)];
const vector = (size: number, bytes: readonly number[]) => [
  ...be32(bytes.length).slice(4 - size),
  ...bytes,
];

/** A handshake message, as many records of TLS as it is cut into. */
function records(type: number, body: readonly number[], cuts: readonly number[] = []): number[] {
  const message = [type, ...vector(3, body)];
  const ends = [...new Set(cuts.map((cut) => cut % message.length))].filter((end) => end > 0)
    .sort((left, right) => left - right);
  return [...ends, message.length].flatMap((end, index, all) => [
    22,
    3,
    3,
    ...vector(2, message.slice(index === 0 ? 0 : all[index - 1], end)),
  ]);
}

const SNI = [0, 0, ...vector(2, vector(2, [0, ...vector(2, textOf("name.example"))]))];
const HELLO = [
  ...be16(0x0303),
  ...Array(32).fill(1),
  0,
  ...vector(2, be16(0xc02f)),
  1,
  0,
  ...vector(2, SNI),
];
const AGREED = [...be16(0x0303), ...Array(32).fill(2), 0, ...be16(0xc02f), 0];
const cuts = fc.array(fc.nat(200), { maxLength: 6 });

Deno.test("createTlsDissector() reads hellos wherever records and segments are cut", () => {
  fc.assert(
    fc.property(cuts, cuts, fc.integer({ min: 1, max: 200 }), (first, second, piece) => {
      // A first record that does not tell what it begins is no sign of TLS.
      const client = records(1, HELLO, first.filter((cut) => cut % (HELLO.length + 4) > 0));
      const server = records(2, AGREED, second);
      const [exchange, ...others] = analyse(pcap([
        ...sent(443, client, piece),
        ...sent(443, server, piece, SERVER),
      ])).exchanges;
      assertEquals(others, []);
      assertEquals([exchange!.ssl_version, exchange!.cipher_suite, exchange!.more?.server_name], [
        "TLSv1.2",
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "name.example",
      ]);
    }),
  );
});

Deno.test("createTlsDissector() makes nothing up of a handshake that ends anywhere", () => {
  const client = records(1, HELLO);
  const server = records(2, AGREED);
  for (let end = 0; end < client.length + server.length; end++) {
    const { exchanges } = analyse(pcap([
      ...sent(443, client.slice(0, end)),
      ...sent(443, server.slice(0, Math.max(0, end - client.length)), 1400, SERVER),
    ]));
    const told = exchanges.map(({ ssl_version, more }) => [ssl_version, more?.server_name]);
    assertEquals(told, end < client.length ? [] : [[null, "name.example"]], `${end} bytes`);
  }
});

Deno.test("createHttpDissector() bears a head without an end, and reads the next connection", () => {
  const endless = textOf(`GET /endless HTTP/1.1\r\n${"x: y\r\n".repeat(20_000)}`);
  const other = [
    ipv4(tcp(40_001, 80, 1, "GET /next HTTP/1.1\r\nHost: h\r\n\r\n"), CLIENT),
  ];
  for (const piece of [1400, 31]) {
    const { exchanges } = analyse(pcap([...sent(80, endless, piece), ...other]));
    assertEquals(exchanges.map(({ url }) => url), ["http://h/next"]);
  }
});

Deno.test("createHttpDissector() finds the end of a head that comes byte by byte, in either form", () => {
  for (const end of ["\r\n\r\n", "\n\n", "\r\n\n"]) {
    const text = `GET /slow HTTP/1.1\r\nHost: h\n${"a\n".repeat(5000)}b: c${end}`;
    const { exchanges } = analyse(pcap(sent(80, textOf(text), 1)));
    assertEquals(exchanges.map(({ url }) => url), ["http://h/slow"]);
  }
});

Deno.test("createDatagrams() makes no packet of IPv6 fragments that overlap (RFC 5722)", () => {
  const query = udp(40_000, 53, dns(labels("overlap.example")));
  const part = (at: number, more: number, bytes: number[]) =>
    ipv6([17, 0, ...be16(at | more), ...be32(9), ...bytes], 44);
  const first = part(0, 1, query.slice(0, 24));
  assertEquals(brief(analyse(pcap([first, part(24, 0, query.slice(24))]))).length, 1);
  assertEquals(brief(analyse(pcap([first, part(16, 0, query.slice(16))]))), []);
  // One part that is the same twice is one part.
  assertEquals(brief(analyse(pcap([first, first, part(24, 0, query.slice(24))]))).length, 1);
});

Deno.test("createAnalyser() counts fragments that give way to too many others as lost", () => {
  const part = (id: number, at: number, more: number, bytes: number[]) =>
    ipv6([17, 0, ...be16(at | more), ...be32(id), ...bytes], 44);
  const query = udp(40_000, 53, dns(labels("lost.example")));
  const [first, last] = [part(1, 0, 1, query.slice(0, 24)), part(1, 24, 0, query.slice(24))];
  const others = Array.from({ length: 256 }, (_, at) => part(2 + at, 0, 1, query.slice(0, 24)));
  const few = analyse(pcap([first, ...others.slice(1), last]));
  assertEquals([brief(few).length, few.lost], [1, 0]);
  const many = analyse(pcap([first, ...others, last]));
  // The last part then waits in the place of another one.
  assertEquals([brief(many).length, many.lost], [0, 2]);
  const tiny = Array.from({ length: 129 }, (_, at) => part(1, 8 * at, 1, query.slice(0, 8)));
  assertEquals(analyse(pcap(tiny)).lost, 129);
});

Deno.test("createAnalyser() believes no length of UDP, TCP or IPv6 that goes beyond what is there", () => {
  const message = dns(labels("a.example"));
  const lying = [
    ipv4([...be16(40_000, 53, 60_000, 0), ...message]),
    ipv4([...be16(40_000, 53, 3, 0), ...message]),
    // The header of a segment ends behind the packet.
    ipv4(tcp(40_000, 53, 1, [...be16(message.length), ...message]).with(12, 0xf0), CLIENT),
    ipv6(udp(40_000, 53, message)).with(4, 0xff),
    ipv6([17, 255, 0, 0, 0, 0, 0, 0, ...udp(40_000, 53, message)], 60),
  ];
  for (const frame of lying) {
    for (const { dns_query } of analyse(pcap([frame])).exchanges) {
      assertEquals(dns_query, "a.example");
    }
  }
});

Deno.test("every parser bears bytes that nobody would send, in any pieces", () => {
  const beginnings = [
    [],
    [22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3],
    [22, 3, 3, 0, 122, 2, 0, 0, 118, 3, 3],
    [22, 3, 3, 0x20, 0, 11, 0, 0x1f, 0xfc, 0, 0x1f, 0xf9, 0, 0x1f, 0xf6],
    textOf("GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"),
    textOf("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n"),
    textOf('{"id":1,"method":"mining.subscribe","params":['),
    textOf('{"id":1,"jsonrpc":"2.0","method":"login","params":{'),
    [0, 40, ...dns(labels("a.example"), { answers: [[0xc0, 12, 0, 16, 0, 1]] })],
    dns(labels("a.example"), { answer: true, answers: [[0xc0, 12, ...be16(1, 1)]] }),
  ];
  const bytes = fc.tuple(
    fc.constantFrom(...beginnings),
    fc.array(fc.oneof(fc.nat(255), fc.constantFrom(0, 13, 10, 0xc0, 0xff, 34, 123)), {
      maxLength: 300,
    }),
    fc.array(fc.tuple(fc.nat(300), fc.nat(255)), { maxLength: 4 }),
  ).map(([beginning, rest, changes]) => {
    const all = [...beginning, ...rest];
    for (const [at, value] of changes) if (at < all.length) all[at] = value;
    return all;
  });
  const port = fc.constantFrom(53, 80, 443, 3333, 9999);
  fc.assert(
    fc.property(bytes, bytes, port, fc.integer({ min: 1, max: 400 }), (one, other, to, piece) => {
      const frames = [
        ...sent(to, one, piece),
        ...sent(to, other, piece, SERVER),
        ipv4(udp(40_000, to, one)),
        ipv4(udp(to, 40_000, other), { from: SERVER.from, to: SERVER.to }),
        ipv6(one, 17),
        ipv6(other, 44),
        one,
      ];
      const { exchanges, flows } = analyse(pcap(frames), piece * 7);
      assert(flows.length <= frames.length);
      for (const exchange of exchanges) JSON.stringify({ ...exchange, flow: null });
    }),
    { numRuns: 500 },
  );
});

Deno.test("createCaptureReader() bears pcap and pcapng with any bytes changed", () => {
  const frames = [ipv4(udp(40_000, 53, dns(labels("a.example")))), [], [0x45, 0, 0]];
  const files = [
    pcap(frames),
    pcap(frames, { little: false, nanoseconds: true }),
    pcapng(frames),
    pcapng(frames, { little: false }),
  ];
  const changes = fc.array(
    fc.tuple(fc.nat(400), fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 127, 128, 255))),
    { minLength: 1, maxLength: 8 },
  );
  const file = fc.constantFrom(...files);
  fc.assert(
    fc.property(file, changes, fc.integer({ min: 1, max: 500 }), (file, changes, piece) => {
      const damaged = file.slice();
      for (const [at, value] of changes) if (at < damaged.length) damaged[at] = value;
      try {
        analyse(damaged, piece);
      } catch (error) {
        assert(error instanceof SyntaxError, String(error));
      }
    }),
    { numRuns: 1000 },
  );
});

Deno.test({
  name: "createAnalyser() reads what tshark reads of fragments, tags and segments in any order",
  ignore: !await hasProgram("tshark"),
  async fn() {
    const mac = Array(12).fill(2);
    const tagged = (ip: readonly number[], ...tags: number[]) => {
      const type = ip[0]! >> 4 === 4 ? 0x0800 : 0x86dd;
      return [...mac, ...be16(...tags.flatMap((tag) => [tag, 5]), type), ...ip];
    };
    const question = (name: string, port: number) => udp(port, 53, dns(labels(name)));
    const query4 = question(`${"x".repeat(40)}.four.example`, 40_001);
    const query6 = question(`${"y".repeat(40)}.six.example`, 40_002);
    const part4 = (at: number, more: number, bytes: number[]) =>
      ipv4(bytes, { id: 99, fragment: at / 8 | more });
    const part6 = (at: number, more: number, bytes: number[]) =>
      ipv6([17, 0, ...be16(at | more), ...be32(77), ...bytes], 44);
    const request = "GET /path?q=1 HTTP/1.1\r\nHost: web.example\r\nUser-Agent: a/1\r\n\r\n";
    const client = (at: number, bytes: string, flags = 0x18) =>
      ipv4(tcp(40_003, 80, 1000 + at, bytes, flags), CLIENT);
    const frames = [
      tagged(ipv4(question("plain.example", 40_004)), 0x8100),
      tagged(ipv4(question("twice.example", 40_005)), 0x88a8, 0x8100),
      tagged(part4(24, 0, query4.slice(24))),
      tagged(part4(0, 0x2000, query4.slice(0, 24))),
      tagged(part6(32, 0, query6.slice(32))),
      tagged(part6(0, 1, query6.slice(0, 32)), 0x8100),
      tagged(client(0, "", 2)),
      tagged(ipv4(tcp(80, 40_003, 500, "", 0x12), SERVER)),
      // The last third first, then the middle once more with what follows, then the beginning.
      tagged(client(41, request.slice(40))),
      tagged(client(21, request.slice(20, 50))),
      tagged(client(1, request.slice(0, 20))),
    ];
    const bytes = pcap(frames, { link: 1 });
    const file = await Deno.makeTempFile({ suffix: ".pcap" });
    try {
      await Deno.writeFile(file, bytes);
      // deno-fmt-ignore
      const text = await run("tshark", "-r", file, "-n", "-o", "tcp.reassemble_out_of_order:TRUE",
        "-Y", "dns || http.request", "-T", "fields", "-E", "separator=|", "-e", "dns.qry.name",
        "-e", "http.request.full_uri", "-e", "http.user_agent");
      const ours = analyse(bytes).exchanges.map(({ dns_query, url, user_agent }) =>
        [dns_query ?? "", url ?? "", user_agent ?? ""].join("|")
      );
      assertEquals(ours.toSorted(), text.trimEnd().split("\n").toSorted());
      assertEquals(ours.length, 5);
    } finally {
      await Deno.remove(file);
    }
  },
});
