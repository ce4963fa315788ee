import { assertEquals, assertRejects } from "@std/assert";
import { within } from "../../std/within.ts";

/** What leaves a timer behind is found by the test runner. */
const never = new Promise<never>(() => {});

Deno.test("within() waits for a promise, for a time and until it is told to stop", async () => {
  const { signal } = new AbortController();
  assertEquals(await within(Promise.resolve(1), 60_000, signal), 1);
  assertEquals(await within(Promise.resolve(1), Infinity), 1);
  assertEquals(await within(never, 10), undefined);
  assertEquals(await within(never, -1, signal), undefined);
  assertEquals(await within(never, Infinity, AbortSignal.abort()), undefined);
  assertEquals(await within(never, 60_000, AbortSignal.timeout(10)), undefined);
  await assertRejects(() => within(Promise.reject(new TypeError("no")), 60_000), TypeError, "no");
});

Deno.test("within() leaves alone what fails after it has given up", async () => {
  const { promise, reject } = Promise.withResolvers<never>();
  assertEquals(await within(promise, 5), undefined);
  // Unhandled, it would end the tests.
  reject(new Error("late"));
  await new Promise((resolve) => setTimeout(resolve, 5));
});
