import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Socket } from "../../../collectors/netmond/sockets.ts";
import { createUnixParser } from "../../../collectors/netmond/unix.ts";
import { hostileText, recordedLines } from "./recorded.ts";

function parse(lines: readonly string[]): Socket[] {
  const sockets: Socket[] = [];
  const parser = createUnixParser((socket) => sockets.push(socket));
  for (const line of lines) parser.line(line);
  parser.end();
  return sockets;
}

const HEAD = "0000000000000000: 00000002 00000000 00010000 0001 01";

Deno.test("createUnixParser() reads paths with whatever is in them", () => {
  const sockets = parse(recordedLines("unix"));
  assertEquals(
    sockets.map(({ local_address, socket_type, state }) => [local_address, socket_type, state]),
    [
      ["/tmp/nmx/plain.sock", "stream", "listening"],
      ["/tmp/nmx/with space\nand line", "stream", "listening"],
      ["/tmp/nmx/\x1b[31mred\ufffd", "stream", "listening"],
      ["/tmp/nmx/dgram", "dgram", null],
      ["/tmp/nmx/seq", "seqpacket", "listening"],
      ["/tmp/nmx/end\n", "stream", "listening"],
      ["/tmp/nmx/f", "stream", "listening"],
      // It was written by the one before it.
      ["@forged", "stream", "listening"],
      [null, "stream", "established"],
      [null, "stream", "established"],
      [null, "stream", "established"],
      ["@abstract@name", "stream", "listening"],
    ],
  );
  assertEquals([sockets[0]!.flags, sockets[3]!.flags], [0x1_0000, 0]);
  assertEquals(new Set(sockets.map(({ inode }) => inode)).size, sockets.length);
});

Deno.test("createUnixParser() leaves out connections that nobody has accepted", () => {
  const waiting = recordedLines("unix").filter((line) => line.includes(" 02     0 "));
  assertEquals([waiting.length, parse(waiting)], [1, []]);
});

Deno.test("createUnixParser() shows each real socket, whatever lines others forge", () => {
  const hostile = hostileText().map((text) => text.replaceAll("\0", "@"));
  fc.assert(
    fc.property(
      fc.array(fc.oneof(hostile, fc.constantFrom(`x\n${HEAD} 7 /y`, "\n", "\n\n"))),
      (paths) => {
        const lines = paths.flatMap((path, index) => `${HEAD} ${index + 100} /${path}`.split("\n"));
        const inodes = new Set(parse(lines).map(({ inode }) => inode));
        for (const index of paths.keys()) assertEquals(inodes.has(index + 100), true);
      },
    ),
  );
});

Deno.test("createUnixParser() bounds what follows a path", () => {
  const lines = [`${HEAD} 5 /x`, ...Array.from({ length: 100_000 }, () => "more")];
  const [socket] = parse(lines);
  assertEquals(socket!.inode, 5);
  assertEquals(socket!.local_address!.length < 1000, true);
});

Deno.test("createUnixParser() throws at nothing", () => {
  fc.assert(fc.property(fc.array(hostileText()), (lines) => void parse(lines)));
});
