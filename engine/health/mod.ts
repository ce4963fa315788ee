/**
 * How an agent fares: operational problems become alerts, and health and metrics are served where somebody asks for it.
 *
 * @module
 */
import type { Alert } from "../../model/alert.ts";
import type { Sink } from "../../model/sink.ts";
import type { ScanSummary } from "../../model/summary.ts";
import type { Secret } from "../../sinks/mod.ts";
import type { Store } from "../../store/mod.ts";
import { operationalAlert, type OperationalProblem } from "../operational.ts";
import { raiseOperational } from "../raise.ts";
import { deliver } from "../scan.ts";
import { delay } from "../stopping.ts";
import { renderMetrics } from "./exposition.ts";
import { metricsOf } from "./metrics.ts";
import { createEpisodes } from "./episodes.ts";
import { conditionsOf, problemsOf } from "./problems.ts";
import { openEndpoint } from "./serve.ts";
import type { Answers } from "./server.ts";
import { createTally, type HealthSources, type HealthState, healthState } from "./state.ts";

/** Options of {@linkcode openHealth}. */
export interface HealthOptions extends Omit<HealthSources, "store" | "started" | "tally"> {
  /** Where alerts are raised. */
  readonly store: Store;
  /** Who is told of alerts besides the sinks of the store. */
  readonly sinks: readonly Sink[];
  /** Name of the host. */
  readonly host: string;
  /** Version of the program. */
  readonly version: string;
  /** Where health and metrics are served; nowhere, if absent. */
  readonly listen?: string | undefined;
  /** What has to be presented there. */
  readonly token?: Secret | undefined;
  /** Told, in words, what an operator should know. */
  readonly onProblem: (message: string) => void;
  /** Told of the address where health is served. */
  readonly onListen?: (address: string) => void;
  /** ms between two looks; 5 seconds if absent. */
  readonly every?: number;
}

/** The watch over an agent, under way until it is disposed of. */
export interface Health extends AsyncDisposable {
  /** The store, but that its alerts are counted. Whoever raises alerts uses this one. */
  readonly store: Store;
  /** A scan has ended. */
  scanned(summary: ScanSummary): void;
  /** Raises an alert about something that only its finder sees. */
  raise(problem: OperationalProblem): Promise<void>;
}

export { auditProblem } from "./problems.ts";

const EVERY = 5_000;

/**
 * Looks at an agent every few seconds.
 *
 * @param onAlert told of each alert that was stored
 */
export function openHealth(options: HealthOptions, onAlert?: (alert: Alert) => void): Health {
  const { host, version, listen, token, onProblem, onListen, every = EVERY } = options;
  const tally = createTally();
  const store = withTold(options.store, (alert) => {
    tally.raised(alert);
    onAlert?.(alert);
  });
  const sources = { ...options, tally, started: Date.now() };
  const endpoint = listen === undefined ? undefined : openEndpoint({
    listen,
    onProblem,
    ...(token !== undefined && { token }),
    ...(onListen && { onListen }),
  });
  const stop = new AbortController();
  const episodes = createEpisodes();
  let before: HealthState | undefined;

  async function raise(problem: OperationalProblem): Promise<void> {
    const scan_id = tally.counts().last_scan?.scan_id ?? 0;
    const at = { host, scan_id, now: Date.now() };
    const raised = await raiseOperational(store, operationalAlert(problem, at));
    await deliver(raised.alerts, options.sinks);
    if (raised.problem) onProblem(raised.problem.message);
  }

  async function look(): Promise<void> {
    const state = await healthState(sources);
    const problems = [
      ...problemsOf(state, before),
      ...episodes.look(conditionsOf(state), state.now),
    ];
    before = state;
    for (const problem of problems) await raise(problem);
    endpoint?.publish(answersOf(state, version));
  }

  async function watch(): Promise<void> {
    for (; !stop.signal.aborted; await delay(every, stop.signal)) {
      await look().catch((error) => onProblem(`health is not known: ${(error as Error).message}`));
    }
  }

  const watching = watch();
  return {
    store,
    scanned: (summary) => tally.scanned(summary),
    raise,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await watching;
      await endpoint?.[Symbol.asyncDispose]();
    },
  };
}

function answersOf(state: HealthState, version: string): Answers {
  const { started, last_scan, audit: { seq, hash } } = state;
  // What goes on, not what has happened since the last look.
  const going = conditionsOf(state).flatMap(({ problem }) => problem ?? []);
  const problems = [...problemsOf(state, state), ...going].map(({ title }) => title);
  return {
    alive: true,
    health: {
      status: problems.length > 0 ? "degraded" : "ok",
      version,
      started,
      last_scan: last_scan ?? null,
      problems,
      audit: { seq, hash },
    },
    metrics: renderMetrics(metricsOf(state, version)),
  };
}

function withTold(store: Store, told: (alert: Alert) => void): Store {
  return {
    ...store,
    async commitHits(changes) {
      await store.commitHits(changes);
      for (const { alert } of changes.alerts) told(alert);
    },
  };
}
