// A collector that behaves well, and watches as its URL says; sample_test.ts and others start it.
import {
  type CollectorContext,
  defineCollector,
  type Reading,
  type WatchContext,
} from "../../../collectors/core/collector.ts";
import type { TaskMessage } from "../../../collectors/core/messages.ts";
import { runCollector } from "../../../collectors/core/runtime.ts";
import { sample, setTo } from "./sample_declaration.ts";

const { searchParams } = new URL(import.meta.url);
const way = searchParams.get("way");
const shown = searchParams.get("shown");
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
let produced = 0;
let forgotten = 0;

/** Rows 0, 1, 2, …; of every fifth the size is denied. */
function* collect(
  { table, ttl }: TaskMessage,
  { traceRoot }: CollectorContext,
): Iterable<Reading> {
  if (table === "state") {
    yield { row: { name: "produced", size: produced } };
    yield { row: { name: "forgotten", size: forgotten } };
    yield { row: { name: "ttl", size: ttl } };
    yield { row: { name: "traced", size: traceRoot === undefined ? null : 1 } };
    if (shown !== null) yield { row: { name: `shown ${Deno.readTextFileSync(shown)}` } };
    return;
  }
  for (let size = 0; size < 3000; size++) {
    produced++;
    yield {
      row: { name: `row ${size}`, size: size % 5 === 0 ? null : size },
      ...(size % 5 === 0 && { gaps: { size: "denied" } }),
      forget: () => forgotten++,
    };
  }
}

async function* watch(_task: TaskMessage, context: WatchContext): AsyncGenerator<Reading> {
  const { signal, dropped, reconcileEvery } = context;
  const event = (name: string): Reading => ({
    row: { name, size: ++produced },
    forget: () => forgotten++,
  });
  const aborted = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
  switch (way) {
    case "ticks":
      while (!signal.aborted) {
        yield event("tick");
        await pause(5);
      }
      break;
    case "burst":
      while (!signal.aborted) {
        yield event("x".repeat(100));
        if (produced % 100 === 0) await pause(0);
      }
      break;
    case "one":
      yield event(`${reconcileEvery}`);
      await aborted;
      break;
    case "deaf":
      yield event("one");
      await new Promise(() => {});
      break;
    case "drops":
      yield event("before");
      dropped(3, "the buffer was full");
      dropped(2, "the buffer was full");
      yield event("after");
      await aborted;
      break;
    case "dies":
      yield event("last");
      await pause(50);
      Deno.exit(7);
      break;
    case "throws":
      yield event("last");
      throw new Error("no \x1b[2J more");
    case "hangs":
      yield event("last");
      await pause(50);
      for (;;);
    case "ends":
      yield event("last");
  }
}

if (import.meta.main) {
  await runCollector(defineCollector({ ...setTo(sample, way), collect, watch }));
}
