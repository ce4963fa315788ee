// Collects as an ordinary user and prints what matters; user_test.ts starts it.
import { collectProcesses } from "./support.ts";

const { rows, outcome, reports } = await collectProcesses({
  project: [
    "pid",
    "ppid",
    "name",
    "user_id",
    "user_name",
    "environment_variables",
    "executable_path",
    "executable_hash",
  ],
});
console.log(JSON.stringify({ rows, outcome, reports }));
