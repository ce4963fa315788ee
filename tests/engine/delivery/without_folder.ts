/**
 * Delivers an alert to the file `Deno.args[0]`, beside a syslog sink at a unix socket that finds no folder for a socket of
 * its own; prints how both fare. A process of its own: its environment is nobody else's.
 *
 * @module
 */
import { until } from "../../sinks/syslog/rsyslog.ts";
import { commit, open, openMemory } from "./support.ts";

using store = await openMemory();
await using delivery = await open(store, [
  { type: "syslog", address: "unix:/run/nobody.sock" },
  { type: "file", path: Deno.args[0]! },
]);
await commit(delivery.store, ["a"]);
await until(async () => (await delivery.status()).every((one) => one.last_error || one.delivered));
console.log(JSON.stringify(await delivery.check()));
