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
  readonly id: string;
  /** SQL predicate over the result columns. */
  readonly when: string;
  readonly reason: string;
  readonly owner?: string;
  /** ISO date. */
  readonly expires?: string;
  /** The fixture case that motivated it. */
  readonly fixture?: string;
}

/** When an agent runs a detection; durations in milliseconds. */
export interface Schedule {
  readonly every?: number;
  readonly cron?: string;
  readonly splay?: number;
  readonly timeout: number;
}

/** Alerts only when so many are seen in a window; `within` in milliseconds. */
export interface Threshold {
  readonly by: readonly string[];
  readonly count: number;
  readonly within: number;
  readonly count_distinct?: string;
}

/** Which hits count as one, and for how long; `for` in milliseconds. */
export interface Suppression {
  readonly by?: readonly string[];
  readonly for: number;
}

/** The front-matter of a detection with every default filled in; durations in milliseconds. */
export interface FrontMatter {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly status: Status;
  readonly severity: Severity;
  readonly platforms: readonly Platform[];
  readonly date?: string;
  readonly modified?: string;
  readonly version: string;
  readonly author: readonly string[];
  readonly references: readonly string[];
  readonly falsepositives: readonly string[];
  readonly packs: readonly string[];
  readonly license?: string;
  readonly tags: readonly string[];
  readonly mode: Mode;
  readonly identity?: readonly string[];
  readonly emit: readonly ("added" | "removed")[];
  readonly baseline: "silent" | "alert";
  readonly remember?: number;
  readonly schedule: Schedule;
  readonly lookback?: number;
  readonly threshold?: Threshold;
  readonly suppression: Suppression;
  readonly alert: {
    readonly title?: string;
    readonly entity?: readonly string[];
    readonly context?: readonly string[];
  };
  readonly exceptions: readonly Exception[];
  readonly resources: { readonly yara: readonly string[]; readonly indicators: readonly string[] };
  readonly runbook?: string;
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
  readonly meta: FrontMatter;
  /** Where each front-matter value stands, by dotted path (`suppression.by.0`); keys of mappings under `path:key`. */
  readonly spans: ReadonlyMap<string, Span>;
  /** The SQL as the author wrote it, and where it begins in `text`. */
  readonly sql: string;
  readonly sqlStart: number;
}
