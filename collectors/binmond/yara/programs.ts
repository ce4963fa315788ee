import type { CollectorDeclaration } from "../../core/collector.ts";
import { binmond } from "../mod.ts";

/** Where the system has YARA; the first that is there is run. */
export const YARA_PROGRAMS: readonly string[] = ["/usr/bin/yara", "/usr/local/bin/yara"];

/** The collector where the operator chooses the system's YARA for files: it may run that, besides. */
export const binmondWithYara: CollectorDeclaration = {
  ...binmond,
  permissions: { ...binmond.permissions, runIfPresent: YARA_PROGRAMS },
  modules: { linux: new URL("../linux_system_yara.ts", import.meta.url) },
};
