import { assertEquals } from "@std/assert";
import { compileText } from "../../../compiler/mod.ts";
import type { GrantOptions } from "../../../compiler/permissions/grants.ts";
import { hasErrors } from "../../../diagnostics/diagnostic.ts";
import type { CompiledDetection } from "../../../model/compiled.ts";
import { CATALOGUE } from "../../../profiles/mod.ts";
import { complete } from "../hygiene/support.ts";

/** Grants as if there were two collectors, each with a permission of its own. */
export const OPTIONS: GrantOptions = {
  catalogue: CATALOGUE,
  permissionsOf: (collector, platform) =>
    platform === "linux" && ["procmond", "filemond"].includes(collector)
      ? [`${collector}: read /${collector}`]
      : [],
};

/** Compiles SQL, or lines of front-matter, `---` and SQL. */
export function compiled(part: string): CompiledDetection {
  const { compiled, diagnostics } = compileText(complete(part).text, "rule.sql", CATALOGUE);
  assertEquals(hasErrors(diagnostics), false, JSON.stringify(diagnostics, null, 1));
  return compiled!;
}
