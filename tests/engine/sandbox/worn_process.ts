/**
 * Asks two images in turns, so often that the query process is exchanged, and prints how many answers were not as they
 * should be, and whether one process alone was there before and after. A process of its own: it counts nobody else's.
 *
 * @module
 */
import { openSandbox } from "../../../engine/sandbox/sandbox.ts";
import { imageOf } from "./images.ts";
import { ownQueryProcesses } from "./processes.ts";

await using sandbox = await openSandbox({ policy: "preferred", size: 1 });
const images = [1, 2].map((n) =>
  sandbox.load(imageOf(`CREATE TABLE lists (list); INSERT INTO lists VALUES ('[${n}]')`))
);
// The process itself, without those that confine it.
const process = () => Math.max(...ownQueryProcesses(Deno.pid));
const before = process();
let wrong = 0;
for (let at = 0; at < 1_100; at++) {
  const outcome = await sandbox.run({
    image: images[at % 2]!,
    sql: "SELECT value FROM lists, json_each(list)",
    parameters: {},
    timeout: 60_000,
  });
  if (outcome.status !== "done" || outcome.rows[0]?.[0] !== 1 + at % 2) wrong++;
}
console.log(JSON.stringify({ wrong, exchanged: process() !== before }));
