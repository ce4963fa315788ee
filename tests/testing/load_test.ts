import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import type { Detection } from "../../model/detection.ts";
import { fixtureFolder, type FixtureRoots } from "../../testing/load.ts";

Deno.test("fixtureFolder() finds the nearest fixtures of each folder, whether or not it is known", async () => {
  const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "daemoneye-load-" }));
  try {
    for (const folder of ["fixtures/one", "fixtures/two", "detections/a/b/fixtures/three"]) {
      await Deno.mkdir(join(root, folder), { recursive: true });
    }
    const files = ["a/one", "a/two", "a/three", "a/b/three", "a/b/one"];
    const expected = ["fixtures/one", "fixtures/two", undefined, "detections/a/b/fixtures/three"]
      .map((folder) => folder && join(root, folder));
    const roots: FixtureRoots = new Map();
    for (const known of [roots, roots, undefined]) {
      const found = files.map((file) => {
        const name = file.split("/").at(-1)!;
        const path = join(root, "detections", `${file}.sql`);
        return fixtureFolder({ name, file: path } as Detection, known);
      });
      assertEquals(await Promise.all(found), [...expected, undefined]);
    }
    assertEquals(roots.size, 2);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
