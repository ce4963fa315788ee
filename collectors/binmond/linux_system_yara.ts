import { defineCollector } from "../core/collector.ts";
import { runCollector } from "../core/runtime.ts";
import { collect } from "./linux.ts";
import { chooseSystem } from "./yara/engine.ts";
import { binmondWithYara } from "./yara/programs.ts";

/** The collector of programs with the system's YARA: it is chosen by which module is started. */
if (import.meta.main) {
  chooseSystem();
  await runCollector(defineCollector({ ...binmondWithYara, collect }));
}
