import { assertEquals, assertThrows } from "@std/assert";
import { tellingFailures } from "../../cli/agent_output.ts";
import { FailedError } from "../../cli/command.ts";
import { createWriter, OutputClosed } from "../../cli/io.ts";

/** A pipe that takes so many bytes each time: none is a full one. What it takes when it is asked more often is `later`. */
function pipe(takes: readonly (number | Error)[], later: number | Error = Infinity) {
  const next = takes.values();
  let written = "";
  return {
    written: () => written,
    writeSync(bytes: Uint8Array): number {
      const { value = later } = next.next();
      if (typeof value !== "number") throw value;
      if (value === 0) throw new Deno.errors.WouldBlock();
      const taken = bytes.subarray(0, value);
      written += new TextDecoder().decode(taken);
      return taken.length;
    },
  };
}

Deno.test("createWriter() waits for a reader that is slower", () => {
  const stream = pipe([3, 0, 0, 2, 0]);
  createWriter(stream)("one two three");
  assertEquals(stream.written(), "one two three");
});

Deno.test("createWriter() gives up where nobody reads, and writes again once somebody does", () => {
  let full = true;
  let asked = 0;
  const open = pipe([]);
  const write = createWriter({
    writeSync(bytes) {
      asked++;
      if (full) throw new Deno.errors.WouldBlock();
      return open.writeSync(bytes);
    },
  }, 50);
  assertThrows(() => write("one"), FailedError, "nobody reads it");
  asked = 0;
  // Whoever waited in vain does not wait again.
  assertThrows(() => write("two"), FailedError, "nobody reads it");
  assertEquals(asked, 1);
  full = false;
  write("three");
  assertEquals(open.written(), "three");
});

Deno.test("createWriter() puts the rest of a text that was cut off before the next", () => {
  const full = Object.assign(new Error("No space left on device (os error 28)"), {
    code: "ENOSPC",
  });
  const stream = pipe([2, full, full]);
  const write = createWriter(stream);
  assertThrows(() => write("one\n"), FailedError, "the disk is full");
  assertThrows(() => write("two\n"), FailedError, "the disk is full");
  write("three\n");
  assertEquals(stream.written(), "one\nthree\n");
});

Deno.test("createWriter() says that the reader has gone", () => {
  const write = createWriter(pipe([], new Deno.errors.BrokenPipe()));
  assertThrows(() => write("one"), OutputClosed, "gone");
});

Deno.test("tellingFailures() tells once that alerts are not written, and throws each time", () => {
  const gone = new OutputClosed();
  const told: string[] = [];
  let fails = true;
  const write = tellingFailures(() => {
    if (fails) throw gone;
  }, (message) => told.push(message));
  const fail = () => assertThrows(() => write("one"), OutputClosed);
  fail();
  fail();
  assertEquals(told, [
    "alerts are not written to standard output: whoever read the output has gone",
  ]);
  fails = false;
  write("one");
  fails = true;
  fail();
  assertEquals(told.length, 2);
});
