import { assertEquals, assertStringIncludes } from "@std/assert";
import { ALL_SETTINGS, readSettings } from "../../config/mod.ts";
import { CONFIGURATION_PAGE, configurationPage } from "../../docs/configuration.ts";

const page = await Deno.readTextFile(CONFIGURATION_PAGE);

Deno.test("docs/configuration.md is what the schema says", () => {
  assertEquals(page.split("\n"), configurationPage().split("\n"));
});

Deno.test("docs/configuration.md names every setting and its variable, and its example is right", () => {
  for (const { path, variable } of ALL_SETTINGS) {
    assertStringIncludes(page, `| \`${path.join(".")}\` |`);
    assertStringIncludes(page, `- \`${variable}\``);
  }
  const [, example] = /```yaml\n([\s\S]*?)```/.exec(page)!;
  assertEquals(readSettings(example!, "example").diagnostics, []);
});
