import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { stalePages, tablePages, TABLES_DIRECTORY, writePages } from "../../docs/generate.ts";
import { PROFILES, VIEWS } from "../../profiles/mod.ts";
import { TABLE } from "../schema/table.ts";

Deno.test("docs/tables is what the profiles say; `deno task docs` makes it so", async () => {
  assertEquals(await stalePages(TABLES_DIRECTORY, tablePages([...PROFILES, ...VIEWS])), []);
});

Deno.test("writePages() makes a directory hold the pages and no others", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const pages = tablePages([TABLE]);
    assertEquals([...pages.keys()], ["README.md", "things.md"]);
    assertEquals(await stalePages(join(directory, "none"), pages), [
      "README.md is missing",
      "things.md is missing",
    ]);
    await Deno.writeTextFile(join(directory, "gone.md"), "# gone\n");
    await Deno.writeTextFile(join(directory, "things.md"), "# old\n");
    assertEquals(await stalePages(directory, pages), [
      "README.md is missing",
      "things.md is stale",
      "gone.md is of no table",
    ]);
    await writePages(directory, pages);
    assertEquals(await stalePages(directory, pages), []);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("the index lists each table with the rows that it has", () => {
  const index = tablePages([TABLE]).get("README.md")!;
  assertEquals(
    index.split("\n").slice(-5, -1),
    [
      "",
      "| Table | Rows | Description |",
      "| --- | --- | --- |",
      "| [things](things.md) | by `pid` | Things, one row each. |",
    ],
  );
});
