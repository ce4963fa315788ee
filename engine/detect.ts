import type { Collectors } from "../collectors/mod.ts";
import type { Alert } from "../model/alert.ts";
import type { TableOutcome } from "../model/collection.ts";
import type { CompiledDetection, TableRead } from "../model/compiled.ts";
import type { ScanManifest } from "../model/scan.ts";
import type { NotEvaluated } from "../model/verdict.ts";
import type { Catalogue } from "../profiles/mod.ts";
import type { RecordBatch } from "../schema/batch.ts";
import { fillStoredColumns, type Store, StoreError } from "../store/mod.ts";
import { type DetectionEvaluation, evaluateDetection } from "./evaluate.ts";
import { someEventCounts } from "./event_filter.ts";
import { type Candidate, concludeRun, type DetectionRun, finish, type Finished } from "./finish.ts";
import { loadHistory } from "./history.ts";
import { currentState, reasonToRest } from "./rule_health.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";
import { eventQuery } from "./semantics/event_query.ts";
import { collectForEvents } from "./triggers/events.ts";
import { resourceDigests } from "./triggers/resources.ts";
import { createStates, type States } from "./states.ts";
import { type View, type ViewOptions, viewOver } from "./view.ts";

export type { DetectionRun } from "./finish.ts";

/** Options of {@linkcode detect}. */
export interface DetectOptions {
  /** Where the rows are, and alerts and states are kept. */
  readonly store: Store;
  /** The committed scan to judge. */
  readonly manifest: ScanManifest;
  /** Where queries run. */
  readonly sandbox: Sandbox;
  /** What is evaluated. */
  readonly detections: readonly CompiledDetection[];
  /** The tables that there are. */
  readonly catalogue: Catalogue;
  /** The value of `:now`, ms since the epoch. */
  readonly now: number;
  /**
   * Events since the judged scan, for detections in events mode: the rows of each table, oldest first, as collectors send
   * them. Without it these detections are not evaluated.
   */
  readonly events?: readonly RecordBatch[];
  /** Whether these are all events, by table, where somebody knows. */
  readonly streamed?: ReadonlyMap<string, TableOutcome>;
  /** Who is asked for the keys that events have. Without them their rows are those that were given. */
  readonly collectors?: Collectors;
  /** What is shared with others who judge the same scan. */
  readonly states?: States;
  /** What these others read. */
  readonly also?: readonly TableRead[];
  /** Called with a sentence for a progress line. */
  readonly onProgress?: (text: string) => void;
  /** Given alerts as soon as they are stored, or could not be; what it throws ends the judging. */
  readonly onAlerts?: (alerts: readonly Alert[]) => Promise<void>;
  /** Given runs as soon as they are finished and their alerts were given: where judging throws, these are not concerned. */
  readonly onRuns?: (runs: readonly DetectionRun[]) => Promise<void>;
}

/** What became of all of them. */
export interface DetectResult {
  /** In the order of the detections. */
  readonly runs: readonly DetectionRun[];
  /** Alerts raised, stored already unless there is a problem. */
  readonly alerts: readonly Alert[];
  /**
   * What the store threw, if it could not keep the alerts. They were raised nevertheless, without suppression where that
   * could not be looked up: an alert too many is better than none.
   */
  readonly problem?: Error;
}

/**
 * Judges a committed scan: evaluates every detection, side by side, and turns what they find into stored alerts. Whatever
 * becomes of one detection, the others go on. Fixture tests and hosts both come through here.
 *
 * @throws {StoreError} where the rows of the scan cannot be read
 */
export async function detect(options: DetectOptions): Promise<DetectResult> {
  const { detections } = options;
  const shown = withStoredColumns(options);
  const finished = new Map<CompiledDetection, Finished>();
  for (const some of waves(detections, shown.events)) {
    for (const one of await detectTogether(some, shown)) finished.set(one.run.compiled, one);
  }
  const all = detections.map((one) => finished.get(one)!);
  const problem = all.find((one) => one.problem)?.problem;
  return {
    runs: all.map(({ run }) => run),
    alerts: all.flatMap(({ alerts }) => alerts),
    ...(problem && { problem }),
  };
}

/** Gives events the columns that the store fills. */
export function withStoredColumns<Options extends Omit<DetectOptions, "detections">>(
  options: Options,
): Options {
  const { events, manifest: { scan_id, host }, now } = options;
  if (!events) return options;
  const stored = { scan_id, host, collection_time: now };
  return { ...options, events: events.map((batch) => fillStoredColumns(batch, stored)) };
}

/**
 * The detections in the order in which they are judged: on events first those to which one of them may lead at once, then
 * those that ask for rows before, and last those that have nothing to do with them.
 */
function waves(
  detections: readonly CompiledDetection[],
  events: readonly RecordBatch[] | undefined,
): readonly CompiledDetection[][] {
  if (!events) return [[...detections]];
  const [concerned, others] = partition(detections, (one) => someEventCounts(one, events));
  const [asking, ready] = partition(concerned, ({ plan }) => plan.triggers.length > 0);
  return [ready, asking, others].filter((some) => some.length > 0);
}

async function detectTogether(
  detections: readonly CompiledDetection[],
  options: Omit<DetectOptions, "detections">,
): Promise<Finished[]> {
  const candidates = await Promise.all(detections.map((one) => candidateOf(one, options)));
  const evaluations = await evaluateAll(candidates, options);
  const finished: Finished[] = [];
  for (let at = 0; at < candidates.length; at += TOGETHER) {
    const some = candidates.slice(at, at + TOGETHER);
    const now = await finishTogether(some, evaluations, options);
    finished.push(...now);
    const alerts = now.flatMap((one) => one.alerts);
    if (alerts.length > 0) await options.onAlerts?.(alerts);
    await options.onRuns?.(now.map(({ run }) => run));
  }
  return finished;
}

/** What is remembered from run to run can be much: that of so many detections is held at a time. */
const TOGETHER = 16;

async function finishTogether(
  candidates: readonly Candidate[],
  evaluations: ReadonlyMap<Candidate, DetectionEvaluation>,
  options: Omit<DetectOptions, "detections">,
): Promise<Finished[]> {
  const concluded = await Promise.all(
    candidates.map((candidate) => concludeRun(candidate, evaluations.get(candidate)!, options)),
  );
  const finishing: Promise<Finished>[] = [];
  for (const one of concluded) {
    const finished = finish(one, options);
    finishing.push(finished);
    // Alerts are stored in the order of the detections; what raises none waits for nobody.
    if (one.run.hits.length > 0) await finished;
  }
  return await Promise.all(finishing);
}

async function candidateOf(
  compiled: CompiledDetection,
  { store, now }: Pick<DetectOptions, "store" | "now">,
): Promise<Candidate> {
  const { id } = compiled.detection.meta;
  const stored = await store.ruleState(id);
  const state = currentState(stored, id, compiled.digest);
  return { compiled, before: stored ?? state, state, rest: reasonToRest(state, now) };
}

/** Evaluates what does not rest. Detections that see the same rows share an image of them. */
async function evaluateAll(
  candidates: readonly Candidate[],
  options: Omit<DetectOptions, "detections">,
): Promise<ReadonlyMap<Candidate, DetectionEvaluation>> {
  const { sandbox, now, onProgress } = options;
  const evaluations = new Map<Candidate, DetectionEvaluation>();
  const done = (candidate: Candidate, evaluation: DetectionEvaluation) => {
    evaluations.set(candidate, evaluation);
    onProgress?.(`evaluating: ${evaluations.size} of ${candidates.length}`);
  };
  for (const candidate of candidates) {
    if (candidate.rest !== undefined) {
      done(candidate, notEvaluated({ kind: "disabled", reason: candidate.rest }));
    }
  }
  const active = candidates.filter(({ rest }) => rest === undefined);
  const groups = Map.groupBy(active, ({ compiled }) =>
    JSON.stringify([
      compiled.detection.meta.lookback ?? null,
      resourceDigests(compiled, options.catalogue),
    ]));
  for (const group of groups.values()) {
    const detections = group.map(({ compiled }) => compiled);
    const { lookback } = detections[0]!.detection.meta;
    const view = await viewWithKeys(detections, lookback, options)
      .catch((error) => unreadableHistory(error, lookback));
    const evaluate = async (candidate: Candidate) => {
      const evaluation = "kind" in view
        ? notEvaluated(view)
        : await evaluateDetection(candidate.compiled, view, now, sandbox);
      done(candidate, evaluation);
    };
    // One that costs much leaves room for the others: only one of them runs at a time.
    const [costly, cheap] = partition(group, ({ compiled }) => compiled.plan.cost.class === "high");
    const oneByOne = async () => {
      for (const candidate of costly) await evaluate(candidate);
    };
    await Promise.all([...cheap.map(evaluate), oneByOne()]);
  }
  return evaluations;
}

/** Earlier scans that are damaged, or removed meanwhile, keep no detection from running that does not look back. */
function unreadableHistory(error: unknown, lookback: number | undefined): NotEvaluated {
  if (lookback === undefined || !(error instanceof StoreError)) throw error;
  const reason = `the history of \`lookback\` cannot be read: ${error.message}`;
  return { kind: "unavailable", reason };
}

/** Those of which it holds, and the others. */
function partition<T>(all: readonly T[], holds: (one: T) => boolean): [T[], T[]] {
  return [all.filter(holds), all.filter((one) => !holds(one))];
}

/** {@linkcode viewFor}, with the rows of the keys that events have. */
async function viewWithKeys(
  detections: readonly CompiledDetection[],
  lookback: number | undefined,
  options: Omit<DetectOptions, "detections">,
): Promise<View | NotEvaluated> {
  const { store, catalogue, sandbox, collectors, events } = options;
  const unread = new Set(
    events?.filter((batch) => !detections.some((one) => someEventCounts(one, [batch])))
      .map(({ table }) => table),
  );
  const { states = createStates(store, catalogue, sandbox) } = options;
  const shown = { ...options, states, unread };
  const view = await viewFor(detections, lookback, shown);
  if (!collectors || !events || "kind" in view) return view;
  const triggered = detections.filter((one) =>
    one.plan.triggers.length > 0 && someEventCounts(one, events)
  );
  if (triggered.length === 0) return view;
  const extra = await collectForEvents(triggered, view, {
    ...options,
    collectors,
    reload: (extra) => viewFor(detections, lookback, { ...shown, extra }),
  });
  return await viewFor(detections, lookback, { ...shown, extra });
}

/** When rows of a table that the scan did not ask for are still shown, where no period says so: ms. */
const DEFAULT_PERIOD = 60_000;

/**
 * What detections with the same lookback and the same resources are evaluated over, or why that cannot be had. Events have
 * been through {@linkcode withStoredColumns}.
 *
 * @throws {StoreError} where the rows cannot be read
 */
export async function viewFor(
  detections: readonly CompiledDetection[],
  lookback: number | undefined,
  options: Omit<DetectOptions, "detections"> & Pick<ViewOptions, "extra" | "unread">,
): Promise<View | NotEvaluated> {
  const { store, manifest, catalogue, sandbox, now, events, unread, streamed, extra, also } =
    options;
  const only = detections.flatMap(({ tables }) => tables);
  const read = detections.flatMap(readsOfState);
  const resources = detections[0] ? resourceDigests(detections[0], catalogue) : {};
  const shown = {
    only,
    resources,
    ...(extra && { extra }),
    ...(unread && { unread }),
    ...(events && { events }),
    ...(streamed && { streamed }),
  };
  if (lookback !== undefined) {
    const since = now - lookback;
    return await loadHistory(store, manifest, catalogue, sandbox, { ...shown, since });
  }
  const periods = detections.map(({ detection: { meta } }) =>
    meta.schedule.every ?? DEFAULT_PERIOD
  );
  const oldest = now - 2 * Math.max(...periods);
  const { states = createStates(store, catalogue, sandbox) } = options;
  const state = await states.of(manifest, { only: read, resources, oldest, ...(also && { also }) });
  return await viewOver(state, catalogue, sandbox, shown);
}

/** What a detection reads of the rows of scans: in events mode not the events that it streams from. */
export function readsOfState(compiled: CompiledDetection): readonly TableRead[] {
  const { detection: { meta }, tables } = compiled;
  return meta.mode === "events" ? eventQuery(compiled)?.state ?? tables : tables;
}

function notEvaluated(why: NotEvaluated): DetectionEvaluation {
  return { evaluation: { status: "not_evaluated", why }, excepted: new Map() };
}
