import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { type InetTable, parseInetLine } from "../../../collectors/netmond/inet.ts";
import { hostileText, recordedLines } from "./recorded.ts";

const TCP: InetTable = { protocol: "tcp", family: "inet", socket_type: "stream" };
const TCP6: InetTable = { ...TCP, family: "inet6" };
const UDP: InetTable = { protocol: "udp", family: "inet", socket_type: "dgram" };
const RAW: InetTable = { protocol: "raw", family: "inet", socket_type: "raw" };
const RAW6: InetTable = { ...RAW, family: "inet6" };
const ICMP: InetTable = { protocol: "icmp", family: "inet", socket_type: "dgram" };

/** The sockets of a recorded table, each as a line. */
function shown(table: string, kind: InetTable): string[] {
  return recordedLines(table).flatMap((line) => {
    const socket = parseInetLine(line, kind);
    if (!socket) return [];
    const { local_address, local_port, remote_address, remote_port, state } = socket;
    const { receive_queue, send_queue, inode, uid } = socket;
    const queues = `${receive_queue}/${send_queue}`;
    const owner = inode === 0 ? `loose ${uid}` : uid;
    return `${local_address} ${local_port} > ${remote_address} ${remote_port} ${state} ${queues} ${owner}`;
  });
}

Deno.test("parseInetLine() reads TCP in all its states", () => {
  assertEquals(shown("tcp", TCP), [
    "127.0.0.1 8080 > null null listening 1/0 0",
    "127.0.0.1 8080 > 127.0.0.1 50001 established 100/0 0",
    "192.0.2.10 50006 > 203.0.113.9 443 syn_sent 0/1 0",
    "127.0.0.1 50001 > 127.0.0.1 8080 established 0/0 0",
    "127.0.0.1 50002 > 127.0.0.1 8080 close_wait 1/0 0",
    "127.0.0.1 50005 > 127.0.0.1 8080 fin_wait2 0/0 loose null",
    "127.0.0.1 50003 > 127.0.0.1 8443 established 0/0 0",
    "127.0.0.1 8080 > 127.0.0.1 50005 close_wait 1/0 loose null",
    "127.0.0.1 8080 > 127.0.0.1 50002 fin_wait2 0/0 loose null",
  ]);
  const [, line] = recordedLines("tcp");
  const states = Array.from({ length: 14 }, (_, number) => {
    const hex = number.toString(16).toUpperCase().padStart(2, "0");
    return parseInetLine(line!.replace(" 0A ", ` ${hex} `), TCP)?.state;
  });
  assertEquals(states, [
    null,
    "established",
    "syn_sent",
    "syn_received",
    "fin_wait1",
    "fin_wait2",
    "time_wait",
    "closed",
    "close_wait",
    "last_ack",
    "listening",
    "closing",
    "syn_received",
    null,
  ]);
});

Deno.test("parseInetLine() reads IPv6, and IPv4 on sockets of IPv6", () => {
  assertEquals(
    shown("tcp6", TCP6).map((text) => text.replace(/ established.*/, "")).sort(),
    [
      "127.0.0.1 8443 > 127.0.0.1 50003",
      "2001:db8::10 50004 > 2001:db8::10 8443",
      "2001:db8::10 8443 > 2001:db8::10 50004",
      ":: 8443 > null null listening 1/0 0",
      ...shown("tcp6", TCP6).map((text) => text.replace(/ established.*/, ""))
        .filter((text) => text.startsWith("fe80::")),
    ].sort(),
  );
  assertEquals(shown("tcp6", TCP6).length, 6);
});

Deno.test("parseInetLine() shows UDP without a state until it has a peer", () => {
  assertEquals(shown("udp", UDP), [
    "127.0.0.1 50007 > 127.0.0.1 5353 established 0/0 0",
    "0.0.0.0 5353 > null null null 832/0 0",
  ]);
  assertEquals(shown("udplite", { ...UDP, protocol: "udplite" }), [
    "127.0.0.1 7000 > null null null 0/0 0",
  ]);
});

Deno.test("parseInetLine() takes the protocol of a raw socket for no port", () => {
  const sockets = [...recordedLines("raw"), ...recordedLines("raw6")]
    .map((line) => parseInetLine(line, RAW) ?? parseInetLine(line, RAW6))
    .filter((socket) => socket !== undefined);
  assertEquals(
    sockets.map((
      { family, local_port, remote_port, state, platform_data },
    ) => [family, local_port, remote_port, state, platform_data]),
    [
      ["inet", null, null, null, '{"ip_protocol":1}'],
      ["inet6", null, null, null, '{"ip_protocol":58}'],
    ],
  );
});

Deno.test("parseInetLine() reads the identifier of a ping socket", () => {
  assertEquals(shown("icmp", ICMP), ["127.0.0.1 77 > null null null 0/0 0"]);
});

Deno.test("parseInetLine() refuses headings, other tables and what is cut short", () => {
  const [heading, line] = recordedLines("tcp");
  assertEquals(parseInetLine(heading!, TCP), undefined);
  assertEquals(parseInetLine(line!, TCP6), undefined);
  for (let length = 0; length < line!.indexOf(" 2 0000"); length++) {
    assertEquals(parseInetLine(line!.slice(0, length), TCP), undefined, `${length} characters`);
  }
});

Deno.test("parseInetLine() throws at nothing, and is not slowed down", () => {
  const lines = ["tcp", "tcp6", "udp", "raw6"].flatMap(recordedLines);
  fc.assert(
    fc.property(
      fc.constantFrom(...lines),
      hostileText(),
      fc.nat(160),
      (line, text, at) => {
        for (const kind of [TCP, TCP6]) {
          parseInetLine(text, kind);
          parseInetLine(line.slice(0, at) + text + line.slice(at), kind);
        }
      },
    ),
  );
  const started = performance.now();
  parseInetLine(`${" ".repeat(4_000_000)}0: x`, TCP);
  parseInetLine(recordedLines("tcp")[1]! + "0 ".repeat(2_000_000), TCP);
  assertEquals(performance.now() - started < 5000, true);
});

Deno.test("parseInetLine() tells how long ago a connection was closed that waits for late packets", () => {
  const line = (state: string, timer: string) =>
    `   9: 0100007F:C351 0100007F:1F90 ${state} 00000000:00000000 ${timer} 00000000     0        0 0 3 0000000000000000`;
  const closed = (state: string, timer: string) => parseInetLine(line(state, timer), TCP)?.closed;
  // 0x1388 hundredths of a second are 50 s of the 60.
  assertEquals(closed("06", "03:00001388"), 10_000);
  assertEquals(closed("06", "03:00000000"), 60_000);
  assertEquals(closed("05", "03:00001388"), undefined);
  assertEquals(closed("01", "02:00001388"), undefined);
  assertEquals(closed("06", "03:FFFFFFFF"), undefined);
  assertEquals(parseInetLine(line("06", "03:00001388"), TCP)?.state, "time_wait");
});
