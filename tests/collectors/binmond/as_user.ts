// Reads files as an ordinary user and prints the rows; binmond_live_test.ts starts it.
import { analyse } from "../../../collectors/binmond/binary_analysis.ts";
import { listSymbols } from "../../../collectors/binmond/imports_exports.ts";
import { openTargets } from "../../../collectors/binmond/targets.ts";

const [path, pid] = Deno.args as [string, string];
const context = { procRoot: "/proc", filesRoot: "/", deadline: performance.now() + 60_000 };
const project = ["file_format", "sha256_hash"];
const byPath = { column: "file_path", values: [path, "/bin/sh"] };
const byPid = { column: "pid", values: [Number(pid), Deno.pid] };
console.log(JSON.stringify({
  own: Deno.pid,
  files: Array.from(openTargets(byPath, context), (target) => analyse(target, project)),
  processes: Array.from(openTargets(byPid, context), (target) => analyse(target, project)),
  symbols: Array.from(openTargets(byPid, context), (target) => [...listSymbols(target)][0]),
}));
