import { assertEquals } from "@std/assert";
import { Failure } from "../../../collectors/proc/files.ts";
import { createExecutables, type Program } from "../../../collectors/procmond/program.ts";

Deno.test("again() believes only what was read in one scan, under one name, and is still so", () => {
  const file = { path: "/bin/sh", deleted: false };
  const deleted = { path: "/bin/sh", deleted: true };
  let reads = 0;
  const reading = (now: Program["executable"]) => () => (reads++, now);
  const executables = createExecutables();
  const again = (seen: number, last: Program["executable"], now: Program["executable"]) => {
    const before = reads;
    return [executables.again({ executable: last, seen }, reading(now)), reads > before];
  };
  assertEquals(again(1, file, deleted), [deleted, true]);
  assertEquals(again(1, file, Failure.GONE), [Failure.GONE, true]);
  assertEquals(again(1, file, { ...file }), [file, true]);
  assertEquals(again(1, file, deleted), [file, false]);
  assertEquals(again(2, file, deleted), [deleted, true]);
  assertEquals(again(1, { ...file, path: "/bin/ls" }, file), [file, true]);
  for (const last of [deleted, Failure.DENIED, null, undefined]) {
    assertEquals(again(1, last ?? null, file), [file, true]);
    assertEquals(again(1, last ?? null, deleted), [deleted, true]);
  }
});
