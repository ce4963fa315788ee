import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Connection } from "../../../engine/patterns/connections.ts";
import {
  MIN_BEACON_CONNECTIONS,
  pairsOf,
  type Pattern,
  patternsOf,
} from "../../../engine/patterns/patterns.ts";
import { finished } from "./finished.ts";
import "../../seed.ts";

const HOUR = 3_600_000;

/** A connection that began at a time. */
function begun(start: number | null, more: Partial<Connection> = {}): Connection {
  return {
    protocol: "tcp",
    source: "10.0.0.5",
    destination: "192.0.2.1",
    destinationPort: 443,
    start,
    seen: start ?? 0,
    exact: true,
    outbound: true,
    holder: undefined,
    ...more,
  };
}

/** Times one after the other, by the intervals between them. */
function after(intervals: readonly number[], from = 1_000_000): number[] {
  const times = [from];
  for (const one of intervals) times.push(times.at(-1)! + one);
  return times;
}

const patterns = (all: readonly Connection[], scans: readonly number[]) =>
  [...patternsOf(finished(pairsOf(all)), scans)].filter((one) => one !== undefined);

function of(type: Pattern["pattern_type"], all: readonly Connection[], scans: readonly number[]) {
  return patterns(all, scans).filter(({ pattern_type }) => pattern_type === type);
}

const beaconOf = (times: readonly number[], more: Partial<Connection> = {}, scans = [HOUR]) =>
  of("beacon", times.map((time) => begun(time, more)), scans)[0];

Deno.test("patternsOf() measures a beacon by the intervals between its connections", () => {
  const times = after([2000, 2000, 2000, 2000, 2000, 2000, 2000]);
  const holder = { pid: 7, process_key: "k", process_name: "n" };
  const found = of("beacon", [
    ...times.map((time) => begun(time)),
    begun(times.at(-1)! + 1, { holder }),
    begun(null),
  ], [HOUR]);
  assertEquals(found, [{
    ...holder,
    pattern_id: "beacon tcp 10.0.0.5 192.0.2.1 443",
    pattern_type: "beacon",
    source_ip: "10.0.0.5",
    destination_ip: "192.0.2.1",
    destination_port: 443,
    protocol: "tcp",
    direction: "outbound",
    pattern_value: 2,
    baseline_value: null,
    anomaly_score: 1,
    interval_mean: 2,
    interval_jitter: 0,
    time_window: 14,
    occurrence_count: 8,
    first_occurrence: times[0]!,
    last_occurrence: times.at(-1)! + 1,
  }]);
});

Deno.test("patternsOf() gives a beacon no score where there are too few connections", () => {
  const times = after(new Array(MIN_BEACON_CONNECTIONS - 2).fill(2000));
  const found = beaconOf(times)!;
  assertEquals([found.anomaly_score, found.occurrence_count], [null, MIN_BEACON_CONNECTIONS - 1]);
  assertEquals([found.pattern_value, found.interval_mean], [2, 2]);
  assertEquals(beaconOf([1]), undefined);
  assertEquals(beaconOf([1, 2])!.pattern_value, null);
});

Deno.test("patternsOf() gives what comes more than once a second no score", () => {
  assertEquals(beaconOf(after(new Array(20).fill(899)))!.anomaly_score, null);
  assertEquals(beaconOf(after(new Array(20).fill(900)))!.anomaly_score, 1);
  // A hundred a second are bursts that follow each other as regularly as anything.
  assertEquals(beaconOf(after(new Array(2000).fill(10)))!.anomaly_score, null);
});

Deno.test("patternsOf() scores no intervals that looks have made", () => {
  const times = after(new Array(20).fill(10_000));
  const looks = (step: number) => after(new Array(20).fill(step));
  const polled = { exact: false };
  assertEquals(beaconOf(times, polled, looks(10_000))!.anomaly_score, null);
  assertEquals(beaconOf(times, polled, looks(5_000))!.anomaly_score, 1);
  assertEquals(beaconOf(times, polled, [HOUR])!.anomaly_score, null);
  assertEquals(beaconOf(times, { exact: true }, looks(10_000))!.anomaly_score, 1);
});

Deno.test("patternsOf() tells every regular beacon from chance", () => {
  const period = fc.integer({ min: 1_000, max: 600_000 });
  const part = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(fc.property(period, fc.array(part, { minLength: 40, maxLength: 40 }), (ms, parts) => {
    const jittered = parts.map((one) => Math.round(ms * (1 + 0.1 * (one - 0.5))));
    assert(beaconOf(after(jittered))!.anomaly_score! >= 0.9);
  }));
  const uniform = (at: number) => (at * 0.6180339887) % 1;
  const chance = Array.from({ length: 200 }, (_, at) => -Math.log(1 - uniform(at)) * 60_000);
  assert(beaconOf(after(chance))!.anomaly_score! < 0.6);
});

/** A scan a minute over ten windows of ten minutes, and one more at their end. */
const SCANS = Array.from({ length: 101 }, (_, at) => HOUR + at * 60_000);
const WINDOW = 600_000;

/** So many connections in each window, each to a port of its own if that is wanted. */
function counts(
  amounts: readonly number[],
  more: (index: number) => Partial<Connection> = () => ({}),
) {
  return amounts.flatMap((amount, window) =>
    Array.from(
      { length: amount },
      (_, at) => begun(HOUR + window * WINDOW + Math.floor((at + 0.5) * WINDOW / amount), more(at)),
    )
  );
}

Deno.test("patternsOf() compares the newest window with the median of those before", () => {
  const [found, ...others] = of("frequency", counts([4, 5, 6, 4, 5, 6, 4, 5, 6, 60]), SCANS);
  assertEquals(others, []);
  assertEquals([found!.pattern_value, found!.baseline_value], [60, 5]);
  assert(found!.anomaly_score! > 0.9);
  assertEquals([found!.time_window, found!.occurrence_count], [600, 10]);
  const [usual] = of("frequency", counts([4, 5, 6, 4, 5, 6, 4, 5, 6, 5]), SCANS);
  assertEquals(usual!.anomaly_score, 0);
});

Deno.test("patternsOf() has no baseline until there are ten windows", () => {
  const few = SCANS.slice(0, 10);
  const [found] = of("frequency", counts([3]), few);
  assertEquals([found!.pattern_value, found!.baseline_value, found!.anomaly_score], [
    3,
    null,
    null,
  ]);
  assertEquals(of("new_peer", counts([3]), few), []);
  assertEquals(patterns(counts([3]), []).map((one) => one.pattern_type), [
    "beacon",
  ]);
});

Deno.test("patternsOf() tells a peer that no earlier window shows", () => {
  const old = counts([1, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  const fresh = counts([0, 0, 0, 0, 0, 0, 0, 0, 0, 2], () => ({ destination: "198.51.100.9" }));
  const found = of("new_peer", [...old, ...fresh], SCANS);
  assertEquals(
    found.map((
      one,
    ) => [one.destination_ip, one.pattern_value, one.baseline_value, one.anomaly_score]),
    [["198.51.100.9", 1, 0, 1]],
  );
  // Known from the first look on, although nobody knows since when.
  const known = begun(null, { destination: "198.51.100.9", seen: SCANS[0]! });
  assertEquals(of("new_peer", [...old, known, ...fresh], SCANS), []);
});

Deno.test("patternsOf() counts the ports of one host that were tried", () => {
  const ports = (at: number) => ({ destinationPort: 1000 + at });
  const [found] = of("port_scan", counts([1, 1, 1, 1, 1, 1, 1, 1, 1, 40], ports), SCANS);
  assertEquals(
    [found!.pattern_value, found!.baseline_value, found!.anomaly_score, found!.destination_port],
    [40, 1, 1, null],
  );
});
