/**
 * A value of a result row as JSON. What JSON has no form for is an object, which no value is: integers beyond 2^53, and
 * numbers that are not finite.
 */
export type StoredCell =
  | null
  | boolean
  | number
  | string
  | { readonly integer: string }
  | { readonly float: string };

/** A row that was in the result: when it was last seen (ms since the epoch), by which scan, and its values then. */
export type PresentRow = readonly [seen: number, scan_id: number, row: readonly StoredCell[]];

/** A row that was in the result once: when it was last seen (ms since the epoch), and the key that identifies it. */
export type GoneRow = readonly [seen: number, key: string];

/** What mode differential compares a result with. */
export interface DifferentialState {
  /** Of what the comparison depends on; under another digest the state is worth nothing. */
  readonly digest: string;
  /** The rows that are not known to have been removed. */
  readonly present: readonly PresentRow[];
  /** The rows that were removed, as far as `remember` wants them. */
  readonly gone: readonly GoneRow[];
}

/** What a threshold has counted for one value of `by`. Times are ms since the epoch. */
export interface CountedGroup {
  /** The key of `by`'s values. */
  readonly by: string;
  /** When it fired last. */
  readonly fired: number | null;
  /** When hits were seen, oldest first; of times close to each other only some. */
  readonly times: readonly number[];
  /** What is counted, and when each was last seen. */
  readonly values: readonly (readonly [key: string, last: number])[];
}

/** What a threshold remembers. */
export interface ThresholdState {
  /** Of what counting depends on; under another digest the state is worth nothing. */
  readonly digest: string;
  /** How many events were counted so far: no two of them are the same. */
  readonly events: number;
  /** One for each value of `by` within the window. */
  readonly groups: readonly CountedGroup[];
}

/** What evaluating a detection remembers from run to run, besides its suppression windows. */
export interface EvaluationState {
  /** The `:now` of the last run that was evaluated, ms since the epoch. */
  readonly at: number;
  readonly differential?: DifferentialState;
  readonly threshold?: ThresholdState;
}
