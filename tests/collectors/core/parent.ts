// Starts children of each kind and waits to be killed; launch_test.ts and tracing_test.ts do that.
import type { CollectorPermissions } from "../../../collectors/core/collector.ts";
import { launch } from "../../../collectors/core/launch.ts";

const kinds: readonly CollectorPermissions[] = Deno.args[0] === "trace"
  ? [{ trace: ["sched/sched_process_exec"] }]
  : [{ proc: "look" }, { proc: "follow" }, {}];
for (const permissions of kinds) {
  const { process } = await launch({
    name: "child",
    module: new URL("echo.ts", import.meta.url),
    args: ["wait"],
    sources: ["tests/collectors/core"],
    policy: "preferred",
    permissions,
  });
  // Nobody may take the end of the input for the reason to end.
  void process;
}
await new Promise((resolve) => setTimeout(resolve, 500));
console.log("ready");
await new Promise((resolve) => setTimeout(resolve, 60_000));
