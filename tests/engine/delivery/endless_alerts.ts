/**
 * Commits alerts without end and delivers them, until it is killed. Arguments: the store, the sinks as JSON, and `drain`
 * to deliver what waits and end instead. Writes the number of each alert once it is committed.
 *
 * @module
 */
import { open, openAt } from "./support.ts";
import { alertOf } from "../../sinks/support.ts";

const [path, sinks, mode] = Deno.args;
using store = await openAt(path!);
await using delivery = await open(store, JSON.parse(sinks!));
if (mode === "drain") {
  // As long as it takes: 100 kills leave thousands of alerts. But each time fewer have to wait.
  for (let before = Infinity; !await delivery.drain(30_000);) {
    const waits = (await store.backlog()).reduce((sum, { waiting }) => sum + waiting, 0);
    if (waits >= before) throw new Error(`${waits} alerts still wait, and none is delivered`);
    before = waits;
  }
} else {
  let number = 0;
  for await (const { alert_data } of store.alerts({ reverse: true, limit: 1 })) {
    number = Number(alert_data.number);
  }
  // What was committed but not said to be is found, too.
  for (;;) {
    const numbers = Array.from({ length: 1 + number % 3 }, () => ++number);
    await delivery.store.commitHits({
      alerts: numbers.map((number) => ({
        alert: alertOf({
          alert_time: Date.UTC(2026, 0, 1) + number,
          dedupe_key: String(number),
          alert_data: { number },
        }),
        until: 0,
      })),
      counts: [],
    });
    console.log(numbers.join("\n"));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
