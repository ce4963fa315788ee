import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseMessage } from "../../../collectors/core/protocol.ts";

const done = { type: "done", task: 1, outcome: { status: "complete" }, counters: { rows: 2 } };

Deno.test("parseMessage() reads what a collector may say", () => {
  assertEquals(parseMessage(JSON.stringify(done)) as unknown, done);
  assertEquals(parseMessage('{"type":"batch","task":1,"seq_no":0,"batch":{}}')?.type, "batch");
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
      JSON.stringify({ ...done, counters: { rows: 1.5 } }),
      JSON.stringify({ ...done, extra: 1 }),
      '{"type":"error","task":1,"message":"' + "x".repeat(5000) + '"}',
    ]
  ) assertEquals(parseMessage(text), undefined, text.slice(0, 80));
});

Deno.test("parseMessage() makes words harmless to a terminal", () => {
  const message = parseMessage('{"type":"error","task":1,"message":"\\u001b[2J\\u202e gone"}');
  assertEquals(message?.type === "error" && message.message, "\\x1b[2J\\u202e gone");
});

Deno.test("parseMessage() throws at nothing", () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
    parseMessage(text);
  }));
  parseMessage("[".repeat(1_000_000));
  parseMessage(
    '{"type":"hello","__proto__":{"task":1},"tables":' + "[".repeat(10_000) + "]".repeat(10_000) +
      "}",
  );
});
