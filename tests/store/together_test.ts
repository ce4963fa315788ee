import { assertEquals, assertRejects } from "@std/assert";
import type { Mutation } from "../../store/database.ts";
import { committingTogether } from "../../store/together.ts";

const group = (key: string): readonly Mutation[] => [{ key: [key], value: null }];
const keysOf = (groups: readonly (readonly Mutation[])[]) =>
  groups.map(([first]) => String(first!.key[0])).join("");

Deno.test("committingTogether() commits at once what came while a commit was under way", async () => {
  const commits: string[] = [];
  const go = Promise.withResolvers<void>();
  const commit = committingTogether(async (groups) => {
    commits.push(keysOf(groups));
    await go.promise;
  }, (groups) => groups.length <= 3);
  const all = ["a", "b", "c", "d", "e"].map((key) => commit([group(key)]));
  const whole = commit([group("f"), group("g"), group("h"), group("i")]);
  go.resolve();
  await Promise.all([...all, whole]);
  assertEquals(commits, ["a", "bcd", "e", "fghi"]);
  await commit([group("j")]);
  assertEquals(commits.at(-1), "j");
});

Deno.test("committingTogether() fails those only whose own changes fail", async () => {
  const durable: string[] = [];
  const commit = committingTogether((groups) => {
    if (keysOf(groups).includes("x")) return Promise.reject(new Error("no room"));
    durable.push(keysOf(groups));
    return Promise.resolve();
  }, () => true);
  const [a, x, b] = ["a", "x", "b"].map((key) => commit([group(key)]));
  const refused = assertRejects(() => x!, Error, "no room");
  await Promise.all([a, b, refused]);
  assertEquals(durable, ["a", "b"]);
  await assertRejects(() => commit([group("x")]), Error, "no room");
  await commit([group("c")]);
});
