// Collects as an ordinary user and prints what matters; user_test.ts starts it.
import { processes } from "../../profiles/processes.ts";
import { collectedColumns } from "../../schema/columns.ts";
import { collectProcesses } from "./support.ts";

const { rows, outcome, reports } = await collectProcesses({
  project: collectedColumns(processes, "linux").map(({ name }) => name),
});
console.log(JSON.stringify({ rows, outcome, reports }));
