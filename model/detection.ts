import type { Span } from "../diagnostics/source.ts";
import type { Platform } from "../schema/types.ts";

/** How bad a match is, mildest first. */
export const SEVERITIES = ["informational", "low", "medium", "high", "critical"] as const;
/** One of {@linkcode SEVERITIES}. */
export type Severity = (typeof SEVERITIES)[number];

/** How far a detection can be trusted: Sigma's ladder. */
export const STATUSES = ["experimental", "test", "stable", "deprecated", "unsupported"] as const;
/** One of {@linkcode STATUSES}. */
export type Status = (typeof STATUSES)[number];

/** What a detection is evaluated on: the newest rows, what changed between scans, or rows as they arrive. */
export const MODES = ["snapshot", "differential", "events"] as const;
/** One of {@linkcode MODES}. */
export type Mode = (typeof MODES)[number];

/** A known benign case that a detection leaves out. */
export interface Exception {
  /** Name of the exception, unique in the detection. */
  readonly id: string;
  /** SQL predicate over the result columns. */
  readonly when: string;
  /** Why the case is benign. */
  readonly reason: string;
  /** Who answers for it. */
  readonly owner?: string;
  /** ISO date. */
  readonly expires?: string;
  /** The fixture case that motivated it. */
  readonly fixture?: string;
}

/** When an agent runs a detection; durations in milliseconds. */
export interface Schedule {
  /** Time between two runs, ms. */
  readonly every?: number;
  /** Times of runs as a cron expression, instead of `every`. */
  readonly cron?: string;
  /** Random delay of at most so much, ms. */
  readonly splay?: number;
  /** How long the query may run, ms; at most 30,000. */
  readonly timeout: number;
}

/** Alerts only when so many are seen in a window; `within` in milliseconds. */
export interface Threshold {
  /** Columns whose values are counted apart. */
  readonly by: readonly string[];
  /** How many it takes. */
  readonly count: number;
  /** Length of the window, ms. */
  readonly within: number;
  /** Column whose distinct values are counted, instead of rows. */
  readonly count_distinct?: string;
}

/** Which hits count as one, and for how long; `for` in milliseconds. */
export interface Suppression {
  /** Columns that make two hits the same hit. */
  readonly by?: readonly string[];
  /** Length of the window, ms. */
  readonly for: number;
}

/** The front-matter of a detection with every default filled in; durations in milliseconds. */
export interface FrontMatter {
  /** Stable identity, a UUID. */
  readonly id: string;
  /** What it finds, in a line. */
  readonly title: string;
  /** What it finds and why that matters. */
  readonly description: string;
  /** How far it can be trusted. */
  readonly status: Status;
  /** How bad a match is. */
  readonly severity: Severity;
  /** Where it can run; columns of another platform are an error. */
  readonly platforms: readonly Platform[];
  /** When it was written, an ISO date. */
  readonly date?: string;
  /** When it was last changed, an ISO date. */
  readonly modified?: string;
  /** Semantic version; 1.0.0 by default. */
  readonly version: string;
  /** Who wrote it. */
  readonly author: readonly string[];
  /** Where to read more. */
  readonly references: readonly string[];
  /** Benign causes of a match. */
  readonly falsepositives: readonly string[];
  /** Names of the collections that it belongs to. */
  readonly packs: readonly string[];
  /** SPDX identifier of its licence. */
  readonly license?: string;
  /** `namespace.value`; ATT&CK as Sigma writes it. */
  readonly tags: readonly string[];
  /** What it is evaluated on. */
  readonly mode: Mode;
  /** Columns that make a row the same row from scan to scan; without it the whole row. */
  readonly identity?: readonly string[];
  /** Which changes alert in differential mode. */
  readonly emit: readonly ("added" | "removed")[];
  /** What a differential's first run does. */
  readonly baseline: "silent" | "alert";
  /** Differential: a row counts as added when it was unseen for so long, ms. */
  readonly remember?: number;
  /** When an agent runs it. */
  readonly schedule: Schedule;
  /** How much stored history the query sees, ms; without it the newest complete rows. */
  readonly lookback?: number;
  /** Alerts only when so many are seen in a window. */
  readonly threshold?: Threshold;
  /** Which hits count as one, and for how long. */
  readonly suppression: Suppression;
  /** How alerts look: a title template over result columns, the columns that say whom it is about, and those that give context. */
  readonly alert: {
    readonly title?: string;
    readonly entity?: readonly string[];
    readonly context?: readonly string[];
  };
  /** Known benign cases that are left out. */
  readonly exceptions: readonly Exception[];
  /** Files that it needs, relative to its own. */
  readonly resources: { readonly yara: readonly string[]; readonly indicators: readonly string[] };
  /** What to do about a match, in markdown. */
  readonly runbook?: string;
  /** Whether it runs at all. */
  readonly enabled: boolean;
  /** The author's own `x-` keys. */
  readonly extra: Readonly<Record<string, unknown>>;
}

/** A parsed detection file. */
export interface Detection {
  /** File name without `.sql`: the name that fixtures and people use. */
  readonly name: string;
  /** Path as it was given. */
  readonly file: string;
  /** The whole text of the file. */
  readonly text: string;
  /** The front-matter with every default filled in. */
  readonly meta: FrontMatter;
  /** Where each front-matter value stands, by dotted path (`suppression.by.0`); keys of mappings under `path:key`. */
  readonly spans: ReadonlyMap<string, Span>;
  /** The SQL as the author wrote it, and where it begins in `text`. */
  readonly sql: string;
  /** Offset of `sql` in `text`. */
  readonly sqlStart: number;
}
