import type { CompiledDetection } from "../../model/compiled.ts";
import type { DifferentialState, GoneRow, PresentRow } from "../../model/evaluation_state.ts";
import type { Hit } from "../../model/hits.ts";
import type { Cell } from "../../schema/batch.ts";
import { shortKey, stateDigest } from "./identity.ts";
import { restoredRow, storedRow } from "./stored_row.ts";

/** Rows that are not in the result and yet are remembered; with more of them the longest unseen are forgotten. */
const MAX_UNSEEN = 50_000;

/** Characters that these rows may take as JSON. */
const MAX_UNSEEN_TEXT = 16 << 20;

/** A result to be compared with the one before. */
export interface Comparison {
  readonly compiled: CompiledDetection;
  /** What makes a row the same row. */
  readonly identity: readonly string[];
  /** Rows that no exception excludes. */
  readonly rows: readonly (readonly Cell[])[];
  /** Rows that one does. */
  readonly excepted: readonly (readonly Cell[])[];
  /** Whether rows may be missing that are there on the host. */
  readonly partial: boolean;
  /** The scan that was judged. */
  readonly scan_id: number;
  /** The value of `:now`, ms since the epoch. */
  readonly now: number;
}

/** What a step of evaluation makes of a result: hits, the state to go on with, and what is to be told of it. */
export interface Step<State> {
  readonly hits: readonly Hit[];
  readonly state: State;
  /** Why the step is not all that it should be. */
  readonly note?: string;
}

/**
 * What was added and what was removed since the last run that was evaluated.
 *
 * Rows with the same identity are one row, the first of them. A row that an exception excludes counts neither as there
 * nor as removed. A result that is partial adds and never removes: a row that it lacks stays what it was, until a complete
 * result lacks it too. Should it be seen again only after longer than suppression lasts, it counts as added: an alert too
 * many is better than none.
 *
 * @param last the `:now` of the last run that was evaluated
 */
export function compare(
  comparison: Comparison,
  stored: DifferentialState | undefined,
  last: number,
): Step<DifferentialState> {
  const { compiled, identity, partial, scan_id, now } = comparison;
  const { emit, baseline, remember, suppression } = compiled.detection.meta;
  const digest = stateDigest(compiled, ["differential", identity]);
  const before = stored?.digest === digest ? stored : undefined;
  const keyOf = (row: readonly Cell[]) => shortKey(compiled, identity, row);
  const present = new Map(before?.present.map((one) => [keyOf(restoredRow(one[2])), one]));
  const gone = new Map(before?.gone.map((one) => [one[1], one]));
  const current = firstByKey(comparison.rows, keyOf);
  for (const key of comparison.excepted.map(keyOf)) {
    if (current.has(key)) continue;
    present.delete(key);
    gone.delete(key);
  }

  const seenWithin = (seen: number, length: number) => seen <= now && now - seen < length;
  const isKnown = (key: string): boolean => {
    const there = present.get(key);
    // Seen in the last run, or missed by a partial one since.
    if (there) return there[0] >= last || seenWithin(there[0], remember ?? suppression.for);
    const was = gone.get(key);
    return was !== undefined && remember !== undefined && seenWithin(was[0], remember);
  };
  const added = [...current].filter(([key]) => !isKnown(key))
    .map(([, row]): Hit => ({ row, change: "added" }));
  const absent = [...present].filter(([key]) => !current.has(key));
  const removed = partial ? [] : absent.map(([, [, row_scan_id, row]]): Hit => ({
    row: restoredRow(row),
    row_scan_id,
    change: "removed",
  }));
  const told = before || baseline === "alert" ? [...added, ...removed] : [];

  const unseen = partial ? absent.map(([, one]) => one) : [];
  const left = partial || remember === undefined
    ? []
    : absent.map(([key, [seen]]): GoneRow => [seen, key]);
  const still = [...gone.values()].filter(([seen, key]) =>
    remember !== undefined && seenWithin(seen, remember) && !current.has(key)
  );
  const [kept, keptGone] = [newest(unseen), newest([...still, ...left])];
  const forgotten = unseen.length + still.length + left.length - kept.length - keptGone.length;
  const here = [...current.values()].map((row): PresentRow => [now, scan_id, storedRow(row)]);
  return {
    hits: told.filter(({ change }) => emit.includes(change!)),
    state: { digest, present: [...kept, ...here], gone: keptGone },
    ...(forgotten > 0 && {
      note:
        `${forgotten} rows that were not seen for long are forgotten, since too many would have to be ` +
        "remembered: they are not told as removed, and are new when they come back",
    }),
  };
}

function firstByKey(
  rows: readonly (readonly Cell[])[],
  keyOf: (row: readonly Cell[]) => string,
): Map<string, readonly Cell[]> {
  const first = new Map<string, readonly Cell[]>();
  for (const row of rows) {
    const key = keyOf(row);
    if (!first.has(key)) first.set(key, row);
  }
  return first;
}

/** The rows that were seen last, as many as may be remembered. */
function newest<T extends readonly [seen: number, ...unknown[]]>(rows: readonly T[]): readonly T[] {
  let text = 0;
  const sorted = rows.toSorted(([a], [b]) => b - a);
  const fitting = sorted.findIndex((row, index) => {
    text += JSON.stringify(row).length;
    return index === MAX_UNSEEN || text > MAX_UNSEEN_TEXT;
  });
  return fitting < 0 ? rows : sorted.slice(0, fitting);
}
