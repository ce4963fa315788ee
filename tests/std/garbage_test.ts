import { assert, assertEquals } from "@std/assert";

const MODULE = new URL("../../std/garbage.ts", import.meta.url).href;

/** Runs a program that makes garbage, waits, and says how many MB its heap has then. */
async function heapAfter(v8Flags: string, stir: string): Promise<number> {
  const program = `
import { tidyAtRest } from ${JSON.stringify(MODULE)};
const stir = tidyAtRest();
let texts = Array.from({ length: 200_000 }, (_, at) => "a text of some length " + at);
console.error(texts.length);
texts = [];
${stir}
await new Promise((resolve) => setTimeout(resolve, 4_000));
console.log(Deno.memoryUsage().heapTotal / 2 ** 20);
Deno.exit(0);`;
  const { stdout, success } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      `--v8-flags=${v8Flags}`,
      `data:text/javascript,${encodeURIComponent(program)}`,
    ],
    stderr: "null",
  }).output();
  assertEquals(success, true);
  return Number(new TextDecoder().decode(stdout));
}

Deno.test("tidyAtRest() gives back what a busy moment took", async () => {
  const [tidied, unstirred, unexposed] = await Promise.all([
    heapAfter("--expose-gc", "stir();"),
    heapAfter("--expose-gc", ""),
    heapAfter("--max-lazy", "stir();"),
  ]);
  assert(tidied < 0.7 * unstirred, `${tidied} MB, ${unstirred} MB where nothing happened`);
  assert(unexposed > tidied, "it does nothing where V8 has no such function");
});
