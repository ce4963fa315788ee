import { launch, type LaunchSpec } from "../../collectors/core/launch.ts";
import { KILLED } from "../../collectors/core/tail.ts";
import type { ConfinementPolicy } from "../../model/collection.ts";
import type { Cell } from "../../schema/batch.ts";
import { decodeRows, isResultHeader } from "./decode.ts";
import { type Frame, readFrames, writeFrame } from "./frames.ts";
import type { TruthCounts } from "./probe.ts";
import type { Limit, Request } from "./protocol.ts";

/** What became of a query in the sandbox. */
export type SandboxOutcome =
  | {
    readonly status: "done";
    readonly columns: readonly string[];
    /** At most as many as were asked for; infinite reals are `Infinity`, blobs hexadecimal text. */
    readonly rows: readonly (readonly Cell[])[];
    /** There are more rows than these. */
    readonly truncated: boolean;
    /** Time in the query process and on the way, ms. */
    readonly duration_ms: number;
    /** How each clause turned out, if the query has probes. */
    readonly probes?: readonly TruthCounts[];
  }
  /**
   * `resource`: it took more time or memory than allowed. `error`: SQLite refused it, or its process broke.
   * `unavailable`: it did not run to its end, because no process starts, or because nobody waits for it any more.
   */
  | {
    readonly status: "failed";
    readonly kind: "resource" | "error" | "unavailable";
    readonly reason: string;
  };

type Failed = SandboxOutcome & { status: "failed" };

/** An SQLite image under a number that is never given again. */
export interface LoadedImage {
  /** Its number. */
  readonly id: number;
  /** The database. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Another image whose tables are laid over it. */
  readonly over?: Omit<LoadedImage, "over">;
}

/** A query as a process takes it. */
export interface Query {
  /** One SELECT without a semicolon. */
  readonly sql: string;
  /** Values by name without the colon. */
  readonly parameters: Readonly<Record<string, number | bigint | null>>;
  /** Milliseconds after which the process is killed. */
  readonly timeout: number;
  /** Rows beyond these are not returned. */
  readonly maxRows: number;
  /** How many clauses the query has probes for; without it the query may not call them. */
  readonly probes?: number;
}

/** A query process. It dies with this one. */
export interface QueryProcess {
  /** Whether it can take another query. It cannot after a limit was met: what is left in it then is not worth knowing. */
  readonly alive: boolean;
  /** Whether it has taken so many images that a new one is better: Deno keeps a little of each database, for ever. */
  readonly worn: boolean;
  /** Whether its memory limit, which can never be raised, leaves room for an image. */
  fits(image: LoadedImage): boolean;
  /**
   * Runs queries on an image, one after the other and without a pause, and tells what became of each as soon as it is known. It
   * has to be awaited before the next call. Never rejects.
   *
   * @returns how many were run: none behind one that ended the process
   */
  run(
    image: LoadedImage,
    queries: readonly Query[],
    tell: (outcome: SandboxOutcome, at: number) => void,
  ): Promise<number>;
  /** Kills it, and resolves when it is gone. */
  kill(): Promise<void>;
}

/** Why what ran when its process was killed has no result. */
export const CLOSED = "the sandbox is closed";

/** Characters of JSON that the rows of a result may take. */
const MAX_RESULT = 32 << 20;

/** A process that has taken so many images keeps some 10 MB of them. */
const MAX_LOADS = 1_000;

/** Images grow a little from scan to scan; this much does not cost a new process. */
const IMAGE_STEP = 16 << 20;

/** Longer than any start and any loading of an image takes on a busy host, ms. */
const PATIENCE = 30_000;

const SPEC: Omit<LaunchSpec, "policy"> = {
  name: "query process",
  module: new URL("child.ts", import.meta.url),
  sources: ["dialect", "engine/sandbox", "std"],
  npm: true,
  v8Flags: [
    "--max-old-space-size=256",
    "--max-semi-space-size=2",
    "--single-threaded-gc",
    "--expose-gc",
  ],
};

/**
 * Starts a query process and waits until it is ready.
 *
 * @param memory bytes that a query may use besides the image
 * @param yielding whether it gives way to whoever else wants the processors, where the confinement is the strongest
 * @throws {ConfinementRefused} where the policy asks for more than the host can give
 * @throws {Error} where the process does not start
 */
export async function startQueryProcess(
  policy: ConfinementPolicy,
  memory: number,
  yielding: boolean,
): Promise<QueryProcess> {
  const { process, stderr } = await launch({ ...SPEC, policy, ...yielding && { yielding } });
  const frames = readFrames<unknown>(process.stdout, MAX_RESULT * 4);
  const writer = process.stdin.getWriter();
  writer.closed.catch(() => {});
  let alive = true;
  let heap = 0;
  let loads = 0;
  let loaded: number | undefined;
  let laid: number | undefined;

  async function kill(): Promise<void> {
    alive = false;
    try {
      process.kill("SIGKILL");
    } catch {
      // It is gone already.
    }
    await process.status;
    // Whoever holds them keeps the pipes open.
    await Promise.all([stderr.closed, frames.return(), writer.abort().catch(() => {})]);
  }

  /** Why the process is gone, after it has been seen to break. */
  async function postMortem(): Promise<Failed> {
    const unasked = alive;
    await kill();
    const text = stderr.text();
    const { signal } = await process.status;
    if (!unasked) return { status: "failed", kind: "unavailable", reason: CLOSED };
    // What befalls a host may not switch a detection off for good.
    if (signal === "SIGKILL" || text.includes(KILLED)) {
      return { status: "failed", kind: "resource", reason: `the query process was ${KILLED}` };
    }
    // V8 says so, and ends itself by a signal.
    if (/out of memory|OOM/i.test(text)) {
      return { status: "failed", kind: "resource", reason: LIMIT_REASONS.memory(memory) };
    }
    const how = signal ? `was ended by ${signal}` : `ended${text && `: ${text.split(" | ")[0]}`}`;
    return { status: "failed", kind: "error", reason: `the query process ${how}` };
  }

  /** The next message, or why there is none; `timeout` in ms. */
  async function receive(timeout: number): Promise<Frame<unknown> | Failed> {
    const { promise: late, resolve: tooLate } = Promise.withResolvers<"late">();
    const timer = setTimeout(tooLate, timeout, "late");
    try {
      const next = await Promise.race([frames.next(), late]);
      if (next === "late") {
        await kill();
        const seconds = Math.round(timeout / 100) / 10;
        return { status: "failed", kind: "resource", reason: `timeout of ${seconds} s exceeded` };
      }
      return next.done ? await postMortem() : next.value;
    } catch {
      return await postMortem();
    } finally {
      clearTimeout(timer);
    }
  }

  /** The answer to a question that was sent. */
  async function answer(timeout: number): Promise<Frame<unknown> | Failed> {
    const answer = await receive(timeout);
    if ("status" in answer) return answer;
    const failed = failure(answer.header, memory);
    if (failed?.kind === "resource") await kill();
    return failed ?? answer;
  }

  async function ask(
    request: Request,
    payload?: Uint8Array<ArrayBuffer>,
  ): Promise<Frame<unknown> | Failed> {
    try {
      await writeFrame(writer, request, payload);
    } catch {
      return await postMortem();
    }
    return await answer(PATIENCE);
  }

  async function load(image: LoadedImage): Promise<Failed | undefined> {
    heap ||= heapFor(image, memory);
    loads++;
    // Whatever becomes of it, the image before is gone.
    loaded = laid = undefined;
    const answer = await ask({ type: "load", heap }, image.bytes);
    if ("status" in answer) return answer;
    loaded = image.id;
    return undefined;
  }

  /** Makes the image what queries see. */
  async function show(image: LoadedImage): Promise<Failed | undefined> {
    const failed = loaded !== image.id && await load(image);
    if (failed) return failed;
    if (laid === image.over?.id) return undefined;
    const answer = await ask({ type: "lay" }, image.over?.bytes);
    if ("status" in answer) {
      // Nobody is to see what was laid by half.
      loaded = undefined;
      return answer;
    }
    laid = image.over?.id;
    return undefined;
  }

  /** The outcome of a query that was sent. */
  async function outcome(timeout: number): Promise<SandboxOutcome> {
    const started = performance.now();
    const found = await answer(timeout);
    if ("status" in found) return found;
    try {
      const { header, payload } = found;
      if (!isResultHeader(header)) throw new TypeError("the header is none of a result");
      return {
        status: "done",
        columns: header.columns,
        rows: decodeRows(header, payload),
        truncated: header.truncated,
        duration_ms: performance.now() - started,
        ...(header.probes && { probes: header.probes }),
      };
    } catch (error) {
      await kill();
      return { status: "failed", kind: "error", reason: `the query process is broken: ${error}` };
    }
  }

  const hello = await receive(PATIENCE);
  if ("status" in hello) throw new Error(`the query process does not start: ${hello.reason}`);

  return {
    get alive() {
      return alive;
    },
    get worn() {
      return loads >= MAX_LOADS;
    },
    fits: (image) => heap === 0 || heapFor(image, memory) <= heap,
    async run(image, queries, tell) {
      const failed = await show(image);
      if (failed) {
        tell(failed, 0);
        return 1;
      }
      // Whoever reads the answer hears that it could not be written.
      for (const query of queries) writeFrame(writer, requestOf(query)).catch(() => {});
      for (const [at, { timeout }] of queries.entries()) {
        tell(await outcome(timeout), at);
        if (!alive) return at + 1;
      }
      return queries.length;
    },
    kill,
  };
}

function requestOf({ sql, parameters, maxRows, probes }: Query): Request {
  return {
    type: "run",
    sql,
    parameters: Object.fromEntries(
      Object.entries(parameters).map(([name, value]) => [name, value?.toString() ?? null]),
    ),
    maxRows,
    maxResult: MAX_RESULT,
    ...(probes !== undefined && { probes }),
  };
}

/** What is laid over an image is copied. */
function heapFor({ bytes, over }: LoadedImage, memory: number): number {
  const size = bytes.length + 2 * (over?.bytes.length ?? 0);
  return Math.ceil(size / IMAGE_STEP) * IMAGE_STEP + memory;
}

const mebibytes = (bytes: number) => `${Math.round(bytes / (1 << 20))} MiB`;

const LIMIT_REASONS: Readonly<Record<Limit, (memory: number) => string>> = {
  memory: (memory) => `memory cap of ${mebibytes(memory)} exceeded`,
  value: () => "a value of the query is too large",
  result: () => `the result is larger than ${mebibytes(MAX_RESULT)}`,
};

/** The failure that a message tells of, if it does. */
function failure(header: unknown, memory: number): Failed | undefined {
  const { type, limit, reason } = (header ?? {}) as {
    type?: string;
    limit?: Limit;
    reason?: string;
  };
  if (type === "error") return { status: "failed", kind: "error", reason: String(reason) };
  if (type !== "limit") return undefined;
  const explain = LIMIT_REASONS[limit!] ?? (() => "a limit was met");
  return { status: "failed", kind: "resource", reason: explain(memory) };
}
