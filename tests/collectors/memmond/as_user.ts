// Looks at a process of another user as an ordinary user and prints the rows; memmond_live_test.ts starts it.
import { listRegions } from "../../../collectors/memmond/memory_regions.ts";
import { openMemory } from "../../../collectors/memmond/pages.ts";
import { openTargets } from "../../../collectors/memmond/targets.ts";

const keys = { column: "pid", values: [Number(Deno.args[0])] };
const [target] = openTargets(keys, { procRoot: "/proc", deadline: Infinity });
const memory = openMemory(target!);
const regions = [...listRegions(target!, [])];
console.log(JSON.stringify({ memory: "reason" in memory ? memory.reason : "open", regions }));
