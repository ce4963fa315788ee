import { assertEquals, assertStringIncludes } from "@std/assert";
import { SHIPPED_PAGE, shippedDetections, shippedPage } from "../../docs/shipped.ts";

Deno.test("docs/detections/README.md has a row and a section for each shipped detection; `deno task docs` writes the rows", async () => {
  const page = await Deno.readTextFile(SHIPPED_PAGE);
  const detections = await shippedDetections();
  // The formatter aligns the columns.
  const flat = (text: string) => text.replace(/-+/g, "-").replace(/ +/g, " ");
  assertEquals(flat(page), flat(shippedPage(page, detections)));
  for (const { detection } of detections) {
    assertStringIncludes(page, `\n### ${detection.meta.title}\n`);
  }
});
