import { assertEquals } from "@std/assert";
import { inTurns } from "../../engine/turns.ts";

Deno.test("inTurns() lets others have a turn, however long the work is", async () => {
  let waited = false;
  setTimeout(() => waited = true, 1);
  const until = performance.now() + 60_000;
  function* work() {
    while (!waited && performance.now() < until) yield;
    return waited;
  }
  assertEquals(await inTurns(work()), true);
});

Deno.test("inTurns() does all steps, and says what they come to or throw", async () => {
  const done: number[] = [];
  function* work(last: number) {
    for (let step = 0; step < last; step++) {
      done.push(step);
      yield;
    }
    if (last > 3) throw new RangeError("too many");
    return done.length;
  }
  assertEquals(await inTurns(work(3)), 3);
  assertEquals(await inTurns(work(4)).catch((error: Error) => error.message), "too many");
});
