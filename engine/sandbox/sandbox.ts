import type { ConfinementPolicy } from "../../model/collection.ts";
import {
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
  /** Kills every process; queries that have not ended fail. */
  close(): Promise<void>;
}

/** The first result rows that count. */
export const MAX_ROWS = 10_000;

const DEFAULT_MEMORY = 128 << 20;

const CLOSED = "the sandbox is closed";

interface Job {
  readonly query: SandboxQuery;
  readonly resolve: (outcome: SandboxOutcome) => void;
}

/** A query waits so long for a process that runs before another one is started: what is cheap needs but one. */
const WORTH_A_PROCESS = 1_000;

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

  first.process = startQueryProcess(policy, memory);
  await first.process;

  const isIdle = () => urgent.length === 0 && others.length === 0;

  async function discard(worker: Worker): Promise<void> {
    const { process } = worker;
    worker.process = undefined;
    await process?.then((one) => one.kill(), () => {});
  }

  /** Calls whoever has a process; who would have to start one only where a job has waited, or nobody has one. */
  function call(): void {
    const running = workers.some(({ process }) => process);
    const ready = [...waiting.keys()].find(({ process }) => process || !running);
    if (ready) return wake(ready);
    late ??= setTimeout(() => {
      late = undefined;
      const [next] = waiting.keys();
      if (isIdle()) return;
      if (next) wake(next);
      call();
    }, WORTH_A_PROCESS);
  }

  function wake(worker: Worker): void {
    waiting.get(worker)!();
    waiting.delete(worker);
  }

  async function nextJob(worker: Worker): Promise<Job | undefined> {
    while (!closed && isIdle()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const ending = worker !== first && worker.process && setTimeout(discard, IDLE, worker);
      waiting.set(worker, resolve);
      await promise;
      if (ending) clearTimeout(ending);
    }
    return closed ? undefined : urgent.shift() ?? others.shift();
  }

  /** The process that is fit for an image. */
  async function processFor(worker: Worker, image: SandboxImage): Promise<QueryProcess> {
    const process = await worker.process;
    if (process?.alive && process.fits(image)) return process;
    await discard(worker);
    if (closed) throw new Error(CLOSED);
    worker.process = startQueryProcess(policy, memory);
    return await worker.process;
  }

  async function work(worker: Worker): Promise<void> {
    for (let job = await nextJob(worker); job; job = await nextJob(worker)) {
      const { query, resolve } = job;
      try {
        const process = await processFor(worker, query.image);
        resolve(await process.run(query.image, { maxRows: MAX_ROWS, ...query }));
        if (!process.alive || process.worn && isIdle()) await discard(worker);
        // The next query finds a process as it would have found this one; it is told where there is none.
        if (process.worn && !closed && !worker.process) {
          worker.process = startQueryProcess(policy, memory);
          worker.process.catch(() => {});
        }
      } catch (error) {
        worker.process = undefined;
        const reason = error instanceof Error ? error.message : String(error);
        resolve({ status: "failed", kind: "error", reason });
      }
    }
    await discard(worker);
  }

  const working = workers.map(work);

  async function close(): Promise<void> {
    closed = true;
    for (const { resolve } of [...urgent.splice(0), ...others.splice(0)]) {
      resolve({ status: "failed", kind: "error", reason: CLOSED });
    }
    clearTimeout(late);
    for (const worker of waiting.keys()) wake(worker);
    await Promise.all(workers.map(discard));
    await Promise.all(working);
  }

  return {
    load: (bytes) => ({ id: ++images, bytes }),
    lay: (bytes, image) => ({ ...image, over: { id: ++images, bytes } }),
    run(query) {
      if (closed) {
        return Promise.resolve({
          status: "failed",
          kind: "error",
          reason: CLOSED,
        });
      }
      const { promise, resolve } = Promise.withResolvers<SandboxOutcome>();
      (query.urgent ? urgent : others).push({ query, resolve });
      call();
      return promise;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
