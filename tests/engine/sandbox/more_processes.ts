/**
 * Asks one sandbox for cheap queries, then for one beside an endless one, and says how many query processes more this
 * process has after each, and what came of the queries. A process of its own: nobody else's are counted.
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
const run = (sql: string, timeout: number) => sandbox.run({ image, sql, parameters: {}, timeout });
const count = () => run("SELECT count(*) FROM processes", 60_000);
const before = new Set(ownQueryProcesses(Deno.pid));
const more = () => ownQueryProcesses(Deno.pid).filter((pid) => !before.has(pid)).length;
const cheap = await Promise.all([count(), count(), count()]);
const first = more();
const endless =
  "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT max(n) FROM c";
const bomb = run(endless, 5_000);
const beside = await count();
const second = more();
const outcomes = [...cheap, beside, await bomb];
console.log(JSON.stringify({
  first,
  second,
  outcomes: outcomes.map((one) => one.status === "done" ? one.rows : one.kind),
}));
