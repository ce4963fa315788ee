import { type Diagnostic, diagnostic } from "../../diagnostics/diagnostic.ts";
import type { CompiledDetection } from "../../model/compiled.ts";
import { PLATFORM_NAMES } from "../../schema/types.ts";
import {
  type Budget,
  budgetFor,
  budgetOf,
  type Grant,
  type GrantOptions,
  grantsIn,
  grantsOf,
  isGranted,
} from "./grants.ts";
import type { LockFile } from "./lock.ts";
import { listed, widerDiagnostics } from "./wider.ts";

/** What is held against a lock. */
export interface LockCheck {
  /** The lock. */
  readonly lock: LockFile;
  /** The detections that it is for, as far as they compile. */
  readonly detections: readonly CompiledDetection[];
  /** Whether these are all of them, so that what none of them needs is not needed. */
  readonly complete: boolean;
  /** How to accept what is wider, or to narrow the lock. */
  readonly hint: string;
}

/**
 * What detections need and their lock does not grant, at the place in the detection that asks for it, and what the lock
 * grants and nothing needs, at its place there.
 */
export function lockDiagnostics(check: LockCheck, options: GrantOptions): Diagnostic[] {
  const { lock, detections, complete, hint } = check;
  const { budget } = lock;
  if (!budget) return [...lock.diagnostics];
  const needed = budgetOf(detections.flatMap((one) => grantsOf(one, options)));
  return [
    ...detections.flatMap((one) => widerDiagnostics(one, budget, options, hint)),
    ...changedCollectors(check, budget, needed),
    ...complete ? unused(check, budget, needed) : [],
  ];
}

/** A collector that needs more than it did is no detection's doing: the lock is where that is said. */
function changedCollectors(
  { lock: { source, spanOf }, hint }: LockCheck,
  budget: Budget,
  needed: Budget,
): Diagnostic[] {
  const missing = grantsIn(needed).filter((grant) =>
    grant.section === "permissions" && !isGranted(budget, grant) &&
    budgetFor(budget, grant.platform, grant.collector)
  );
  const groups = Map.groupBy(missing, ({ platform, collector }) => `${platform} ${collector}`);
  return [...groups.values()].map((group) => {
    const { platform, collector } = group[0]!;
    const terms = listed(group.map(({ what }) => `\`${what}\``));
    const message = `the collector \`${collector}\` of this toolkit also needs ${terms}`;
    const span = spanOf([platform, collector, "permissions"]);
    return diagnostic("widened-permissions", source, span, message, hint);
  });
}

/** What a lock has beyond what is needed; of a collector or a platform that nothing needs only that is said. */
function unused(
  { lock: { source, spanOf }, hint }: LockCheck,
  budget: Budget,
  needed: Budget,
): Diagnostic[] {
  const excess = grantsIn(budget).filter((grant) => !isGranted(needed, grant))
    .map((grant) => excessOf(grant, needed));
  const groups = Map.groupBy(excess, ({ path }) => JSON.stringify(path));
  return [...groups.values()].map(([one]) => {
    const message = `no detection needs ${one!.what} any more`;
    return diagnostic("unused-permissions", source, spanOf(one!.path), message, hint);
  });
}

function excessOf(
  { platform, collector, section, what }: Grant,
  needed: Budget,
): { readonly path: readonly string[]; readonly what: string } {
  if (!needed[platform]) {
    return { path: [platform], what: `anything on ${PLATFORM_NAMES[platform]}` };
  }
  if (!budgetFor(needed, platform, collector)) {
    return { path: [platform, collector], what: `the collector \`${collector}\`` };
  }
  return { path: [platform, collector, section, what], what: `\`${what}\`` };
}
