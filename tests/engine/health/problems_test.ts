import { assertEquals, assertStringIncludes } from "@std/assert";
import { createEpisodes } from "../../../engine/health/episodes.ts";
import { conditionsOf, problemsOf } from "../../../engine/health/problems.ts";
import type { HealthState } from "../../../engine/health/state.ts";
import { collector, QUIET, sink } from "./state.ts";

function titles(now: Partial<HealthState>, before: Partial<HealthState> = {}): string[] {
  return problemsOf({ ...QUIET, ...now }, { ...QUIET, ...before }).map(({ title }) => title);
}

Deno.test("problemsOf() finds nothing where nothing is wrong", () => {
  const calm = { collectors: [collector()], sinks: [sink()] };
  assertEquals(titles(calm, calm), []);
  assertEquals(problemsOf({ ...QUIET, ...calm }), []);
});

Deno.test("problemsOf() tells of collectors that fail, once each time, and of those that are given up", () => {
  const report = { ...collector().report!, restarts: 1, problem: "it was killed" };
  const failed = { collectors: [collector({ report })] };
  assertEquals(titles(failed, { collectors: [collector()] }), [
    "Collector procmond failed: it was killed",
  ]);
  assertEquals(titles(failed, failed), []);
  const waiting = { collectors: [collector({ state: "waiting", reason: "no memory" })] };
  assertEquals(titles(waiting, { collectors: [collector()] }), [
    "Collector procmond failed: no memory",
  ]);
  const down = { collectors: [collector({ state: "given_up", reason: "it fails" })] };
  const [problem] = problemsOf({ ...QUIET, ...down }, { ...QUIET, ...down });
  assertEquals([problem!.title, problem!.severity], [
    "Collector procmond is down: it fails",
    "high",
  ]);
  assertEquals(problem!.data["tables"], ["processes"]);
});

Deno.test("problemsOf() tells of records that collectors lost since the last look", () => {
  const with_ = (dropped: number) => ({
    collectors: [collector({ report: { ...collector().report!, dropped } })],
  });
  assertEquals(titles(with_(12), with_(2)), ["Collector procmond lost 10 records"]);
  assertEquals(titles(with_(12), with_(12)), []);
});

Deno.test("problemsOf() tells of sinks that are down, and of alerts that were given up", () => {
  const down = sink({ breaker: "open", last_error: "refused", waiting: 4 });
  const going = (sinks: HealthState["sinks"]) =>
    conditionsOf({ ...QUIET, sinks }).flatMap(({ problem }) => problem?.title ?? []);
  assertEquals(going([down]), ["Sink webhook is down: refused"]);
  assertEquals(going([sink()]), []);
  assertEquals(titles({ sinks: [sink({ dead: 3 })] }, { sinks: [sink({ dead: 1 })] }), [
    "Sink webhook did not take 2 alerts",
  ]);
  assertEquals(problemsOf({ ...QUIET, sinks: [sink({ dead: 3 })] }), []);
});

Deno.test("problemsOf() tells of a clock that was set, and not of time that goes by", () => {
  const later = (ms: number, elapsed: number) => ({
    now: QUIET.now + ms,
    elapsed: QUIET.elapsed + elapsed,
  });
  assertEquals(titles(later(5_000, 5_000)), []);
  assertEquals(titles(later(3_605_000, 5_000)), ["The clock was set forward by 3600 seconds"]);
  assertEquals(titles(later(-3_595_000, 5_000)), ["The clock was set back by 3600 seconds"]);
});

Deno.test("problemsOf() tells of a disk that is almost full, and of an audit log that is not written", () => {
  const disk = (free: number, size: number) => ({ space: { store: 1, disk: { free, size } } });
  assertEquals(titles(disk(90e6, 1e9)).length, 1);
  assertEquals(titles(disk(900e6, 100e9)).length, 1);
  assertEquals(titles(disk(4e9, 100e9)), []);
  assertEquals(titles(disk(200e6, 1e9)), []);
  assertEquals(titles({ space: { store: 1 } }), []);
  const [title] = titles({ audit: { ...QUIET.audit, waiting: 3 } });
  assertStringIncludes(title!, "audit log cannot be written");
});

/** What is told of sinks at looks a second apart, each so often. */
function told(...looks: readonly [times: number, sinks: HealthState["sinks"]][]): string[] {
  const episodes = createEpisodes();
  let now = QUIET.now;
  return looks.flatMap(([times, sinks]) =>
    Array.from(
      { length: times },
      () => episodes.look(conditionsOf({ ...QUIET, sinks }), now += 1_000),
    )
      .flatMap((problems) => problems.map(({ title }) => title))
  );
}

const down = sink({ breaker: "open", last_error: "refused", waiting: 4, last_delivery: 7 });
const DOWN = "Sink webhook is down: refused";
/** Of sinks that were configured anew nothing is known. */
const { last_delivery: _, ...fresh } = sink({ waiting: 4 });

Deno.test("conditionsOf() takes no sink for back before something was delivered to it", () => {
  assertEquals(told([1, [down]], [20, [fresh]], [1, [down]]), [DOWN], "it was down all the time");
  assertEquals(told([1, [down]], [20, [sink({ last_delivery: 7 })]]), [DOWN], "it only refuses");
  const delivered = sink({ last_delivery: 8 });
  assertEquals(told([1, [down]], [3, [fresh]], [20, [delivered]]), [
    DOWN,
    "Sink webhook is back after 4 seconds",
  ]);
});

Deno.test("conditionsOf() forgets a sink that is configured no more", () => {
  const { breaker: _, ...orphan } = fresh;
  const removed = { ...orphan, configured: false };
  assertEquals(told([1, [down]], [20, [removed]], [20, []]), [DOWN], "it is not back");
  assertEquals(told([1, [down]], [1, [removed]], [1, [down]]), [DOWN, DOWN]);
  assertEquals(told([1, [down]], [1, []], [1, [down]]), [DOWN, DOWN]);
});
