import { assertEquals, assertMatch } from "@std/assert";
import { openLane } from "../../../engine/delivery/lane.ts";
import { withOutboxes } from "../../../engine/delivery/store.ts";
import type { Outcome } from "../../../engine/delivery/protocol.ts";
import { type Store, StoreError } from "../../../store/mod.ts";
import { commit, openMemory } from "./support.ts";

/** A clock on which waiting takes no time, and what was waited for, ms. */
function fastClock() {
  let now = 0;
  const waits: number[] = [];
  return {
    waits,
    now: () => now,
    random: () => 1,
    async sleep(ms: number) {
      waits.push(Math.round(ms));
      now += ms;
      await new Promise((resolve) => setTimeout(resolve));
    },
  };
}

/** Runs a lane over a store until nothing waits; outcomes are given in turn, then every alert is taken. */
async function runLane(
  store: Store,
  outcomes: readonly Outcome[],
  more: { readonly attempts?: number; readonly broken?: Partial<Store> } = {},
) {
  const clock = fastClock();
  const sent: string[] = [];
  const problems: string[] = [];
  const lane = openLane({
    name: "hook",
    attempts: more.attempts ?? 3,
    giveUpAfter: 3_600_000,
    store: { ...store, ...more.broken },
    send: ({ id }) => Promise.resolve(outcomes[sent.push(id) - 1] ?? { status: "ok" }),
    clock,
    onProblem: (problem) => problems.push(problem),
  });
  await lane.idle();
  await lane.close();
  return { sent: sent.join(""), problems, waits: clock.waits };
}

async function withAlerts(ids: string, use: (store: Store) => Promise<void>): Promise<void> {
  using store = await openMemory();
  const nobody = () => {};
  const routed = withOutboxes(store, {
    route: () => ["hook"],
    onStored: nobody,
    onUnstored: nobody,
  });
  await commit(routed, [...ids]);
  await use(store);
}

const down = (retryAfter?: number): Outcome => ({
  status: "failed",
  fault: "unavailable",
  reason: "down",
  ...(retryAfter !== undefined && { retryAfter }),
});
const refused: Outcome = { status: "failed", fault: "refused", reason: "odd" };

Deno.test("a lane waits longer after each failure, or as long as it is asked to", () =>
  withAlerts("ab", async (store) => {
    const { sent, waits, problems } = await runLane(store, [
      down(),
      down(5_000),
      ...Array.from({ length: 10 }, () => down()),
    ]);
    assertEquals(sent, "aaaaaaaaaaaaab");
    const expected = [200, 5_000, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 51_200];
    assertEquals(waits, [...expected, 60_000, 60_000, 60_000]);
    assertEquals(problems, ["sink hook is down, its alerts wait: down", "sink hook is back"]);
  }));

Deno.test("a lane counts refusals of an alert across restarts, and goes on with the next", () =>
  withAlerts("ab", async (store) => {
    const [a] = await Array.fromAsync(store.outbox("hook"));
    await store.refused({ ...a!, attempts: 2 });
    const { sent } = await runLane(store, [refused]);
    assertEquals(sent, "ab");
    const letters = await Array.fromAsync(store.deadLetters());
    assertEquals(letters.map(({ alert_id, attempts }) => [alert_id, attempts]), [["a", 3]]);
  }));

Deno.test("a lane gives up an alert whose delivery kills the process, but not one that waits meanwhile", () =>
  withAlerts("ab", async (store) => {
    const died: Outcome = {
      status: "failed",
      fault: "unavailable",
      reason: "it ended",
      died: true,
    };
    const { sent } = await runLane(store, [died, died, died]);
    assertEquals(sent, "aaab");
    const letters = await Array.fromAsync(store.deadLetters());
    assertEquals(letters.map(({ alert_id }) => alert_id), ["a"]);
  }));

Deno.test("a lane tells nothing twice where the store cannot note what has arrived", () =>
  withAlerts("abc", async (store) => {
    let writes = 0;
    const { sent, problems } = await runLane(store, [], {
      broken: {
        delivered: (sink, sequences) =>
          ++writes < 3
            ? Promise.reject(new StoreError("full", "the disk is full"))
            : store.delivered(sink, sequences),
      },
    });
    assertEquals(sent, "abc");
    assertEquals(problems.length, 2);
    assertMatch(problems[0]!, /cannot be stored: the disk is full/);
    assertEquals(await Array.fromAsync(store.outbox("hook")), [], "the third note stands for all");
  }));

Deno.test("a lane goes on when the store can be read again", () =>
  withAlerts("ab", async (store) => {
    let reads = 0;
    const { sent, problems } = await runLane(store, [], {
      broken: {
        outbox: (sink, after) => {
          if (++reads <= 2) throw new StoreError("locked", "another process keeps it busy");
          return store.outbox(sink, after);
        },
      },
    });
    assertMatch(problems.join("\n"), /outbox cannot be read/);
    assertEquals(sent, "ab");
  }));
