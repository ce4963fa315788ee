import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  connectorRequest,
  parseConnectorMessages,
} from "../../../../collectors/procmond/events/connector_message.ts";

/** A message as the kernel sends it. */
function message(what: number, data: readonly number[], more: { seq?: number; idx?: number } = {}) {
  const bytes = new Uint8Array(52 + 4 * data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint16(4, 3, true);
  view.setUint32(16, more.idx ?? 1, true);
  view.setUint32(20, 1, true);
  view.setUint32(24, more.seq ?? 9, true);
  view.setUint16(32, 16 + 4 * data.length, true);
  view.setUint32(36, what, true);
  view.setUint32(40, 3, true);
  view.setBigUint64(44, 1_500_000n, true);
  data.forEach((field, index) => view.setUint32(52 + 4 * index, field, true));
  return bytes;
}

const COMMON = { cpu: 3, seq: 9, at: 1.5 };

Deno.test("parseConnectorMessages() reads what tasks do", () => {
  const parse = (what: number, ...data: number[]) => parseConnectorMessages(message(what, data));
  assertEquals(parse(1, 4, 5, 6, 7), [{ ...COMMON, event: "fork", parent: 5, tid: 6, pid: 7 }]);
  assertEquals(parse(2, 6, 7), [{ ...COMMON, event: "exec", tid: 6, pid: 7 }]);
  assertEquals(parse(0x8000_0000, 6, 7, 256, 17, 4, 5), [
    { ...COMMON, event: "exit", tid: 6, pid: 7, status: 256 },
  ]);
  assertEquals(parse(0x200, 6, 7, 0, 0, 0, 0), [{ ...COMMON, event: "other" }]);
  assertEquals(parseConnectorMessages(message(2, [6, 7], { idx: 4 })), [], "of another sender");
});

Deno.test("parseConnectorMessages() reads several messages, as far as they are whole", () => {
  const two = new Uint8Array([...message(2, [6, 7]), ...message(2, [8, 9], { seq: 10 })]);
  assertEquals(parseConnectorMessages(two).map(({ seq }) => seq), [9, 10]);
  assertEquals(parseConnectorMessages(two.subarray(0, two.length - 1)).length, 1);
  assertEquals(parseConnectorMessages(message(1, [4, 5])), [{ ...COMMON, event: "other" }]);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(60), (any, at) => {
    parseConnectorMessages(any);
    const cut = message(1, [1, 2, 3, 4]);
    cut.set(any.subarray(0, Math.max(0, cut.length - at)), Math.min(at, cut.length));
    parseConnectorMessages(cut);
  }));
});

Deno.test("connectorRequest() asks as linux/cn_proc.h has it", () => {
  // deno-fmt-ignore
  assertEquals([...connectorRequest(true)], [
    40, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0,
    1, 0, 0, 0,
  ]);
  assertEquals(connectorRequest(false).at(-4), 2);
});
