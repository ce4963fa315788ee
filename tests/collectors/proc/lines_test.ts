import { assertEquals } from "@std/assert";
import { Failure, openProcFiles } from "../../../collectors/proc/files.ts";
import { readLinesOf } from "../../../collectors/proc/lines.ts";
import { isLinux, testWith } from "../support.ts";

const needs = { Linux: isLinux };

testWith(needs, "readLinesOf() hands out whole lines of files of any length", async () => {
  const root = await Deno.makeTempDir();
  const files = openProcFiles(root);
  for (const count of [0, 1, 3, 1000, 100_000]) {
    const lines = Array.from({ length: count }, (_, index) => `ü${index}`.repeat(index % 50));
    await Deno.writeTextFile(`${root}/file`, lines.map((line) => `${line}\n`).join("") + "cut");
    const read: string[] = [];
    assertEquals(readLinesOf(files, "file", (line) => read.push(line)), undefined);
    assertEquals(read, lines);
  }
  await Deno.writeTextFile(`${root}/file`, `${"x".repeat(65_535)}\ny\n${"z".repeat(65_536)}\n`);
  const lengths: number[] = [];
  assertEquals(readLinesOf(files, "file", ({ length }) => lengths.push(length)), Failure.OTHER);
  assertEquals(lengths, [65_535, 1]);
  assertEquals(readLinesOf(files, "nothing", () => {}), Failure.GONE);
  await Deno.remove(root, { recursive: true });
});
