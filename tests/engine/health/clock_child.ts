/** Watches over an agent's health in the folder `Deno.args[0]`, and prints the titles of alerts. */
import { watched } from "./watched.ts";

await using agent = await watched(Deno.args[0]!);
for (let told = 0;; await new Promise((resolve) => setTimeout(resolve, 20))) {
  for (; told < agent.alerts.length; told++) console.log(agent.alerts[told]!.title);
}
