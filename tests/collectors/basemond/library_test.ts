import { assertEquals, assertRejects } from "@std/assert";
import { ask, type CALLS, Unanswered } from "../../../collectors/basemond/library.ts";

/** A library whose calls do this. */
const calling = (processes: () => Promise<unknown>): typeof CALLS => ({
  processes,
  networkConnections: processes,
  networkInterfaces: processes,
  networkStats: processes,
});

Deno.test("ask() gives what the library answers", async () => {
  const calls = calling(() => Promise.resolve([1]));
  assertEquals(await ask("processes", performance.now() + 10_000, calls), [1]);
});

Deno.test("ask() does not wait for ever", async () => {
  const calls = calling(() => new Promise(() => {}));
  await assertRejects(
    () => ask("processes", performance.now() + 50, calls),
    Unanswered,
    "processes() of systeminformation did not answer within",
  );
});

Deno.test("ask() hears of what the library fails with, also where it throws it at nobody", async () => {
  const failing = calling(() => Promise.reject(new Error("no ps")));
  await assertRejects(
    () => ask("processes", performance.now() + 10_000, failing),
    Error,
    "processes() of systeminformation failed: no ps",
  );
  const throwing = calling(() =>
    new Promise(() => {
      queueMicrotask(() => {
        throw new Error("from nowhere");
      });
    })
  );
  await assertRejects(
    () => ask("networkStats", performance.now() + 10_000, throwing),
    Error,
    "networkStats() of systeminformation failed: from nowhere",
  );
});
