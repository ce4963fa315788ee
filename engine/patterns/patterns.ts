import type { traffic_patterns } from "../../profiles/views/traffic_patterns.ts";
import type { Row } from "../../schema/row.ts";
import type { Connection } from "./connections.ts";
import { excess, median, regularity, spread } from "./statistics.ts";

/** A row of `traffic_patterns`, without the columns that all rows share. */
export type Pattern = Omit<Row<typeof traffic_patterns, "linux">, "platform_data">;

/** Fewer connections do not tell whether they come regularly. */
export const MIN_BEACON_CONNECTIONS = 8;

/** Connections that begin within so many ms of each other are one event, as those of a browser to one server. */
const BURST = 500;

/** What comes more often, ms, is busy and no beacon: bursts are then a clock of their own. */
const BUSY = 900;

/** Into so many windows a history is cut: the newest is compared with the others. */
export const WINDOWS = 10;

/** A connection whose start is known. */
type Begun = Connection & { readonly start: number };

const hasBegun = (one: Connection): one is Begun => one.start !== null;

/** The connections of one protocol between the same two addresses, in the order in which they were first seen. */
export type Pair = readonly [Connection, ...Connection[]];

/** Puts connections together that have the protocol and both addresses in common. Each connection is a step. */
export function* pairsOf(all: readonly Connection[]): Generator<undefined, readonly Pair[]> {
  const pairs = new Map<string, [Connection, ...Connection[]]>();
  for (const one of all) {
    const key = `${one.protocol} ${one.source} ${one.destination}`;
    const pair = pairs.get(key);
    if (pair) pair.push(one);
    else pairs.set(key, [one]);
    yield;
  }
  return [...pairs.values()];
}

/** Whether the start of any of them is known, so that there is at least one pattern of the pair. */
export function isTold(pair: Pair): boolean {
  return pair.some(hasBegun);
}

/** Those of a pair whose start is known, in the order of time. */
function begunOf(pair: Pair): readonly Begun[] {
  return pair.filter(hasBegun).sort((left, right) => left.start - right.start);
}

/** The patterns of pairs of addresses: first beacons, then those that are measured in windows. */
export function* patternsOf(
  pairs: readonly Pair[],
  scans: readonly number[],
): Generator<Pattern | undefined> {
  const step = median(scans.slice(1).map((time, index) => time - scans[index]!));
  for (const pair of pairs) {
    yield;
    if (pair.length === 1) continue;
    const byPort = Map.groupBy(begunOf(pair), ({ destinationPort }) => destinationPort);
    for (const list of byPort.values()) {
      if (list.length > 1) yield beacon(list as [Begun, ...Begun[]], step);
    }
  }
  yield* windowed(pairs, scans);
}

const NOBODY = { pid: null, process_key: null, process_name: null };

/** What all patterns of connections have, of which the first came first. */
function common(type: Pattern["pattern_type"], list: readonly [Connection, ...Connection[]]) {
  const { protocol, source, destination, destinationPort, start, seen } = list[0];
  const port = type === "beacon" ? destinationPort : null;
  const last = list.at(-1)!;
  return {
    ...NOBODY,
    ...list.findLast(({ holder }) => holder)?.holder,
    pattern_id: [type, protocol, source, destination, ...port === null ? [] : [port]].join(" "),
    pattern_type: type,
    source_ip: source,
    destination_ip: destination,
    destination_port: port,
    protocol,
    direction: list.some(({ outbound }) => outbound) ? "outbound" as const : "inbound" as const,
    first_occurrence: start ?? seen,
    last_occurrence: last.start ?? last.seen,
    interval_mean: null,
    interval_jitter: null,
  };
}

/** Connections to one port, in the order of time, as a beacon. */
function beacon(list: readonly [Begun, ...Begun[]], step: number): Pattern {
  const events: number[] = [];
  for (const { start } of list) {
    if (events.length === 0 || start >= events.at(-1)! + BURST) events.push(start);
  }
  const intervals = events.slice(1).map((time, index) => time - events[index]!);
  const usual = intervals.length > 0 ? median(intervals) : null;
  const { mean, variation } = spread(intervals);
  const length = events.at(-1)! - events[0]!;
  // Where most starts are those of looks, intervals that are hardly longer than from one look to the next are theirs.
  const blurred = 2 * list.filter(({ exact }) => exact).length < list.length;
  const told = usual !== null && usual >= BUSY && events.length >= MIN_BEACON_CONNECTIONS &&
    !(blurred && !(usual >= 2 * step));
  return {
    ...common("beacon", list),
    pattern_value: usual === null ? null : usual / 1000,
    baseline_value: null,
    anomaly_score: told ? regularity(intervals) : null,
    ...(usual !== null && { interval_mean: mean / 1000, interval_jitter: variation }),
    time_window: Math.ceil(length / 1000),
    occurrence_count: events.length,
  };
}

/** What is measured in windows. */
type Measures = Pick<
  Pattern,
  "pattern_value" | "baseline_value" | "anomaly_score" | "time_window" | "occurrence_count"
>;

/** Patterns that are measured in windows of equal length. */
function* windowed(
  pairs: readonly Pair[],
  scans: readonly number[],
): Generator<Pattern | undefined> {
  if (scans.length === 0) return;
  const whole = scans.length > WINDOWS;
  let first = scans[0]!;
  if (!whole) {
    for (const pair of pairs) {
      for (const { start } of pair) if (start !== null && start < first) first = start;
      yield;
    }
  }
  const length = scans.at(-1)! - first;
  const windows = whole ? WINDOWS : 1;
  const windowOf = (time: number) =>
    time < first ? -1 : Math.min(windows - 1, Math.floor((time - first) / length * windows) || 0);
  const measured = (
    values: readonly number[],
  ): Measures => {
    const [value, earlier] = [values.at(-1)!, values.slice(0, -1)];
    return {
      pattern_value: value,
      baseline_value: whole ? median(earlier) : null,
      anomaly_score: whole ? excess(value, earlier) : null,
      time_window: Math.ceil(length / windows / 1000),
      occurrence_count: values.filter((one) => one > 0).length,
    };
  };
  for (const pair of pairs) {
    const list = begunOf(pair);
    if (list.length === 0) continue;
    const counts = new Array<number>(windows).fill(0);
    const ports = new Map<number, Set<number>>();
    for (const { start, destinationPort } of list) {
      const window = windowOf(start);
      if (window < 0) continue;
      counts[window]!++;
      const known = ports.get(window);
      if (known) known.add(destinationPort);
      else ports.set(window, new Set([destinationPort]));
    }
    const some = list as [Begun, ...Begun[]];
    yield { ...common("frequency", some), ...measured(counts) };
    const amounts = counts.map((_, window) => ports.get(window)?.size ?? 0);
    if (amounts.at(-1)! > 1) yield { ...common("port_scan", some), ...measured(amounts) };
  }
  if (whole) yield* newPeers(pairs, windowOf, measured);
}

/** Pairs that the newest window shows first, for each source measured by how many of them earlier ones showed. */
function* newPeers(
  pairs: readonly Pair[],
  windowOf: (time: number) => number,
  measured: (values: readonly number[]) => Measures,
): Generator<Pattern | undefined> {
  const sources = new Map<string, { readonly counts: number[]; readonly fresh: Pair[] }>();
  for (const pair of pairs) {
    const met = pair.reduce((first, { start, seen }) => Math.min(first, start ?? seen), Infinity);
    const window = windowOf(met);
    const { source } = pair[0];
    const known = sources.get(source) ??
      { counts: new Array<number>(WINDOWS).fill(0), fresh: [] };
    sources.set(source, known);
    if (window >= 0) known.counts[window]!++;
    if (window === WINDOWS - 1) known.fresh.push(pair);
    yield;
  }
  for (const { counts, fresh } of sources.values()) {
    // Whom a first window shows was not met there: nobody had looked before.
    const values = counts.slice(1);
    for (const pair of fresh) {
      yield { ...common("new_peer", pair), ...measured(values), occurrence_count: 1 };
    }
  }
}
