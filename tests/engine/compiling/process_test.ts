import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { findDetections, loadDetections } from "../../../compiler/files.ts";
import { compileApart } from "../../../engine/compiling/process.ts";
import { CATALOGUE } from "../../../profiles/mod.ts";

const beside = (name: string) => new URL(name, import.meta.url);

Deno.test("compileApart() gives what compiling here gives, faults too", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(
      join(folder, "broken.sql"),
      `---\nid: ${crypto.randomUUID()}\n---\nSELECT nothing\n`,
    );
    await Deno.writeFile(join(folder, "binary.sql"), new Uint8Array([0xff, 0]));
    const paths = ["detections", folder];
    const here = await loadDetections(await findDetections(paths), CATALOGUE);
    const apart = await compileApart(paths);
    assertEquals(here.filter(({ compiled }) => compiled).length > 40, true);
    assertEquals(here.filter(({ diagnostics }) => diagnostics.length > 0).length, 2);
    assertEquals(
      apart.map(({ source: { file, text }, compiled, diagnostics }) => ({
        file,
        text,
        compiled,
        diagnostics,
      })),
      here.map(({ source: { file, text }, compiled, diagnostics }) => ({
        file,
        text,
        compiled,
        diagnostics,
      })),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("compileApart() says why there is nothing", async () => {
  await assertRejects(() => compileApart(["/nowhere/at/all"]), Error, "/nowhere/at/all");
  await assertRejects(() => compileApart(["."], beside("silent.ts")), Error, "no memory is left");
});

Deno.test("what compiles detections can read files and do nothing else", async () => {
  const told = await assertRejects(() => compileApart(["."], beside("hostile.ts")), Error);
  const names = ["write", "run", "connect", "environment", "library", "signal"];
  assertEquals(told.message, names.map((name) => `${name}: NotCapable`).join(", "));
});
