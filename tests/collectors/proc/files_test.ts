import { assertEquals } from "@std/assert";
import { decode, Failure, MAX_FILE, openProcFiles } from "../../../collectors/proc/files.ts";
import { isLinux, isRoot, testWith } from "../support.ts";

const needs = { Linux: isLinux };

testWith(
  needs,
  "openProcFiles() reads files of any size up to the limit, and tells larger ones",
  async () => {
    const root = await Deno.makeTempDir();
    const files = openProcFiles(root);
    for (const size of [0, 1, 65_535, 65_536, 65_537, 2_000_000, MAX_FILE - 1]) {
      await Deno.writeFile(`${root}/file`, new Uint8Array(size).fill(7));
      for (const read of [files.read("file"), files.readPieces("file")]) {
        assertEquals(read instanceof Failure ? read : read.length, size);
      }
    }
    await Deno.writeFile(`${root}/file`, new Uint8Array(MAX_FILE + 1));
    assertEquals(files.read("file"), Failure.TOO_BIG);
    await Deno.writeTextFile(`${root}/file`, "short again");
    assertEquals(decode(files.read("file") as Uint8Array), "short again");
    await Deno.remove(root, { recursive: true });
  },
);

testWith(needs, "openProcFiles() tells what is gone from what is denied", async () => {
  const root = await Deno.makeTempDir();
  const files = openProcFiles(root);
  await Deno.symlink("loop", `${root}/loop`);
  assertEquals(files.read("nothing"), Failure.GONE);
  assertEquals(files.link("nothing"), Failure.GONE);
  assertEquals(files.link("loop"), "loop");
  assertEquals(files.read("loop"), Failure.OTHER);
  if (!isRoot) {
    await Deno.writeTextFile(`${root}/secret`, "x", { mode: 0 });
    assertEquals(files.read("secret"), Failure.DENIED);
  }
  await Deno.remove(root, { recursive: true });
});

testWith(needs, "openProcFiles() reads maps whole, which the kernel hands out in pieces", () => {
  const maps = openProcFiles("/proc").readPieces("self/maps");
  assertEquals(decode(maps as Uint8Array).includes("[stack]"), true);
});
