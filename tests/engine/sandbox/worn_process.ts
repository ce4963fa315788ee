/**
 * Asks two images in turns, so often that the query process is exchanged, and prints how many answers were not as they
 * should be, whether the process is another one afterwards, and how many pipes more are open than before. A process of
 * its own: it counts nobody else's.
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
const pipes = () =>
  [...Deno.readDirSync("/proc/self/fd")].filter(({ name }) => {
    try {
      return Deno.readLinkSync(`/proc/self/fd/${name}`).startsWith("pipe:");
    } catch {
      return false;
    }
  }).length;
const before = { process: process(), pipes: pipes() };
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
console.log(JSON.stringify({
  wrong,
  exchanged: process() !== before.process,
  left: pipes() - before.pipes,
}));
