import { setImmediate } from "node:timers";

/** For so long, ms, work goes on before others have a turn. */
const TURN = 20;

/**
 * Does work that comes in steps, and lets everything else in this process have a turn every few ms: an agent that works on
 * a long history still answers, schedules and delivers meanwhile.
 *
 * @returns what the work comes to
 */
export async function inTurns<R>(work: Generator<unknown, R>): Promise<R> {
  let begun = performance.now();
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    if (performance.now() - begun < TURN) continue;
    await new Promise<void>((resolve) => void setImmediate(resolve));
    begun = performance.now();
  }
}
