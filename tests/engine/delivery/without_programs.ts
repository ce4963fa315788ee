/**
 * Delivers an alert to the webhook `Deno.args[0]` from a process that at first finds no program to start; prints why it
 * could not. A process of its own: its environment is nobody else's.
 *
 * @module
 */
import { until } from "../../sinks/syslog/rsyslog.ts";
import { commit, open, openMemory } from "./support.ts";

using store = await openMemory();
await using delivery = await open(store, [{ type: "webhook", url: Deno.args[0]! }]);
const path = Deno.env.get("PATH")!;
Deno.env.set("PATH", "/nowhere");
await commit(delivery.store, ["a"]);
await until(async () => (await delivery.status())[0]!.last_error !== undefined);
console.log((await delivery.status())[0]!.last_error);
Deno.env.set("PATH", path);
if (!await delivery.drain(60_000)) throw new Error("the alert is not delivered");
