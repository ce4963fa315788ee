/**
 * V8's garbage, collected while nothing happens. V8 collects as memory fills up; a process that works for moments and then
 * waits would keep for ever what its busiest moment took.
 *
 * @module
 */

/** How long nothing is to happen before, ms. */
const QUIET = 2_000;

/** Bytes by which the process has grown since the last time that make it worth the time. */
const GROWTH = 4 << 20;

/** It takes as long as much of the work, and what V8 then compiles again does, too: not more often than that, ms. */
const EVERY = 120_000;

/** Who is never at rest stops in the midst of work for it: not more often than that, ms. */
const RESTLESS = 600_000;

/** What `--expose-gc` gives (https://chromium.googlesource.com/v8/v8/+/main/src/extensions/gc-extension.h). */
interface Collect {
  (options: { readonly type: "major"; readonly flavor: "last-resort" }): void;
}

/**
 * Gives memory back whenever the process has nothing to do.
 *
 * @param onlyAtRest never stops work for it: for a process that others wait for, and that has so much to go through that they
 * would notice; V8 itself sees to what it has too much of
 * @returns to be called whenever something happens; does nothing where V8 was not started with `--expose-gc`
 */
export function tidyAtRest(onlyAtRest = false): () => void {
  const { gc } = globalThis as { readonly gc?: Collect };
  if (!gc) return () => {};
  let stirred = 0;
  let waiting = false;
  let kept = 0;
  let last = -Infinity;
  const began = performance.now();

  const wait = (ms: number) => {
    waiting = true;
    Deno.unrefTimer(setTimeout(rest, ms));
  };
  const rest = () => {
    const now = performance.now();
    const early = EVERY - (now - last);
    if (early > 0) return wait(early);
    const restless = QUIET - (now - stirred);
    const isEarly = onlyAtRest || now - Math.max(last, began) < RESTLESS;
    if (restless > 0 && isEarly) return wait(restless);
    waiting = false;
    if (Deno.memoryUsage().rss - kept < GROWTH) return;
    // Less than that keeps the pages of what was collected.
    gc({ type: "major", flavor: "last-resort" });
    kept = Deno.memoryUsage().rss;
    last = performance.now();
  };
  return () => {
    stirred = performance.now();
    if (!waiting) wait(QUIET);
  };
}
