import { defineCollector } from "../../core/collector.ts";
import { runCollector } from "../../core/runtime.ts";
import { changemond } from "./mod.ts";
import { watch } from "./watch.ts";

if (import.meta.main) {
  // The runtime of the agent asks a table of events for nothing else.
  await runCollector(
    defineCollector({
      ...changemond,
      collect: () => [],
      watch: (_, context) => watch(context),
    }),
  );
}
