import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { frame, unframe } from "../../../collectors/core/frame.ts";

const line = (message: object) => frame(message).slice(0, -1);

Deno.test("frame() ends a message in a checksum of its bytes", () => {
  assertEquals(
    new TextDecoder().decode(frame({ type: "x", text: "é" })),
    '{"type":"x","text":"é","checksum":"d835e572"}\n',
  );
});

Deno.test("unframe() gives back what was framed", () => {
  fc.assert(fc.property(fc.record({ type: fc.string(), value: fc.jsonValue() }), (message) => {
    assertEquals(unframe(line(message)), JSON.stringify(message));
  }));
});

Deno.test("unframe() notices every change of a byte, every cut and every addition", () => {
  const whole = line({ type: "done", task: 1, counters: { rows: 2 } });
  for (let at = 0; at < whole.length; at++) {
    const changed = whole.slice();
    changed[at]! ^= 1;
    assertEquals(unframe(changed), undefined, `byte ${at}`);
    assertEquals(unframe(whole.slice(0, at)), undefined, `cut at ${at}`);
  }
  assertEquals(unframe(Uint8Array.from([0x20, ...whole])), undefined);
  assertEquals(unframe(Uint8Array.from([...whole, 0x20])), undefined);
});

Deno.test("unframe() takes no message without a checksum", () => {
  for (const text of ["", "{}", '{"type":"shutdown"}', '{"checksum":"00000000"}']) {
    assertEquals(unframe(new TextEncoder().encode(text)), undefined);
  }
});
