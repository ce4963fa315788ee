/** Watches over an agent's health in the folder `Deno.args[0]`, and prints that it does, then the titles of alerts. */
import { ENOUGH_MEMORY } from "../../../engine/memory_pressure.ts";
import { watched } from "./watched.ts";

let looks = 0;
await using agent = await watched(Deno.args[0]!, {
  memory: {
    now() {
      // The second look compares with the first.
      if (++looks === 2) console.log("watching");
      return ENOUGH_MEMORY;
    },
  },
});
for (let told = 0;; await new Promise((resolve) => setTimeout(resolve, 20))) {
  for (; told < agent.alerts.length; told++) console.log(agent.alerts[told]!.title);
}
