/**
 * Ends the query process in the midst of a query by the signal that is given, as the kernel does where memory is scarce or
 * where a process breaks, under the confinement that is given, and prints what became of that query and of the next. A process of its own: it kills nobody else's.
 *
 * @module
 */
import type { ConfinementPolicy } from "../../../model/collection.ts";
import { openSandbox } from "../../../engine/sandbox/sandbox.ts";
import { imageOf } from "./images.ts";
import { ownQueryProcesses } from "./processes.ts";

const [signal, policy] = Deno.args as [Deno.Signal, ConfinementPolicy];
await using sandbox = await openSandbox({ policy, size: 1 });
const image = sandbox.load(imageOf("CREATE TABLE one (a); INSERT INTO one VALUES (1)"));
const run = (sql: string) => sandbox.run({ image, sql, parameters: {}, timeout: 60_000 });
await run("SELECT a FROM one");
const endless = run(
  "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT max(n) FROM c",
);
// The last is the process itself; those before confine it.
Deno.kill(Math.max(...ownQueryProcesses(Deno.pid)), signal);
console.log(JSON.stringify([await endless, (await run("SELECT a FROM one")).status]));
