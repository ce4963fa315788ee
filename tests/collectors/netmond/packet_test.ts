import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { parsePacketLine } from "../../../collectors/netmond/packet.ts";
import { hostileText, recordedLines } from "./recorded.ts";

Deno.test("parsePacketLine() reads what a socket listens to", () => {
  const sockets = recordedLines("packet").flatMap((line) => parsePacketLine(line) ?? []);
  assertEquals(
    sockets.map((
      { protocol, family, socket_type, platform_data, uid },
    ) => [protocol, family, socket_type, platform_data, uid]),
    [
      ["packet", "packet", "raw", '{"ethertype":"0x0003","interface_index":3}', 0],
      ["packet", "packet", "dgram", '{"ethertype":"0x0806","interface_index":0}', 0],
    ],
  );
  assertEquals(sockets.every(({ inode }) => inode > 0), true);
});

Deno.test("parsePacketLine() throws at nothing", () => {
  fc.assert(fc.property(hostileText(), (text) => {
    assertEquals(parsePacketLine(text), undefined);
  }));
});
