import { assertEquals, assertRejects } from "@std/assert";
import type { EvaluationState } from "../../model/evaluation_state.ts";
import { commitHits } from "../../store/alerts.ts";
import { changesOf, type Database, type Mutation, openDatabase } from "../../store/database.ts";
import { StoreError } from "../../store/mod.ts";
import { openSequence } from "../../store/outbox.ts";
import {
  collect,
  incompressible,
  openedOf,
  openToWrite,
  withMemory,
  withPath,
} from "./fixtures.ts";

const SMALL: EvaluationState = {
  at: 1000,
  differential: {
    digest: "d",
    present: [[1000, 3, [null, "a", 1.5, { integer: "9007199254740993" }, { float: "Infinity" }]]],
    gone: [[900, "b"]],
  },
  threshold: {
    digest: "e",
    events: 4,
    groups: [{ by: "c", fired: null, times: [900, 1000], values: [["v", 1000]] }],
  },
};

/** A state of several parts. */
function large(at: number): EvaluationState {
  const text = incompressible(200_000);
  return { at, differential: { digest: "d", present: [[at, 1, [text]]], gone: [] } };
}

const stateOf = (state: EvaluationState) => ({
  alerts: [],
  counts: [],
  state: { rule_id: "rule-1", state },
});

Deno.test("commitHits() keeps what a detection goes on with", () =>
  withPath(async (path) => {
    const store = await openToWrite(path);
    assertEquals(await store.evaluationState("rule-1"), null);
    await store.commitHits(stateOf(SMALL));
    assertEquals(await store.evaluationState("rule-1"), SMALL);
    assertEquals(await store.evaluationState("rule-2"), null);
    store.close();
    using again = await openToWrite(path);
    assertEquals(await again.evaluationState("rule-1"), SMALL);
  }));

Deno.test("commitHits() keeps states of any size, and no part of those that they replace", () =>
  withPath(async (path) => {
    const store = await openToWrite(path);
    const parts = async () => {
      const database = await openDatabase(path);
      const left = await collect(database.list({ prefix: ["state_part"] }));
      const marks = await collect(database.list({ prefix: ["unfinished"] }));
      database.close();
      return [left.length, marks.length];
    };
    for (const at of [1, 2]) {
      const state = large(at);
      await store.commitHits(stateOf(state));
      assertEquals(await store.evaluationState("rule-1"), state);
      assertEquals(await parts(), [4, 0]);
    }
    await store.commitHits(stateOf(SMALL));
    assertEquals(await store.evaluationState("rule-1"), SMALL);
    assertEquals(await parts(), [0, 0]);
    store.close();
  }));

/** A database in memory that forwards commits to a function first. */
async function watched(
  onCommit: (groups: readonly (readonly Mutation[])[]) => void,
): Promise<Database> {
  const database = await openDatabase(":memory:");
  return {
    ...database,
    commit: (...groups) => {
      onCommit(groups.map(changesOf));
      return database.commit(...groups);
    },
  };
}

Deno.test("commitHits() makes a state durable after the last alert, never before", async () => {
  const groups: (readonly Mutation[])[] = [];
  const database = await watched((more) => groups.push(...more));
  const alerts = Array.from({ length: 3 }, (_, id) => openedOf({ id: `${id}` }));
  await commitHits(database, { ...stateOf(SMALL), alerts }, await openSequence(database));
  const kinds = groups.map((group) => group.map(({ key }) => [key[0], key[2]].join()));
  assertEquals(kinds.map((group) => group.includes("evaluation,state")), [
    false,
    false,
    false,
    true,
  ]);
  database.close();
});

Deno.test("commitHits() that dies leaves the state of before, and nothing behind", () =>
  withPath(async (path) => {
    const store = await openToWrite(path);
    await store.commitHits(stateOf(SMALL));
    store.close();
    const database = await openDatabase(path);
    let commits = 0;
    const dying: Database = {
      ...database,
      commit: (...groups) => {
        if (++commits === 2) return Promise.reject(new StoreError("full", "no space is left"));
        return database.commit(...groups);
      },
    };
    await assertRejects(
      () => commitHits(dying, stateOf(large(2)), { next: () => 1 }),
      StoreError,
      "no space",
    );
    assertEquals((await collect(database.list({ prefix: ["state_part"] }))).length, 4);
    database.close();
    const again = await openToWrite(path);
    assertEquals(await again.evaluationState("rule-1"), SMALL);
    again.close();
    const after = await openDatabase(path);
    assertEquals((await collect(after.list({ prefix: ["state_part"] }))).length, 0);
    assertEquals((await collect(after.list({ prefix: ["unfinished"] }))).length, 0);
    after.close();
  }));

Deno.test("retain() removes states of detections that were not evaluated for so long", () =>
  withMemory(async (store) => {
    await store.commitHits(stateOf(large(1000)));
    await store.commitHits({
      alerts: [],
      counts: [],
      state: { rule_id: "rule-2", state: { ...SMALL, at: 5000 } },
    });
    assertEquals((await store.retain({}, 9000)).states, 0);
    assertEquals((await store.retain({ age: 4000 }, 9000)).states, 1);
    assertEquals(await store.evaluationState("rule-1"), null);
    assertEquals((await store.evaluationState("rule-2"))?.at, 5000);
  }));
