import { assertEquals } from "@std/assert";
import { rememberShown } from "../../../collectors/core/shown.ts";

Deno.test("rememberShown() tells a file that was replaced from one that was written", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/passwd`;
  await Deno.writeTextFile(path, "old");
  const isOutdated = rememberShown([folder, path, `${folder}/group`]);
  assertEquals(isOutdated(), false);
  await Deno.writeTextFile(path, "written");
  assertEquals(isOutdated(), false, "it is the same file");
  await Deno.writeTextFile(`${path}-`, "new");
  await Deno.rename(`${path}-`, path);
  assertEquals(isOutdated(), true);

  const isMissing = rememberShown([`${folder}/group`]);
  assertEquals(isMissing(), false);
  await Deno.writeTextFile(`${folder}/group`, "");
  assertEquals(isMissing(), true, "where there was none there is one");
  await Deno.remove(folder, { recursive: true });
});
