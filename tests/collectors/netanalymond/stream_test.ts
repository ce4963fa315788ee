import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { ANALYSER_BOUNDS, createAnalyser } from "../../../collectors/netanalymond/analyser.ts";
import { createStream } from "../../../collectors/netanalymond/stream.ts";
import { analyse, brief } from "./analyse.ts";
import { ipv4, pcap, tcp } from "./crafted.ts";

const TEXT = "GET /a HTTP/1.1\r\nHost: h.example\r\nUser-Agent: curl/8\r\n\r\n";
const ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nServer: s\r\n\r\nok";
const back = { from: [10, 0, 0, 2], to: [10, 0, 0, 1], protocol: 6 };
const out = { protocol: 6 };
const segment = (at: number, text: string) => ipv4(tcp(40_000, 80, at, text), out);

Deno.test("createStream() puts segments in order, whatever overlaps and is sent again", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 0xffff_ffff }),
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
      fc.array(fc.tuple(fc.nat(199), fc.integer({ min: 1, max: 60 })), { maxLength: 40 }),
      (begin, bytes, cuts) => {
        const got: number[] = [];
        let gaps = 0;
        const stream = createStream({
          data: (data) => got.push(...data),
          gap: (length) => gaps += length,
        });
        stream.next = begin;
        const segments = cuts.map(([from, length]) => ({
          from,
          to: Math.min(from + length, bytes.length),
        }));
        const all = [...segments, { from: 0, to: bytes.length }];
        for (const { from, to } of all.filter(({ from, to }) => from < to)) {
          const part = bytes.subarray(from, to);
          stream.add({ sequence: begin + from >>> 0, bytes: part, length: part.length });
        }
        stream.flush();
        assertEquals(got, [...bytes]);
        assertEquals(gaps, 0);
      },
    ),
  );
});

Deno.test("createStream() gives up a byte that does not come, and keeps no more than its bound", () => {
  const seen: (number | string)[] = [];
  const stream = createStream({
    data: (bytes) => seen.push(bytes.length),
    gap: (length) => seen.push(`gap ${length}`),
  });
  stream.next = 100;
  const piece = new Uint8Array(30_000);
  for (const at of [200, 30_200, 60_200]) {
    stream.add({ sequence: at, bytes: piece, length: 30_000 });
  }
  assertEquals(seen, ["gap 100", 30_000, 30_000, 30_000]);
});

Deno.test("createHttpDissector() reads a request and its answer from segments in any order", () => {
  const frames = [
    segment(21, TEXT.slice(20)),
    segment(1, TEXT.slice(0, 30)),
    ipv4(tcp(80, 40_000, 510, ANSWER.slice(10)), back),
    ipv4(tcp(80, 40_000, 500, ANSWER.slice(0, 12)), back),
  ];
  const begin = [
    ipv4(tcp(40_000, 80, 0, "", 2), out),
    ipv4(tcp(80, 40_000, 499, "", 0x12), back),
  ];
  assertEquals(brief(analyse(pcap([...begin, ...frames]))), [{
    from: "10.0.0.1 40000",
    to: "10.0.0.2 80",
    protocol: "http",
    version: "1.1",
    method: "GET",
    url: "http://h.example/a",
    user_agent: "curl/8",
    status_code: 200,
    content_type: null,
    content_length: 2,
    server: "s",
  }]);
});

Deno.test("createHttpDissector() tells pipelined requests apart, chunks from heads, and passes over interim answers", () => {
  const asked = ["/1", "/2", "/3"].map((path) => `GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`).join(
    "",
  );
  const answers = "HTTP/1.1 100 Continue\r\n\r\n" +
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nHTT\r\n5;x=y\r\nP/1.1\r\n0\r\nT: 1\r\n\r\n" +
    "HTTP/1.1 304 No\r\nContent-Length: 99\r\n\r\n" +
    "HTTP/1.0 404 No\r\n\r\nHTTP/1.1 200 this is body";
  const frames = [segment(1, asked), ipv4(tcp(80, 40_000, 1, answers), back)];
  assertEquals(
    brief(analyse(pcap(frames))).map(({ url, status_code }) => [url, status_code]),
    [["http://h/1", 200], ["http://h/2", 304], ["http://h/3", 404]],
  );
});

Deno.test("createHttpDissector() finds the next head after bytes that were not captured", () => {
  const frames = [
    segment(1, TEXT),
    segment(5000, "x".repeat(70_000)),
    segment(75_000, TEXT.replace("/a", "/b")),
  ];
  assertEquals(brief(analyse(pcap(frames))).map(({ url }) => url), [
    "http://h.example/a",
    "http://h.example/b",
  ]);
});

Deno.test("createAnalyser() tells who opened a connection, and connections between the same ports apart", () => {
  const syn = (at: number) => ipv4(tcp(40_000, 9000, at, "", 2), out);
  const reply = ipv4(tcp(9000, 40_000, 9, "", 0x12), back);
  const reset = ipv4(tcp(9000, 40_000, 10, "", 4), back);
  const { flows } = analyse(pcap([reply, reset, syn(77_000), reply]));
  assertEquals(
    flows.map(({ source, packets, closed }) => [source.port, packets, closed]),
    [[40_000, 2, true], [40_000, 2, false]],
  );
  // Without its beginning, a connection is taken to be opened by whose port is no service's.
  assertEquals(analyse(pcap([ipv4(tcp(443, 50_000, 1, "x"), back)])).flows[0]!.source.port, 50_000);
  // Who asks is the client, whatever the ports look like.
  const swapped = ipv4(tcp(80, 50_000, 1, TEXT), out);
  assertEquals(analyse(pcap([swapped])).flows[0]!.source.port, 80);
});

Deno.test("createAnalyser() counts a connection as lost that had to give way to others", () => {
  const analyser = createAnalyser(() => {}, { ...ANALYSER_BOUNDS, connections: 2 });
  const frame = (bytes: readonly number[]) =>
    analyser.add({ time: 0, link: 101, bytes: Uint8Array.from(bytes) });
  for (const port of [40_000, 40_001]) frame(ipv4(tcp(port, 80, 0, "", 2), out));
  assertEquals(analyser.analysis.lost, 0);
  frame(ipv4(tcp(40_002, 80, 0, "", 2), out));
  frame(segment(1, TEXT));
  assertEquals(analyser.end().exchanges, []);
  assertEquals(analyser.analysis.lost, 1);
});

Deno.test("createStratumDissector() tells a miner by what it asks of its pool", () => {
  const login =
    '{"id":1,"jsonrpc":"2.0","method":"login","params":{"login":"48x","pass":"x","agent":"XMRig/6.21.0"}}\n';
  const frames = [ipv4(tcp(40_000, 3333, 1, login), out)];
  assertEquals(brief(analyse(pcap(frames))), [{
    from: "10.0.0.1 40000",
    to: "10.0.0.2 3333",
    protocol: "stratum",
    url: "stratum+tcp://10.0.0.2:3333",
    user_agent: "XMRig/6.21.0",
  }]);
  const other = '{"jsonrpc":"2.0","method":"login","params":["a"],"id":1}\n';
  assertEquals(brief(analyse(pcap([ipv4(tcp(40_000, 3333, 1, other), out)]))), []);
});
