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
}

/** A database that queries can be run on. */
export type SandboxImage = LoadedImage;

/**
 * Runs queries in processes of their own, which have no permission and die with this one. A query that meets a limit
 * takes nothing along: its process is killed and another one, already running, takes its place.
 */
export interface Sandbox extends AsyncDisposable {
  /** Takes a serialized SQLite database. Each process gets it when it first needs it. */
  load(bytes: Uint8Array<ArrayBuffer>): SandboxImage;
  /** Runs a query when a process is free, in the order of calls. Never rejects. */
  run(query: SandboxQuery): Promise<SandboxOutcome>;
  /** Kills every process; queries that have not ended fail. */
  close(): Promise<void>;
}

/** The first result rows that count. */
export const MAX_ROWS = 10_000;

const DEFAULT_MEMORY = 128 << 20;

interface Job {
  readonly query: SandboxQuery;
  readonly resolve: (outcome: SandboxOutcome) => void;
}

/**
 * Opens a sandbox: its processes and one to spare are started, and the first one is waited for.
 *
 * @throws {ConfinementRefused} where the policy asks for more than the host can give
 * @throws {Error} where no process starts
 */
export async function openSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { policy, size = navigator.hardwareConcurrency, memory = DEFAULT_MEMORY } = options;
  const processes = new Set<Promise<QueryProcess>>();
  const jobs: Job[] = [];
  const idle: (() => void)[] = [];
  let images = 0;
  let closed = false;

  function start(): Promise<QueryProcess> {
    const process = startQueryProcess(policy, memory);
    processes.add(process);
    // Who takes it sees the failure; a spare one that nobody takes must not end the program.
    process.catch(() => processes.delete(process));
    return process;
  }

  let spare = start();
  await spare;

  async function discard(process: Promise<QueryProcess>): Promise<void> {
    processes.delete(process);
    await process.then((one) => one.kill(), () => {});
  }

  async function nextJob(): Promise<Job | undefined> {
    while (!closed && jobs.length === 0) await new Promise<void>((wake) => idle.push(wake));
    return closed ? undefined : jobs.shift();
  }

  /** The process that is ready, while another one is made ready. */
  function take(): Promise<QueryProcess> {
    const taken = spare;
    if (!closed) spare = start();
    return taken;
  }

  /** Does one job after the other, each in a process that is fit for it. */
  async function work(): Promise<void> {
    let mine = take();
    for (let job = await nextJob(); job; job = await nextJob()) {
      const { query, resolve } = job;
      try {
        let process = await mine;
        if (!process.alive || !process.fits(query.image)) {
          await discard(mine);
          mine = take();
          process = await mine;
        }
        resolve(await process.run(query.image, { maxRows: MAX_ROWS, ...query }));
        if (!process.alive && !closed) {
          await discard(mine);
          mine = take();
        }
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        resolve({ status: "failed", kind: "error", reason });
        mine = take();
      }
    }
  }

  const workers = Array.from({ length: size }, work);

  async function close(): Promise<void> {
    closed = true;
    for (const { resolve } of jobs.splice(0)) {
      resolve({ status: "failed", kind: "error", reason: "the sandbox is closed" });
    }
    for (const wake of idle.splice(0)) wake();
    await Promise.all([...processes].map(discard));
    await Promise.all(workers);
  }

  return {
    load: (bytes) => ({ id: ++images, bytes }),
    run(query) {
      if (closed) {
        return Promise.resolve({
          status: "failed",
          kind: "error",
          reason: "the sandbox is closed",
        });
      }
      const { promise, resolve } = Promise.withResolvers<SandboxOutcome>();
      jobs.push({ query, resolve });
      idle.shift()?.();
      return promise;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
