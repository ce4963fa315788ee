import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { PLATFORMS_PAGE, platformsPage } from "../../docs/platforms.ts";
import { COLLECTORS } from "../../collectors/mod.ts";
import { CATALOGUE } from "../../profiles/mod.ts";

Deno.test("docs/platforms.md is what collectors declare; `deno task docs` makes it so", async () => {
  assertEquals(await Deno.readTextFile(PLATFORMS_PAGE), platformsPage());
});

Deno.test("platformsPage() names every collector, and every table once", () => {
  const page = platformsPage();
  for (const { collector } of COLLECTORS) assertStringIncludes(page, `- ${collector.name}: `);
  for (const name of CATALOGUE.keys()) {
    const inTable = page.includes(`| [${name}](`);
    const isMissing = new RegExp(`No collector of this version supplies [^:]*\`${name}\``).test(
      page,
    );
    assert(inTable !== isMissing, name);
  }
  assertStringIncludes(page, "| [process_events](tables/process_events.md) | procmond | – | – |");
  assertStringIncludes(page, "macOS and Windows were never run");
});
