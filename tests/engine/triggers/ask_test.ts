import { assert, assertEquals } from "@std/assert";
import { askKeys, TRIGGER_BOUNDS, type TriggerBounds } from "../../../engine/triggers/ask.ts";
import type { WantedKey } from "../../../engine/triggers/keys.ts";
import type { CollectionTask, TableOutcome } from "../../../model/collection.ts";
import { collectorsOf, type HostRow } from "./support.ts";

const TABLE = "file_metadata";

const keysOf = (...values: string[]): WantedKey[] =>
  values.map((value) => ({ column: "file_path", value }));

const rowsOf = (...values: string[]): HostRow[] =>
  values.map((file_path) => ({ file_path, file_size: 1 }));

async function ask(
  keys: readonly WantedKey[],
  rows: readonly HostRow[],
  refuse?: (task: CollectionTask) => TableOutcome | undefined,
  bounds: Partial<TriggerBounds> = {},
) {
  const collectors = collectorsOf({ [TABLE]: rows }, refuse);
  let written = 0;
  const asked = await askKeys(
    collectors,
    { table: TABLE, project: ["file_size"], keys },
    { ...TRIGGER_BOUNDS, ...bounds },
    (batch) => Promise.resolve(void (written += batch.rows)),
  );
  return {
    tasks: collectors.tasks.map(({ keys }) => keys?.values?.join("")),
    lacking: asked.filter((key) => key.lacking !== undefined).map(({ value }) => value).join(""),
    reasons: [...new Set(asked.flatMap(({ lacking }) => lacking ?? []))],
    asked: asked.length,
    written,
  };
}

const failing = (bad: string, status: "partial" | "unavailable") => ({ keys }: CollectionTask) =>
  keys?.values?.includes(bad) ? { status, reason: "it broke" } as const : undefined;

Deno.test("askKeys() finds the key that cannot be answered, and writes each row once", async () => {
  for (const status of ["partial", "unavailable"] as const) {
    const all = ["a", "b", "c", "d"];
    const result = await ask(keysOf(...all), rowsOf(...all), failing("c", status));
    assertEquals(result.tasks, ["abcd", "ab", "cd", "c", "d"]);
    assertEquals([result.lacking, result.reasons, result.asked], ["c", ["it broke"], 4]);
    assertEquals(result.written, status === "partial" ? 4 : 3);
  }
});

Deno.test("askKeys() leaves a collector alone that answers nothing at all", async () => {
  const refuse = () => ({ status: "unavailable", reason: "denied" } as const);
  const result = await ask(keysOf(..."abcdefgh"), [], refuse, { keysPerTask: 2 });
  assertEquals(result.tasks, ["ab", "a", "b", "cd", "c", "d"]);
  assertEquals([result.lacking, result.reasons], ["abcdefgh", ["denied"]]);
});

Deno.test("askKeys() asks for no more keys than the bound", async () => {
  const result = await ask(keysOf(..."abc"), rowsOf("a", "c"), undefined, { keys: 2 });
  assertEquals(result.tasks, ["ab"]);
  assertEquals([result.lacking, result.reasons], ["c", ["bound of 2 keys reached"]]);
});

Deno.test("askKeys() asks nothing more once the rows are too many", async () => {
  const long = "x".repeat(1 << 20);
  const rows = ["a", "b", "c"].map((file_path) => ({ file_path, file_name: long }));
  const bounds = { keysPerTask: 1, bytes: 3 << 19 };
  const result = await ask(keysOf(..."abc"), rows, undefined, bounds);
  assertEquals([result.tasks, result.lacking], [["a", "b"], "bc"]);
  assertEquals(result.reasons, ["bound of 1 MiB reached"]);
});

Deno.test("askKeys() asks nothing more once the time is over", async () => {
  const result = await ask(keysOf("a"), rowsOf("a"), undefined, { time: 0 });
  assertEquals([result.tasks, result.reasons], [[], ["bound of 0 s reached"]]);
});

Deno.test("askKeys() asks by one column in a task, those first that were given first", async () => {
  const keys: WantedKey[] = [
    { column: "directory", value: "/a" },
    ...keysOf("b"),
    { column: "directory", value: "/c" },
    { column: "directory", value: "/d" },
  ];
  const result = await ask(keys, [], undefined, { keysPerTask: 2 });
  assertEquals(result.tasks, ["/a/c", "b", "/d"]);
  assert(result.lacking === "");
});
