import { assertEquals } from "@std/assert";
import { createEpisodes } from "../../../engine/health/episodes.ts";
import type { OperationalProblem } from "../../../engine/operational.ts";

const problem = (title: string): OperationalProblem => ({
  key: ["x"],
  title,
  description: "",
  severity: "high",
  data: {},
});

/** What is told at each look, a second apart, where it goes on with some size, or, for 0, does not. */
function told(sizes: readonly number[]): string[] {
  const episodes = createEpisodes();
  return sizes.map((size, second) =>
    episodes.look([{
      id: "x",
      size,
      ...(size > 0 && { problem: problem("begun") }),
      over: ({ lasted, most }) => problem(`over after ${lasted}, at most ${most}`),
    }], second * 1_000).map(({ title }) => title).join()
  );
}

Deno.test("createEpisodes() tells once that something begins, and once that it is over", () => {
  const all = told([0, 3, 9, 4, 0, 0, 0, 0, 0, 0, 0]);
  assertEquals([all[1], all[9]], ["begun", "over after 3000, at most 9"]);
  assertEquals(all.filter((one) => one !== "").length, 2);
});

Deno.test("createEpisodes() takes what flickers for one", () => {
  const all = told([1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1]);
  assertEquals(all.filter((one) => one !== ""), [
    "begun",
    "over after 7000, at most 1",
    "begun",
  ]);
});

Deno.test("createEpisodes() tells each time with a key of its own, so that nothing stands for another", () => {
  const episodes = createEpisodes();
  const look = (holds: boolean, now: number) =>
    episodes.look([{
      id: "x",
      size: 0,
      ...(holds && { problem: problem("begun") }),
      over: () => problem("over"),
    }], now);
  const keys = [look(true, 0), ...[1, 2, 3, 4, 5, 6].map((at) => look(false, at)), look(true, 7)]
    .flat().map(({ key }) => key.join());
  assertEquals(new Set(keys).size, 3);
});
