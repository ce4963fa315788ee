import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  parseTcpDetails,
  TCP_REQUESTS,
} from "../../../../collectors/netmond/netlinker/inet_diag.ts";
import { dumpRequest, readMessages } from "../../../../collectors/netmond/netlinker/messages.ts";
import {
  parseUnixDetails,
  UNIX_REQUEST,
  type UnixDetails,
} from "../../../../collectors/netmond/netlinker/unix_diag.ts";
import { tcpReading, unixReadings } from "../../../../collectors/netmond/netlinker/details.ts";
import { parseInetLine } from "../../../../collectors/netmond/inet.ts";
import type { Socket } from "../../../../collectors/netmond/sockets.ts";
import { createUnixParser } from "../../../../collectors/netmond/unix.ts";
import { recordedBytes, recordedLines } from "../recorded.ts";

const TCP = { protocol: "tcp", family: "inet", socket_type: "stream" } as const;

function unixDetails(): UnixDetails[] {
  return [...readMessages(recordedBytes("netlink_unix.bin"))]
    .flatMap(({ body }) => parseUnixDetails(body) ?? []);
}

Deno.test("dumpRequest() asks for all", () => {
  const [ipv4, ipv6] = TCP_REQUESTS;
  assertEquals([...dumpRequest(20, 7, ipv4!).subarray(0, 24)], [
    // deno-fmt-ignore
    ...[72, 0, 0, 0, 20, 0, 1, 3, 7, 0, 0, 0, 0, 0, 0, 0, 2, 6, 2, 0, 255, 255, 255, 255],
  ]);
  assertEquals([ipv6![0], UNIX_REQUEST[0], UNIX_REQUEST.length], [10, 1, 24]);
});

Deno.test("parseTcpDetails() tells of the sockets that /proc shows", () => {
  const details = [...readMessages(recordedBytes("netlink_tcp.bin"))]
    .flatMap(({ body }) => parseTcpDetails(body) ?? []);
  const sockets = recordedLines("tcp").flatMap((line) => parseInetLine(line, TCP) ?? []);
  const inodes = (all: readonly { readonly inode: number }[]) =>
    all.map(({ inode }) => inode).sort();
  assertEquals(inodes(details), inodes(sockets));
  const of = (state: string) => {
    const inode = sockets.find((socket) => socket.state === state && socket.inode !== 0)!.inode;
    return details.find((one) => one.inode === inode)!;
  };
  assertEquals([of("listening").backlog, of("listening").idle], [7, null]);
  assertEquals([of("syn_sent").backlog, of("syn_sent").idle], [null, null]);
  const { backlog, idle } = of("established");
  assertEquals([backlog, idle! >= 0 && idle! < 5000], [null, true]);
  assertEquals(tcpReading(of("established"), 10_000)!.row.last_activity, 10_000 - idle!);
  assertEquals(tcpReading(of("syn_sent"), 10_000), undefined);
});

Deno.test("parseUnixDetails() tells of the sockets that /proc shows, and of their peers", () => {
  const details = unixDetails();
  const sockets: Socket[] = [];
  const parser = createUnixParser((socket) => sockets.push(socket));
  recordedLines("unix").forEach(parser.line);
  parser.end();
  const real = sockets.filter(({ local_address }) => local_address !== "@forged");
  const order = (one: { readonly inode: number }, other: { readonly inode: number }) =>
    one.inode - other.inode;
  const forging = "/tmp/nmx/f\n0000000000000001: 00000002 00000000 00010000 0001 01 4242 @forged";
  assertEquals(
    details.filter(({ inode }) => inode !== 0).toSorted(order)
      .map(({ inode, path, listens }) => [inode, path, listens]),
    real.toSorted(order).map(({ inode, local_address, state }) => [
      inode,
      // Here no name can be taken for more lines.
      local_address === "/tmp/nmx/f" ? forging : local_address,
      state === "listening",
    ]),
  );
  const listener = details.find(({ path }) => path === "/tmp/nmx/plain.sock")!;
  assertEquals([listener.receive_queue, listener.send_queue], [1, 3]);
});

Deno.test("unixReadings() shows the path at the other end", () => {
  const socket = (inode: number, told: Partial<UnixDetails>): UnixDetails => ({
    inode,
    listens: false,
    path: null,
    peer: null,
    receive_queue: 0,
    send_queue: 0,
    ...told,
  });
  const rows = [...unixReadings([
    socket(1, { listens: true, path: "/run/docker.sock", receive_queue: 2, send_queue: 128 }),
    socket(2, { path: "/run/docker.sock", peer: 3 }),
    socket(3, { peer: 2, receive_queue: 5, send_queue: 6 }),
    socket(4, { peer: 99 }),
  ])].map(({ row }) => row);
  const none = { backlog: null, receive_queue: 0, send_queue: 0, unix_peer: null };
  assertEquals(rows, [
    { ...none, inode: 1, backlog: 128, receive_queue: 2 },
    { ...none, inode: 2 },
    { ...none, inode: 3, receive_queue: 5, send_queue: 6, unix_peer: "/run/docker.sock" },
    { ...none, inode: 4 },
  ]);
});

Deno.test("the parsers of netlink throw at nothing", () => {
  const recordings = ["netlink_tcp.bin", "netlink_unix.bin"].map(recordedBytes);
  const change = fc.record({ at: fc.nat(4000), byte: fc.nat(255) });
  fc.assert(
    fc.property(
      fc.constantFrom(...recordings),
      fc.array(change),
      fc.nat(4000),
      (whole, changes, cut) => {
        const bytes = whole.slice(0, cut);
        for (const { at, byte } of changes) if (at < bytes.length) bytes[at] = byte;
        for (const { body } of readMessages(bytes)) {
          const tcp = parseTcpDetails(body);
          if (tcp) tcpReading(tcp, 0);
          const unix = parseUnixDetails(body);
          if (unix) void [...unixReadings([unix])];
        }
      },
    ),
  );
});
