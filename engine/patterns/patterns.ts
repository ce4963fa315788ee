import type { traffic_patterns } from "../../profiles/views/traffic_patterns.ts";
import type { Row } from "../../schema/row.ts";
import type { Connection, Connections } from "./connections.ts";
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

/** The patterns of connections: first beacons, then those that are measured in windows. */
export function* patternsOf({ all, scans }: Connections): Generator<Pattern> {
  const begun = all.filter(hasBegun).sort((left, right) => left.start - right.start);
  const step = median(scans.slice(1).map((time, index) => time - scans[index]!));
  for (const list of groups(begun, ({ destinationPort }) => ` ${destinationPort}`)) {
    if (list.length > 1) yield beacon(list, step);
  }
  yield* windowed(all, begun, scans);
}

/** Connections of one protocol between the same two addresses. */
function groups<C extends Connection>(
  connections: readonly C[],
  further: (one: C) => string = () => "",
): Iterable<readonly [C, ...C[]]> {
  return Map.groupBy(
    connections,
    (one) => `${one.protocol} ${one.source} ${one.destination}${further(one)}`,
  ).values() as Iterable<[C, ...C[]]>;
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

/** Patterns that are measured in windows of equal length. */
function* windowed(
  all: readonly Connection[],
  begun: readonly Begun[],
  scans: readonly number[],
): Generator<Pattern> {
  if (scans.length === 0) return;
  const whole = scans.length > WINDOWS;
  const first = whole ? scans[0]! : Math.min(scans[0]!, begun[0]?.start ?? Infinity);
  const length = scans.at(-1)! - first;
  const windows = whole ? WINDOWS : 1;
  const windowOf = (time: number) =>
    time < first ? -1 : Math.min(windows - 1, Math.floor((time - first) / length * windows) || 0);
  const measured = (
    values: readonly number[],
    time_window = Math.ceil(length / windows / 1000),
  ) => {
    const [value, earlier] = [values.at(-1)!, values.slice(0, -1)];
    return {
      pattern_value: value,
      baseline_value: whole ? median(earlier) : null,
      anomaly_score: whole ? excess(value, earlier) : null,
      time_window,
      occurrence_count: values.filter((one) => one > 0).length,
    };
  };
  for (const list of groups(begun)) {
    const ports = Array.from({ length: windows }, () => new Set<number>());
    const counts = new Array<number>(windows).fill(0);
    for (const { start, destinationPort } of list) {
      const window = windowOf(start);
      if (window < 0) continue;
      counts[window]!++;
      ports[window]!.add(destinationPort);
    }
    yield { ...common("frequency", list), ...measured(counts) };
    const amounts = ports.map(({ size }) => size);
    if (amounts.at(-1)! > 1) yield { ...common("port_scan", list), ...measured(amounts) };
  }
  if (!whole) return;
  const pairs = [...groups(all)].map((list) => {
    const met = list.reduce((first, { start, seen }) => Math.min(first, start ?? seen), Infinity);
    return { list, window: windowOf(met) };
  });
  for (const [, of] of Map.groupBy(pairs, ({ list }) => list[0].source)) {
    const counts = new Array<number>(windows).fill(0);
    for (const { window } of of) if (window >= 0) counts[window]!++;
    // Whom a first window shows was not met there: nobody had looked before.
    const values = counts.slice(1);
    for (const { list, window } of of) {
      if (window !== windows - 1) continue;
      yield { ...common("new_peer", list), ...measured(values), occurrence_count: 1 };
    }
  }
}
