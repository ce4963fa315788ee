import { assert, assertEquals } from "@std/assert";
import { backoff, createBreaker } from "../../../engine/delivery/breaker.ts";

Deno.test("backoff() is between 100 ms and a bound that doubles up to a minute", () => {
  assertEquals([1, 2, 3].map((failures) => backoff(failures, 1)), [200, 400, 800]);
  for (const failures of [1, 5, 50, 5_000]) assertEquals(backoff(failures, 0), 100);
  assertEquals(backoff(5_000, 1), 60_000);
});

Deno.test("createBreaker() opens after five failures, tries once, and closes with the first success", () => {
  let now = 0;
  const breaker = createBreaker({
    now: () => now,
    random: () => 1,
    sleep: () => Promise.resolve(),
  });
  for (let failure = 1; failure <= 4; failure++) {
    breaker.failed();
    assertEquals(breaker.state(), "closed");
    assert(breaker.wait() > 0);
    now += breaker.wait();
  }
  breaker.failed();
  assertEquals([breaker.state(), breaker.wait()], ["open", 3_200]);
  now += 3_200;
  assertEquals(breaker.wait(), 0);
  breaker.trying();
  assertEquals(breaker.state(), "half_open");
  breaker.failed(90_000);
  assertEquals([breaker.state(), breaker.wait()], ["open", 90_000]);
  now += 90_000;
  breaker.trying();
  breaker.succeeded();
  assertEquals([breaker.state(), breaker.wait(), breaker.failures()], ["closed", 0, 0]);
});
