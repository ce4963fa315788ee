/**
 * Asks one sandbox for cheap queries, then for one beside an endless one, which ends the first process, and then for an
 * urgent one. Says how many query processes more this process has after each, and what came of the queries. A process of its
 * own: nobody else's are counted.
 *
 * @module
 */
import { openSandbox } from "../../../engine/sandbox/sandbox.ts";
import { imageOf } from "./images.ts";
import { ownQueryProcesses } from "./processes.ts";

await using sandbox = await openSandbox({ policy: "preferred", size: 2 });
const image = sandbox.load(
  imageOf("CREATE TABLE processes (pid INTEGER); INSERT INTO processes VALUES (1), (2), (3)"),
);
const run = (sql: string, timeout: number, urgent?: true) =>
  sandbox.run({ image, sql, parameters: {}, timeout, ...urgent && { urgent } });
const count = (urgent?: true) => run("SELECT count(*) FROM processes", 60_000, urgent);
const before = new Set(ownQueryProcesses(Deno.pid));
const more = () => ownQueryProcesses(Deno.pid).filter((pid) => !before.has(pid)).length;
const cheap = await Promise.all([count(), count(), count()]);
const first = more();
const endless =
  "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT max(n) FROM c";
const bomb = run(endless, 5_000);
const beside = await count();
const second = more();
const bombed = await bomb;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
while (ownQueryProcesses(Deno.pid).some((pid) => before.has(pid))) await pause(50);
await pause(500);
const urgent = await count(true);
const third = more();
const outcomes = [...cheap, beside, urgent, bombed];
console.log(JSON.stringify({
  first,
  second,
  third,
  outcomes: outcomes.map((one) => one.status === "done" ? one.rows : one.kind),
}));
