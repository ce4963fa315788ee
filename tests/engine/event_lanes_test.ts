import { assertEquals, assertStringIncludes } from "@std/assert";
import { openLanes } from "../../engine/event_lanes.ts";
import type { CompiledDetection } from "../../model/compiled.ts";
import type { TakenEvents } from "../../engine/streams.ts";
import { batchOf, detectionOf } from "./support.ts";

const SQL = "SELECT e.name FROM process_events e";

const taken = (...names: readonly string[]): TakenEvents => ({
  table: "process_events",
  time: 0,
  batches: [batchOf("process_events", names.map((name) => ({ name })))],
  outcome: { status: "complete" },
  lost: 0,
});

const namesIn = ({ batches }: TakenEvents) => batches.flatMap(({ values }) => values[0]);

/** Lanes whose judge waits for its word; what it was given, in order. */
function lanesOf(factor: number, waiting?: number) {
  const given: [CompiledDetection, TakenEvents][] = [];
  const going: (() => void)[] = [];
  const lanes = openLanes(
    (compiled, events) => {
      given.push([compiled, events]);
      return new Promise((resolve) => void going.push(resolve));
    },
    () => factor,
    waiting,
  );
  return { lanes, given, goOn: () => going.shift()!() };
}

const beats = () => new Promise((resolve) => setTimeout(resolve, 5));

Deno.test("openLanes() leaves a detection among the others until it has taken long, and again when it is quick", async () => {
  const { lanes, given, goOn } = lanesOf(1);
  const [slow, quick] = [detectionOf(SQL, "mode: events"), detectionOf(SQL, "mode: events")];
  assertEquals(lanes.sort([slow, quick], taken("a")), [slow, quick]);
  lanes.took(slow, 5_000);
  lanes.took(quick, 5);
  assertEquals(lanes.sort([slow, quick], taken("b")), [quick]);
  // While it is at work its events wait for it, and nobody else does.
  assertEquals(lanes.sort([slow, quick], taken("c")), [quick]);
  assertEquals(lanes.sort([slow, quick], taken("d")), [quick]);
  assertEquals(given.map(([one, events]) => [one, namesIn(events)]), [[slow, ["b"]]]);
  goOn();
  await beats();
  assertEquals(namesIn(given[1]![1]), ["c", "d"]);
  lanes.took(slow, 5);
  assertEquals(lanes.sort([slow], taken("e")), [], "not before those that came first");
  goOn();
  await beats();
  goOn();
  await lanes.close();
  assertEquals(lanes.sort([slow, quick], taken("f")), [slow, quick]);
  assertEquals(given.length, 3);
});

Deno.test("openLanes() counts the events that find no room as lost", async () => {
  const { lanes, given, goOn } = lanesOf(4, 10);
  const slow = detectionOf(SQL, "mode: events");
  lanes.sort([slow], taken("first"));
  for (const name of ["aaaaaaaa", "bbbbbbbb", "cccccccc"]) lanes.sort([slow], taken(name));
  goOn();
  const closed = lanes.close();
  await beats();
  const [, rest] = given[1]!;
  assertEquals([namesIn(rest), rest.lost], [["cccccccc"], 2]);
  assertEquals(rest.outcome.status, "partial");
  assertStringIncludes(JSON.stringify(rest.outcome), "2 events");
  goOn();
  await closed;
});

Deno.test("openLanes() counts the events that were lost before they came to a lane", async () => {
  const { lanes, given, goOn } = lanesOf(4);
  const slow = detectionOf(SQL, "mode: events");
  const reason = "7 events: the buffer was full";
  lanes.sort([slow], { ...taken("a"), outcome: { status: "partial", reason }, lost: 7 });
  const [, first] = given[0]!;
  assertEquals([first.lost, first.outcome], [7, { status: "partial", reason }]);
  goOn();
  await lanes.close();
});

Deno.test("openLanes() judges what has waited for a detection by no other one, and waits for what is under way", async () => {
  const { lanes, given, goOn } = lanesOf(4);
  const { id } = detectionOf(SQL).detection.meta;
  const slow = detectionOf(SQL, "mode: events", id);
  lanes.sort([slow], taken("a"));
  lanes.sort([slow], taken("b"));
  // The same detection now reads other events.
  lanes.keep([detectionOf("SELECT f.file_path FROM file_events f", "mode: events", id)]);
  let closed = false;
  const closing = lanes.close().then(() => closed = true);
  await beats();
  assertEquals([given.length, closed], [1, false]);
  goOn();
  await closing;
  assertEquals(given.length, 1);
});

Deno.test("openLanes() forgets what waits for a detection that is gone or reads other events", async () => {
  const { lanes, given, goOn } = lanesOf(4);
  const slow = detectionOf(SQL, "mode: events");
  lanes.sort([slow], taken("a"));
  lanes.keep([]);
  goOn();
  await lanes.close();
  assertEquals(given.length, 1);
  const changed = detectionOf(
    SQL,
    "mode: events\ntags: [attack.execution]",
    slow.detection.meta.id,
  );
  lanes.sort([slow], taken("b"));
  lanes.sort([slow], taken("c"));
  lanes.keep([changed]);
  goOn();
  const closed = lanes.close();
  await beats();
  goOn();
  await closed;
  assertEquals(given.map(([one]) => one), [slow, slow, changed]);
});
