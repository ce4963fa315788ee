import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { StoreError } from "../../store/mod.ts";
import { runCli } from "../cli/run_cli.ts";
import { openedOf, openToRead, openToWrite, withPath, writeScan } from "./fixtures.ts";

Deno.test("a store cut off anywhere is refused, with a clear message, and left as it is", () =>
  withPath(async (path) => {
    {
      using store = await openToWrite(path);
      for (let count = 0; count < 3; count++) await writeScan(store, 3000);
      await store.commitHits({ alerts: [openedOf()], counts: [] });
    }
    const whole = await Deno.readFile(path);
    for (let round = 0; round < 100; round++) {
      // Also between pages and within the first one.
      const end = round % 4 === 0
        ? 1 + Math.floor(Math.random() * 5000)
        : round % 4 === 1
        ? 4096 * (1 + Math.floor(Math.random() * (whole.length / 4096 - 1)))
        : 1 + Math.floor(Math.random() * (whole.length - 1));
      const part = whole.slice(0, end);
      await Deno.writeFile(path, part);
      const open = round % 2 ? openToRead : openToWrite;
      const error = await assertRejects(() => open(path), StoreError, path, `cut off at ${end}`);
      assert(["corrupt", "format"].includes(error.kind), `cut off at ${end}: ${error}`);
      const left = await Deno.readFile(path);
      assert(isSame(left, part), `cut off at ${end}: the file has changed`);
    }
    for (const words of [["alerts", "list"], ["alerts", "ack", "x"], ["scan"]]) {
      const { code, stderr } = await runCli([...words, "--state", path]);
      assertEquals(code, 3, stderr);
      assertStringIncludes(stderr, path);
      assertEquals(stderr.includes("internal error"), false);
    }
  }));

function isSame(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, at) => byte === right[at]);
}
