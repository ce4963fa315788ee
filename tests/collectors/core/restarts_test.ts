import { assert, assertEquals } from "@std/assert";
import {
  createRestarts,
  FIRST_DELAY,
  HOST_CLOCK,
  MAX_FAILURES,
  WINDOW,
} from "../../../collectors/core/restarts.ts";

function at(random = 1) {
  let time = 1_000_000;
  const restarts = createRestarts({ ...HOST_CLOCK, now: () => time, random: () => random });
  return { ...restarts, pass: (ms: number) => time += ms };
}

Deno.test("createRestarts() waits twice as long after each failure", () => {
  const { failed, delay, pass } = at();
  assertEquals(delay(), 0);
  for (const factor of [1, 2, 4, 8]) {
    failed("it died");
    assertEquals(delay(), FIRST_DELAY * factor);
    pass(delay());
    assertEquals(delay(), 0);
  }
});

Deno.test("createRestarts() waits between half and the whole of that, by chance", () => {
  for (const [random, share] of [[0, 0.5], [0.5, 0.75], [1, 1]] as const) {
    const { failed, delay } = at(random);
    failed("it died");
    assertEquals(delay(), FIRST_DELAY * share);
  }
});

Deno.test("createRestarts() gives up after too many failures, until they are long past", () => {
  const { failed, delay, givenUp, pass } = at();
  for (let count = 1; count < MAX_FAILURES; count++) {
    failed("it died");
    pass(60_000);
    assertEquals(givenUp(), undefined);
  }
  failed("it fell silent");
  assertEquals(givenUp(), "it failed 5 times within 10 minutes, at last: it fell silent");
  const rest = delay();
  assert(rest > 60_000 && rest <= WINDOW);
  pass(rest - 1);
  assert(givenUp() !== undefined);
  pass(1);
  assertEquals(givenUp(), undefined);
  assertEquals(delay(), 0);
  failed("it died");
  assert(givenUp() !== undefined, "one failure more is enough while the others are recent");
});

Deno.test("createRestarts() forgets failures that are long past", () => {
  const { failed, delay, givenUp, pass } = at();
  for (let count = 0; count < 3 * MAX_FAILURES; count++) {
    failed("it died");
    pass(WINDOW / 3);
    assertEquals([delay(), givenUp()], [0, undefined]);
  }
});

Deno.test("HOST_CLOCK.sleep() ends when it is aborted", async () => {
  const aborter = new AbortController();
  const sleeping = HOST_CLOCK.sleep(60_000, aborter.signal);
  aborter.abort();
  await sleeping;
  await HOST_CLOCK.sleep(60_000, aborter.signal);
});
