import { addressClass } from "../../dialect/mod.ts";
import { type CollectorContext, defineCollector, type Reading } from "../core/collector.ts";
import type { TaskMessage } from "../core/messages.ts";
import { runCollector } from "../core/runtime.ts";
import { type Analysis, createAnalyser } from "./analyser.ts";
import { filterOf } from "./capture/filter.ts";
import { createCaptureReader } from "./capture/reader.ts";
import { capture } from "./capture/tcpdump.ts";
import { connectionIdOf } from "./connection_id.ts";
import type { Flow } from "./flow.ts";
import { createIndicatorReader } from "./indicators/mod.ts";
import { netanalymond } from "./mod.ts";
import { createParties, createSocketReader, type Parties, type ReadSockets } from "./parties.ts";
import { analysisReading, trafficRow } from "./rows.ts";
import { createCast, createSieve } from "./wanted.ts";

/** How long packets are captured for a task, ms; a quarter of the time that it has, if that is less. */
const DURATION = 5000;

/** How long looking at sockets rests, measured by how long it took: it takes a third of a processor at most. */
const REST = 2;

/** How long a capture answers other tasks that mean the same packets, ms: a scan asks for many keys, some at a time. */
const RECENT = 10_000;

let sockets: ReadSockets | undefined;

/** What was seen while packets were captured. */
interface Seen {
  readonly filter: string;
  readonly analysis: Analysis;
  readonly parties: Parties;
  /** What is missing, in words. */
  readonly missing: readonly string[];
}

let recent: Seen | undefined;
let forgetting: ReturnType<typeof setTimeout> | undefined;

/** Captures what a task's keys mean, or has done so just now; `undefined` where they mean no packets. */
async function listen(
  { keys, where }: TaskMessage,
  context: CollectorContext,
): Promise<Seen | undefined> {
  const filter = keys && filterOf(keys, where);
  if (filter === undefined) return undefined;
  if (recent?.filter === filter) return recent;
  clearTimeout(forgetting);
  recent = undefined;
  recent = await captureNow(filter, context);
  forgetting = setTimeout(() => recent = undefined, RECENT);
  return recent;
}

async function captureNow(
  filter: string,
  { procRoot, deadline }: CollectorContext,
): Promise<Seen> {
  const parties = createParties(sockets ??= createSocketReader(procRoot));
  let due = false;
  let rested = 0;
  const look = () => {
    const begun = performance.now();
    if (!due || begun < rested) return;
    due = false;
    parties.look(deadline, false);
    rested = performance.now() + REST * (performance.now() - begun);
  };
  parties.look(deadline, true);
  const analyser = createAnalyser(() => due = true);
  const reader = createCaptureReader(analyser.add);
  const timer = setInterval(look, 5);
  const left = deadline - performance.now();
  const missing: string[] = [];
  try {
    const shortfall = await capture({
      filter,
      duration: Math.max(1, Math.min(DURATION, left / 4)),
      take(chunk) {
        reader.push(chunk);
        look();
      },
    });
    missing.push(...shortfall);
    parties.look(deadline, true);
  } finally {
    clearInterval(timer);
  }
  const analysis = analyser.end();
  if (analysis.lost > 0) {
    missing.push(`${analysis.lost} packets, connections or exchanges were too many`);
  }
  return { filter, analysis, parties, missing };
}

const readIndicators = createIndicatorReader();

async function collect(task: TaskMessage, context: CollectorContext): Promise<Iterable<Reading>> {
  if (task.table === "threat_indicators") {
    return task.keys ? readIndicators(task.keys, task.resources ?? [], Date.now()) : [];
  }
  const seen = await listen(task, context);
  for (const reason of seen?.missing ?? []) context.partial?.(reason);
  return seen ? read(task, seen, context) : [];
}

function* read(
  { table, keys }: TaskMessage,
  { analysis, parties }: Seen,
  { partial }: CollectorContext,
): Iterable<Reading> {
  const here = ownAddresses();
  const isHere = (address: string) => here.has(address) || addressClass(address) === "loopback";
  const sideOf = (flow: Flow) => {
    if (isHere(flow.source.address)) return 0;
    if (isHere(flow.destination.address)) return 1;
    return addressClass(flow.source.address) === "public" ? 1 : 0;
  };
  const nameOf = ({ transport, source, destination }: Flow, side: 0 | 1) =>
    side === 0
      ? connectionIdOf(transport, source, destination)
      : connectionIdOf(transport, destination, source);
  const castOf = createCast(keys!, parties, sideOf, nameOf);
  const wanted = createSieve(keys!);
  if (table === "network_traffic") {
    const now = Date.now();
    for (const flow of analysis.flows) {
      const told = new Set<string>();
      for (const party of castOf(flow)) {
        const row = trafficRow(flow, party, now);
        if (told.has(party.connection_id) || !wanted(row)) continue;
        told.add(party.connection_id);
        yield { row };
      }
    }
    return;
  }
  let unknown = 0;
  for (const exchange of analysis.exchanges) {
    const { source, destination } = exchange.flow;
    for (const party of castOf(exchange.flow)) {
      const end = party.side === 0 ? source : destination;
      const reading = analysisReading(exchange, party, isHere(end.address));
      if (wanted(reading.row)) yield reading;
      else if (keys!.column === "pid" && reading.gaps) unknown++;
    }
  }
  // They may be those of a process that was asked for.
  if (unknown > 0) partial?.(`of ${unknown} exchanges no process was found`);
}

function ownAddresses(): ReadonlySet<string> {
  return new Set(Deno.networkInterfaces().map(({ address }) => address));
}

if (import.meta.main) await runCollector(defineCollector({ ...netanalymond, collect }));
