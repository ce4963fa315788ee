import { assertEquals } from "@std/assert";
import { SEED } from "../../seed.ts";
import { Chance } from "../support/random.ts";
import { answerTo } from "./check.ts";
import { readCorpus } from "./corpus.ts";
import { makeInput } from "./inputs.ts";
import { seedOf } from "./seed.ts";

/** ms; `deno task fuzz` goes on for longer. */
const BUDGET = 2_000;

Deno.test("whatever it is given, the compiler answers within a second", () => {
  const corpus = readCorpus();
  const end = performance.now() + BUDGET;
  let index = 0;
  for (; performance.now() < end; index++) {
    const input = makeInput(new Chance(seedOf(SEED, index)), corpus);
    const { fault } = answerTo(input);
    const again = `deno task fuzz --seed ${SEED} --from ${index} --count 1`;
    assertEquals(fault, undefined, `${again}\n${input.kind}: ${input.text.slice(0, 2_000)}`);
  }
  assertEquals(index > 50, true, "inputs were tried");
});

Deno.test("makeInput() gives the same again for the same seed", () => {
  const corpus = readCorpus();
  const make = () =>
    Array.from({ length: 50 }, (_, index) => makeInput(new Chance(seedOf(1, index)), corpus));
  assertEquals(make(), make());
});
