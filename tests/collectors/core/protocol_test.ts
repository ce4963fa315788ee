import { assertEquals } from "@std/assert";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { parseMessage } from "../../../collectors/core/protocol.ts";

const counters = { rows: 2, dropped: 0, acknowledged: 0 };
const done = { type: "done", task: 1, outcome: { status: "complete" }, counters };

/** The line of a message that is any JSON, with a checksum that is right. */
function line(text: string): Uint8Array {
  const body = new TextEncoder().encode(text.slice(0, -1));
  const tail = `,"checksum":"${crc32(body).toString(16).padStart(8, "0")}"}`;
  return Uint8Array.from([...body, ...new TextEncoder().encode(tail)]);
}
const parse = (text: string) => parseMessage(line(text));

Deno.test("parseMessage() reads what a collector may say", () => {
  assertEquals(parse(JSON.stringify(done)) as unknown, done);
  assertEquals(parse('{"type":"batch","task":1,"seq_no":0,"batch":{}}')?.type, "batch");
});

Deno.test("parseMessage() refuses everything else", () => {
  for (
    const text of [
      "",
      "null",
      "[]",
      "{}",
      '{"type":"task"}',
      JSON.stringify({ ...done, task: -1 }),
      JSON.stringify({ ...done, outcome: { status: "partial" } }),
      JSON.stringify({ ...done, counters: { ...counters, rows: 1.5 } }),
      JSON.stringify({ ...done, extra: 1 }),
      '{"type":"error","task":1,"message":"' + "x".repeat(5000) + '"}',
    ]
  ) assertEquals(parse(text), undefined, text.slice(0, 80));
});

Deno.test("parseMessage() makes words harmless to a terminal", () => {
  const message = parse('{"type":"error","task":1,"message":"\\u001b[2J\\u202e gone"}');
  assertEquals(message?.type === "error" && message.message, "\\x1b[2J\\u202e gone");
});

Deno.test("parseMessage() throws at nothing", () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
    parse(text);
  }));
  parse("[".repeat(1_000_000));
  parse(
    '{"type":"hello","__proto__":{"task":1},"tables":' + "[".repeat(10_000) + "]".repeat(10_000) +
      "}",
  );
});
