import type { Collection, TableOutcome } from "../model/collection.ts";
import type { Platform, TableSpec } from "../schema/types.ts";
import type { CollectorDeclaration } from "./core/collector.ts";
import type { CollectorHandle } from "./core/handle.ts";

/** A collector that was opened, as it is registered. */
export interface Opened {
  /** Its tables. */
  readonly specs: readonly TableSpec[];
  /** Its process. */
  readonly handle: CollectorHandle;
  /** Who stands in for it. */
  readonly fallback?: CollectorDeclaration | undefined;
}

/** Who supplies a table on this host. */
export interface Supplier {
  /** The table. */
  readonly spec: TableSpec;
  /** Whom to ask. */
  readonly handle: CollectorHandle;
  /** Whom to ask where that one fails. */
  readonly base: CollectorHandle | undefined;
  /** Name of the one that this one stands in for, because that cannot read the platform. */
  readonly better: string | undefined;
}

/** The first of the collectors that supplies a table on a platform, with its base source. */
export function findSupplier(
  opened: readonly Opened[],
  table: string,
  platform: Platform,
): Supplier | undefined {
  const suppliers = opened.flatMap(({ specs, ...rest }) => {
    const spec = specs.find(({ name }) => name === table);
    return spec ? [{ spec, ...rest }] : [];
  });
  const here = suppliers.filter(({ handle }) => handle.collector.modules[platform]);
  const [best] = here;
  if (!best) return undefined;
  return {
    spec: best.spec,
    handle: best.handle,
    base: here.find(({ handle }) => handle.collector === best.fallback)?.handle,
    better: suppliers.find(({ fallback }) => fallback === best.handle.collector)?.handle.collector
      .name,
  };
}

/**
 * Passes on what the better source of a table gives. Where that gives no row at all, the base source is asked in the time
 * that is left, by a function that may refuse. What it tells is partial, and says what the better source lacked. Columns
 * that it cannot give are gaps of its batches.
 */
export async function* withFallback(
  better: Collection,
  base: (deadline: number) => Collection | undefined,
  deadline: number,
): Collection {
  const until = performance.now() + deadline;
  let rows = 0;
  let failure: TableOutcome | undefined;
  try {
    while (!failure) {
      const next = await better.next();
      if (!next.done) {
        rows += next.value.rows;
        yield next.value;
      } else if (next.value.status === "unavailable" && rows === 0) failure = next.value;
      else return next.value;
    }
  } finally {
    await better.return({ status: "complete" });
  }
  const left = Math.round(until - performance.now());
  const batches = left > 0 && failure.status !== "complete" ? base(left) : undefined;
  return batches && failure.status !== "complete"
    ? yield* ofBase(batches, failure.reason)
    : failure;
}

/** Passes on what the base source of a table gives, which is partial: why there is no better one, in words. */
export async function* ofBase(batches: Collection, why: string): Collection {
  const outcome = yield* batches;
  const reason = outcome.status === "complete" ? why : `${outcome.reason}; ${why}`;
  return outcome.status === "unavailable"
    ? { status: "unavailable", reason }
    : { status: "partial", reason: `base source: ${reason}` };
}
