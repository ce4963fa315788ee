import type { ConfinementPolicy } from "../../model/collection.ts";
import {
  CLOSED,
  type LoadedImage,
  type Query,
  type QueryProcess,
  type SandboxOutcome,
  startQueryProcess,
} from "./query_process.ts";

/** How a sandbox is made. */
export interface SandboxOptions {
  /** How its processes are confined. */
  readonly policy: ConfinementPolicy;
  /** Queries that run at the same time; as many as there are processor cores by default. */
  readonly size?: number;
  /** Bytes that a query may use besides the image; 128 MiB by default. */
  readonly memory?: number;
}

/** A query for the sandbox. */
export interface SandboxQuery extends Omit<Query, "maxRows"> {
  /** What it is asked of. */
  readonly image: SandboxImage;
  /** Rows beyond these are not returned; 10,000 by default. */
  readonly maxRows?: number;
  /** It goes before those that wait and are not. */
  readonly urgent?: true;
}

/** A database that queries can be run on. */
export type SandboxImage = LoadedImage;

/**
 * Runs queries in processes of their own, which have no permission and die with this one. A query that meets a limit
 * takes nothing along: its process is killed and another one takes its place. There are no more processes than the queries
 * need.
 */
export interface Sandbox extends AsyncDisposable {
  /** Takes a serialized SQLite database. Each process gets it when it first needs it. */
  load(bytes: Uint8Array<ArrayBuffer>): SandboxImage;
  /**
   * The same with the tables of another database in the place of its own. A process that has the image gets only them.
   */
  lay(bytes: Uint8Array<ArrayBuffer>, image: SandboxImage): SandboxImage;
  /** Runs a query when a process is free, urgent ones first, and otherwise in the order of calls. Never rejects. */
  run(query: SandboxQuery): Promise<SandboxOutcome>;
  /** Kills every process; queries that have not ended are unavailable. */
  close(): Promise<void>;
}

/** The first result rows that count. */
export const MAX_ROWS = 10_000;

const DEFAULT_MEMORY = 128 << 20;

interface Job {
  readonly query: SandboxQuery;
  readonly resolve: (outcome: SandboxOutcome) => void;
  readonly since: number;
}

/** Says of queries that they did not run, which is not their fault. */
function fail(jobs: readonly Job[], reason: string): void {
  for (const { resolve } of jobs) resolve({ status: "failed", kind: "unavailable", reason });
}

/** A query waits so long for a process that runs before another one is started: what is cheap needs but one. */
const WORTH_A_PROCESS = 1_000;

/**
 * So long after an urgent query, ms, the first process does nothing else where there is another one: a query that runs cannot be
 * interrupted, and its image is not the one of the next urgent query.
 */
const KEPT_FREE = 10_000;

/** Urgent queries that have waited so long for the first process are answered by another one, too, ms. */
const HELPED_AFTER = 100;

/** Urgent queries on an image that a process takes at once: it does not wait for this one between them. */
const AT_ONCE = 8;

/** A process besides the first one that had nothing to do for so long is ended, ms. */
const IDLE = 30_000;

/** Does one job after the other, in a process that it starts when it needs one. */
interface Worker {
  process?: Promise<QueryProcess> | undefined;
}

/**
 * Opens a sandbox: its first process is started and waited for.
 *
 * @throws {ConfinementRefused} where the policy asks for more than the host can give
 * @throws {Error} where no process starts
 */
export async function openSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { policy, size = navigator.hardwareConcurrency, memory = DEFAULT_MEMORY } = options;
  const urgent: Job[] = [];
  const others: Job[] = [];
  const workers = Array.from({ length: size }, (): Worker => ({}));
  const first = workers[0]!;
  const waiting = new Map<Worker, () => void>();
  let images = 0;
  let closed = false;
  let late: ReturnType<typeof setTimeout> | undefined;
  let helping: ReturnType<typeof setTimeout> | undefined;
  let lastUrgent = -Infinity;

  /** The first one answers urgent queries; the others give way. */
  const start = (worker: Worker) => startQueryProcess(policy, memory, worker !== first);

  first.process = start(first);
  await first.process;

  const isIdle = () => urgent.length === 0 && others.length === 0;

  function isKeptFree(worker: Worker): boolean {
    return worker === first && performance.now() - lastUrgent < KEPT_FREE &&
      workers.some(({ process }, at) => at > 0 && process);
  }

  /** The queue that a worker goes on with, if any. */
  function queueFor(worker: Worker): Job[] | undefined {
    const [next] = urgent;
    const helps = next && performance.now() - next.since >= HELPED_AFTER;
    if (next && (worker === first || helps)) return urgent;
    return others.length > 0 && !isKeptFree(worker) ? others : undefined;
  }

  async function discard(worker: Worker): Promise<void> {
    const { process } = worker;
    worker.process = undefined;
    await process?.then((one) => one.kill(), () => {});
  }

  /** Calls whoever has a process, or is the first one; who else would have to start one only where a job has waited. */
  function call(): void {
    if (urgent.length > 0) callForHelp();
    const ready = [...waiting.keys()].find((worker) =>
      (worker.process || worker === first) && queueFor(worker)
    );
    if (ready) return wake(ready);
    late ??= setTimeout(() => {
      late = undefined;
      const next = [...waiting.keys()].find(queueFor);
      if (isIdle()) return;
      if (next) wake(next);
      call();
    }, WORTH_A_PROCESS);
  }

  /** Calls others where the first process does not get to urgent queries. */
  function callForHelp(): void {
    helping ??= setTimeout(() => {
      helping = undefined;
      if (urgent.length > 0) call();
    }, HELPED_AFTER);
  }

  function wake(worker: Worker): void {
    waiting.get(worker)!();
    waiting.delete(worker);
  }

  /** What a worker does next, all of it on one image; nothing once the sandbox is closed. */
  async function nextJobs(worker: Worker): Promise<Job[]> {
    while (!closed && !queueFor(worker)) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const ending = worker !== first && worker.process && setTimeout(discard, IDLE, worker);
      waiting.set(worker, resolve);
      await promise;
      if (ending) clearTimeout(ending);
    }
    if (closed) return [];
    const queue = queueFor(worker)!;
    const { image } = queue[0]!.query;
    if (queue === others) return queue.splice(0, 1);
    const other = queue.findIndex(({ query }) => query.image !== image);
    return queue.splice(0, Math.min(other === -1 ? queue.length : other, AT_ONCE));
  }

  /** The process that is fit for an image. */
  async function processFor(worker: Worker, image: SandboxImage): Promise<QueryProcess> {
    const process = await worker.process;
    if (process?.alive && process.fits(image)) return process;
    await discard(worker);
    if (closed) throw new Error(CLOSED);
    worker.process = start(worker);
    return await worker.process;
  }

  async function work(worker: Worker): Promise<void> {
    for (let jobs = await nextJobs(worker); jobs.length > 0; jobs = await nextJobs(worker)) {
      const { image } = jobs[0]!.query;
      try {
        const process = await processFor(worker, image);
        const queries = jobs.map(({ query }) => ({ maxRows: MAX_ROWS, ...query }));
        const told = await process.run(image, queries, (outcome, at) => jobs[at]!.resolve(outcome));
        // What stood behind a query that ended the process has not been run.
        const left = jobs.slice(told);
        if (closed) fail(left, CLOSED);
        else if (left.length > 0) {
          urgent.unshift(...left);
          call();
        }
        if (!process.alive || process.worn) await discard(worker);
      } catch (error) {
        worker.process = undefined;
        const reason = error instanceof Error ? error.message : String(error);
        fail(jobs, reason);
      }
    }
    await discard(worker);
  }

  const working = workers.map(work);

  async function close(): Promise<void> {
    closed = true;
    fail([...urgent.splice(0), ...others.splice(0)], CLOSED);
    clearTimeout(late);
    clearTimeout(helping);
    for (const worker of waiting.keys()) wake(worker);
    await Promise.all(workers.map(discard));
    await Promise.all(working);
  }

  return {
    load: (bytes) => ({ id: ++images, bytes }),
    lay: (bytes, image) => ({ ...image, over: { id: ++images, bytes } }),
    run(query) {
      const { promise, resolve } = Promise.withResolvers<SandboxOutcome>();
      const job = { query, resolve, since: performance.now() };
      if (closed) fail([job], CLOSED);
      else if (query.urgent) {
        lastUrgent = job.since;
        urgent.push(job);
      } else others.push(job);
      if (!closed) call();
      return promise;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
