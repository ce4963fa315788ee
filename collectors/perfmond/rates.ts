import type { HostUse } from "./host.ts";
import type { Energy } from "./power.ts";

/** What a process had used when it was read. */
export interface Use {
  /** When it started, clock ticks since the start of the host: together with its id, who it is. */
  readonly starttime: number;
  /** When it was read, as `performance.now()` counts. */
  readonly at: number;
  /** Ms of processor time. */
  readonly cpu: number;
  /** Ms that it waited for storage. */
  readonly waited: number;
  /** Bytes from and to storage; absent where they are not known. */
  readonly read?: number | undefined;
  /** See `read`. */
  readonly written?: number | undefined;
  /** Ns for which each engine of the graphics processor worked for it; absent where that was not asked for. */
  readonly engines?: ReadonlyMap<string, number> | undefined;
}

/** What all processes had used. */
export interface Sample {
  /** The host when the reading began. */
  readonly host: HostUse;
  /** Its energy. */
  readonly energy: Energy;
  /** Processes by id. */
  readonly uses: Map<number, Use>;
}

/** What a process used in between two readings, and how long that was; what is not known is absent. */
export interface Difference {
  /** Ms. */
  readonly passed: number;
  /** Ms of processor time. */
  readonly cpu?: number;
  /** Ms that it waited for storage. */
  readonly waited?: number;
  /** Bytes from storage. */
  readonly read?: number;
  /** Bytes to storage. */
  readonly written?: number;
  /** Ns of the engine that worked most for it. */
  readonly engine?: number;
}

/**
 * What a process has used since an earlier sample. One that has started since then has used all it has since its start.
 * `undefined` where the sample should have it and does not. A counter that has gone back tells nothing.
 */
export function differenceOf(
  pid: number,
  use: Use,
  before: Sample,
  age: number,
): Difference | undefined {
  const last = before.uses.get(pid);
  const known = last?.starttime === use.starttime ? last : undefined;
  if (!known && use.at - age < before.host.at) return undefined;
  const passed = known ? use.at - known.at : age;
  if (!(passed > 0)) return undefined;
  const engines = [...use.engines ?? []].map(([name, used]) =>
    grown(used, known ? known.engines?.get(name) ?? 0 : 0) ?? 0
  );
  const difference = {
    cpu: grown(use.cpu, known ? known.cpu : 0),
    waited: grown(use.waited, known ? known.waited : 0),
    read: grown(use.read, known ? known.read : 0),
    written: grown(use.written, known ? known.written : 0),
    engine: engines.length ? Math.max(...engines) : undefined,
  };
  return {
    passed,
    ...Object.fromEntries(Object.entries(difference).filter(([, value]) => value !== undefined)),
  };
}

/** By how much a counter has grown. */
export function grown(now: number | undefined, before: number | undefined): number | undefined {
  return now === undefined || before === undefined || now < before ? undefined : now - before;
}
