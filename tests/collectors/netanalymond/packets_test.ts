import { assertEquals, assertThrows } from "@std/assert";
import { createCaptureReader } from "../../../collectors/netanalymond/capture/reader.ts";
import { analyse, brief } from "./analyse.ts";
import { be16, be32, dns, ipv4, ipv6, labels, pcap, pcapng, tcp, udp } from "./crafted.ts";

const QUERY = udp(40_000, 53, dns(labels("Example.COM")));
const ASKED = {
  from: "10.0.0.1 40000",
  to: "10.0.0.2 53",
  protocol: "dns",
  dns_query: "example.com",
  dns_response: null,
};

Deno.test("createCaptureReader() reads pcap and pcapng in either order of bytes, in any pieces", () => {
  const files = [
    pcap([ipv4(QUERY)]),
    pcap([ipv4(QUERY)], { little: false }),
    pcap([ipv4(QUERY)], { nanoseconds: true }),
    pcapng([ipv4(QUERY)]),
    pcapng([ipv4(QUERY)], { little: false, resolution: 9 }),
  ];
  for (const file of files) {
    for (const piece of [1, 7, 65_536]) {
      const analysis = analyse(file, piece);
      assertEquals(brief(analysis), [ASKED]);
      assertEquals(analysis.exchanges[0]!.time, 1_700_000_000_000);
    }
  }
});

Deno.test("createCaptureReader() refuses what is no capture, and what says to be too long", () => {
  assertThrows(() => analyse(new TextEncoder().encode("no capture")), SyntaxError, "neither");
  const file = pcap([ipv4(QUERY)]);
  new DataView(file.buffer).setUint32(24 + 8, 0x7fff_ffff, true);
  assertThrows(() => analyse(file), SyntaxError, "is none");
});

Deno.test("createCaptureReader() refuses a time that is none, after what came before it", () => {
  const bytes = pcapng([ipv4(QUERY), ipv4(QUERY)], { resolution: 0 });
  const second = bytes.length - (bytes.length - 76) / 2;
  new DataView(bytes.buffer).setUint32(second + 12, 0xffff_ffff, true);
  const times: number[] = [];
  const reader = createCaptureReader(({ time }) => times.push(time));
  assertThrows(() => reader.push(bytes), SyntaxError, "time");
  assertEquals(times, [1_700_000_000_000]);
});

Deno.test("packetOffset() finds IP behind Ethernet, its tags, Linux cooked and loopback headers", () => {
  const mac = Array(12).fill(2);
  const ip = ipv4(QUERY);
  // deno-fmt-ignore
  const frames: [number, number[]][] = [
    [1, [...mac, ...be16(0x0800), ...ip]],
    [1, [...mac, ...be16(0x8100, 5, 0x0800), ...ip]],
    [1, [...mac, ...be16(0x88a8, 5, 0x8100, 6, 0x0800), ...ip]],
    [113, [...be16(0, 1, 6), ...Array(8).fill(0), ...be16(0x0800), ...ip]],
    [276, [...be16(0x0800, 0), ...be32(3), ...be16(1), 0, 6, ...Array(8).fill(0), ...ip]],
    [276, [...be16(0x8100, 0), ...be32(3), ...be16(1), 0, 6, ...Array(8).fill(0), ...be16(9, 0x0800), ...ip]],
    [0, [2, 0, 0, 0, ...ip]],
    [108, [0, 0, 0, 2, ...ip]],
    [101, ip],
  ];
  for (const [link, frame] of frames) {
    assertEquals(brief(analyse(pcap([frame], { link }))), [ASKED], `link ${link}`);
  }
  assertEquals(analyse(pcap([[...mac, ...be16(0x0806), ...ip]], { link: 1 })).flows, []);
});

Deno.test("createDatagrams() reads IPv6 behind extension headers and puts fragments together", () => {
  const from6 = { ...ASKED, from: "fd00::1 40000", to: "fd00::2 53" };
  const options = [60, 0, 0, 0, 0, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0, 0];
  assertEquals(brief(analyse(pcap([ipv6([...options, ...QUERY], 0)]))), [from6]);

  const part = (at: number, more: number, bytes: number[]) =>
    ipv6([17, 0, ...be16(at | more), ...be32(99), ...bytes], 44);
  const parts6 = [part(0, 1, QUERY.slice(0, 16)), part(16, 0, QUERY.slice(16))];
  assertEquals(brief(analyse(pcap(parts6))), [from6]);
  assertEquals(brief(analyse(pcap(parts6.toReversed()))), [from6]);

  const part4 = (at: number, more: number, bytes: number[]) =>
    ipv4(bytes, { fragment: at / 8 | more });
  const first = part4(0, 0x2000, QUERY.slice(0, 16));
  const middle = part4(16, 0x2000, QUERY.slice(16, 24));
  const last = part4(24, 0, QUERY.slice(24));
  const analysis = analyse(pcap([last, first, first, middle]));
  assertEquals(brief(analysis), [ASKED]);
  assertEquals(analysis.flows.map(({ packets }) => packets), [3]);
  // Parts that overlap are no packet: receivers disagree about them.
  assertEquals(brief(analyse(pcap([first, part4(8, 0, QUERY.slice(8))]))), []);
  assertEquals(brief(analyse(pcap([first, last]))), []);
});

Deno.test("createDatagrams() believes no length that goes beyond what is there", () => {
  const lying = ipv4(QUERY);
  lying.splice(2, 2, ...be16(60_000));
  assertEquals(brief(analyse(pcap([lying]))), [ASKED]);
  const short = ipv4(QUERY);
  short.splice(2, 2, ...be16(19));
  const header = ipv4(QUERY);
  header[0] = 0x4f;
  for (const frame of [short, header, [0x45], [0x60, 0, 0], []]) {
    assertEquals(brief(analyse(pcap([frame]))), []);
  }
});

Deno.test("createDnsPairs() brings answers to their queries, once each, over UDP and TCP", () => {
  const name = labels("a.example");
  const pointer = [0xc0, 12];
  const record = (type: number, data: number[]) => [
    ...pointer,
    ...be16(type, 1),
    ...be32(60),
    ...be16(data.length),
    ...data,
  ];
  const answer = dns(name, {
    answer: true,
    answers: [record(5, [1, 98, 0xc0, 14]), record(1, [192, 0, 2, 7])],
  });
  const back = { from: [10, 0, 0, 2], to: [10, 0, 0, 1] };
  const told = {
    ...ASKED,
    dns_query: "a.example",
    dns_response: "b.example,192.0.2.7",
  };
  const query = ipv4(udp(40_000, 53, dns(name)));
  const reply = ipv4(udp(53, 40_000, answer), back);
  assertEquals(brief(analyse(pcap([query, query, reply, reply]))), [told]);
  // An answer whose query was not captured still tells who asked.
  assertEquals(brief(analyse(pcap([reply]))), [told]);
  // Any port, by its look.
  const other = [ipv4(udp(40_000, 5300, dns(name))), ipv4(udp(5300, 40_000, answer), back)];
  assertEquals(brief(analyse(pcap(other)))[0]?.dns_response, "b.example,192.0.2.7");

  const ask = dns(name);
  const stream = [...be16(ask.length), ...ask];
  const segments = [
    ipv4(tcp(40_000, 53, 1, stream.slice(0, 9)), { protocol: 6 }),
    ipv4(tcp(40_000, 53, 10, stream.slice(9)), { protocol: 6 }),
    ipv4(tcp(53, 40_000, 1, [...be16(answer.length), ...answer]), { protocol: 6, ...back }),
  ];
  assertEquals(brief(analyse(pcap(segments))), [told]);
});

Deno.test("createDnsDissector() reads long messages that follow each other in one segment", () => {
  const message = (name: string) => {
    const bytes = dns(labels(name));
    return [...be16(60_000), ...bytes, ...Array(60_000 - bytes.length).fill(0)];
  };
  const stream = [...message("one.example"), ...message("two.example")];
  const segments = [stream.slice(0, 59_000), stream.slice(59_000)].map((bytes, index) =>
    ipv4(tcp(40_000, 53, 1 + 59_000 * index, bytes), { protocol: 6 })
  );
  assertEquals(brief(analyse(pcap(segments))).map(({ dns_query }) => dns_query), [
    "one.example",
    "two.example",
  ]);
});

Deno.test("parseDns() follows no pointer in a circle and takes no name that is too long", () => {
  const loops = [
    [0xc0, 12],
    [1, 97, 0xc0, 12],
    [0xc0, 14, 0xc0, 12],
    Array(300).fill([1, 97]).flat(),
  ];
  for (const name of loops) {
    assertEquals(brief(analyse(pcap([ipv4(udp(40_000, 53, dns(name)))]))), []);
  }
});
