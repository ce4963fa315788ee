// Starts children of each kind and waits to be killed; launch_test.ts does that.
import { launch } from "../../../collectors/core/launch.ts";

for (const reads of [{ proc: "look" }, { proc: "follow" }, {}] as const) {
  const { process } = await launch({
    name: "child",
    module: new URL("echo.ts", import.meta.url),
    args: ["wait"],
    sources: ["tests/collectors/core"],
    policy: "preferred",
    reads,
  });
  // Nobody may take the end of the input for the reason to end.
  void process;
}
await new Promise((resolve) => setTimeout(resolve, 500));
console.log("ready");
await new Promise((resolve) => setTimeout(resolve, 60_000));
