import { parseTime } from "./time.ts";
import type { ExpectedRow } from "./fixture.ts";
import type { ColumnType } from "../schema/types.ts";

/** What a detection really gave: the row as JSON values, and the `$` names that speak of the alert itself. */
export interface ActualRow {
  readonly row: Readonly<Record<string, unknown>>;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** A value that differs: what was asked for, what came. */
export interface Difference {
  readonly name: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** What does not pair up: rows asked for with the nearest that came, and rows that nobody asked for. */
export interface Mismatch {
  readonly missing: readonly {
    readonly expected: ExpectedRow;
    /** The actual row that comes nearest; absent where there is none at all. */
    readonly nearest?: Near;
  }[];
  readonly extra: readonly ActualRow[];
}

/** An actual row, and where it differs from what is asked for. */
export interface Near {
  readonly actual: ActualRow;
  readonly differences: readonly Difference[];
}

/**
 * Pairs expected with actual rows one to one, in any order, so that as many as possible find a partner (augmenting
 * paths: an entry that fits several rows gives way to one that fits a single row).
 */
export function compareRows(
  expected: readonly ExpectedRow[],
  actual: readonly ActualRow[],
  types: ReadonlyMap<string, ColumnType>,
  at: number,
): Mismatch {
  const differences = expected.map((entry) => actual.map((one) => differ(entry, one, types, at)));
  const partnerOf = new Map<number, number>();
  const augment = (entry: number, tried: Set<number>): boolean => {
    for (let row = 0; row < actual.length; row++) {
      if (differences[entry]![row]!.length > 0 || tried.has(row)) continue;
      tried.add(row);
      const current = partnerOf.get(row);
      if (current === undefined || augment(current, tried)) {
        partnerOf.set(row, entry);
        return true;
      }
    }
    return false;
  };
  for (let entry = 0; entry < expected.length; entry++) augment(entry, new Set());
  const paired = new Set(partnerOf.values());
  const missing = expected.flatMap((entry, index) => {
    if (paired.has(index)) return [];
    const candidates = actual.map((one, row) => ({
      taken: partnerOf.has(row),
      near: { actual: one, differences: differences[index]![row]! },
    }));
    // One that nobody asked for is the likelier to have been meant.
    const [nearest] = candidates.sort((a, b) =>
      Number(a.taken) - Number(b.taken) || a.near.differences.length - b.near.differences.length
    );
    return [{ expected: entry, ...(nearest && { nearest: nearest.near }) }];
  });
  return { missing, extra: actual.filter((_, row) => !partnerOf.has(row)) };
}

/** Where an actual row differs from what is asked for; empty where it fits. */
export function differ(
  { values }: ExpectedRow,
  { row, facts }: ActualRow,
  types: ReadonlyMap<string, ColumnType>,
  at: number,
): Difference[] {
  return Object.entries(values).flatMap(([name, expected]) => {
    const actual = name.startsWith("$") ? facts[name.slice(1)] : row[name];
    return same(expected, actual, types.get(name), at) ? [] : [{ name, expected, actual }];
  });
}

function same(
  expected: unknown,
  actual: unknown,
  type: ColumnType | undefined,
  at: number,
): boolean {
  if (expected === null || actual === null || actual === undefined) {
    return expected === (actual ?? null);
  }
  if (type === "timestamp" && typeof expected === "string") {
    return parseTime(expected, at) === Number(actual);
  }
  if (typeof expected === "boolean") return Number(expected) === Number(actual);
  if (typeof actual === "string" && typeof expected !== "object") {
    return String(expected) === actual;
  }
  if (typeof expected === "object") return canonical(expected) === canonical(parsed(actual));
  return expected === actual;
}

function parsed(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function canonical(value: unknown): string {
  return JSON.stringify(
    value,
    (_key, inner) =>
      inner !== null && typeof inner === "object" && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => a < b ? -1 : 1))
        : inner,
  );
}
