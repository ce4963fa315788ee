import { z } from "zod";
import { type AskedKey, CONFINEMENTS } from "../model/collection.ts";
import { SEVERITIES } from "../model/detection.ts";
import type { Acknowledgement, Alert } from "../model/alert.ts";
import type { EvaluationState } from "../model/evaluation_state.ts";
import type { RuleState } from "../model/rule_state.ts";
import type { ScanManifest } from "../model/scan.ts";
import { PLATFORMS } from "../schema/types.ts";
import { corrupt, decode } from "./codec.ts";

/** A manifest as it is kept: with the number of parts of each page, by table, so that a lost part is noticed. */
export interface StoredScan {
  readonly manifest: ScanManifest;
  readonly pages: Readonly<Record<string, readonly number[]>>;
}

/** An alert as it is kept; the hits that it stands for are counted under a key of their own. */
export type StoredAlert = Omit<Alert, "suppressed_count">;

/** The number of parts of an alert that does not fit one value. */
export interface SplitAlert {
  readonly parts: number;
}

/** A suppression window as it is kept: the count belongs to its alert. */
export interface StoredWindow {
  readonly alert_id: string;
  readonly since: number;
  readonly until: number;
}

/** Where the parts of an evaluation state are that does not fit one value. */
export interface SplitState {
  readonly id: string;
  readonly parts: number;
}

/** An alert that waits for a sink, as it is kept. */
export interface StoredOutbox {
  readonly alert_id: string;
  readonly alert_time: number;
  readonly attempts: number;
}

/** An alert that a sink did not take, as it is kept. */
export interface StoredDeadLetter extends StoredOutbox {
  readonly reason: string;
  readonly since: number;
}

/** A remembered hash and when it was last asked for, ms since the epoch. */
export interface StoredHash {
  readonly hash: string;
  readonly used: number;
}

const count = z.int().nonnegative();
const outcome = z.discriminatedUnion("status", [
  z.looseObject({ status: z.literal("complete") }),
  z.looseObject({ status: z.enum(["partial", "unavailable"]), reason: z.string() }),
]);
const manifest = z.looseObject({
  scan_id: count,
  host: z.string(),
  platform: z.enum(PLATFORMS),
  started: z.number(),
  finished: z.number(),
  tables: z.array(
    z.looseObject({ table: z.string(), rows: count, collection_time: z.number(), outcome }),
  ),
  collectors: z.array(z.looseObject({
    name: z.string(),
    confinement: z.enum(CONFINEMENTS),
    rows: count,
    dropped: count,
    duration_ms: z.number(),
  })),
});
const alert = z.looseObject({
  kind: z.literal("alert"),
  id: z.string(),
  alert_time: z.number(),
  rule_id: z.string(),
  rule_version: z.string(),
  title: z.string(),
  description: z.string(),
  severity: z.enum(SEVERITIES),
  tags: z.array(z.string()),
  host: z.string(),
  scan_id: count,
  affected_processes: z.array(z.number()),
  process_count: count,
  alert_data: z.object({}),
  rule_execution_time_ms: z.number(),
  dedupe_key: z.string(),
  evidence: z.array(z.looseObject({ scan_id: count, table: z.string(), key: z.object({}) })),
});

const cell = z.union([
  z.null(),
  z.boolean(),
  z.number(),
  z.string(),
  z.strictObject({ integer: z.string().regex(/^-?\d{1,19}$/) }),
  z.strictObject({ float: z.enum(["Infinity", "-Infinity"]) }),
]);
const state = z.looseObject({
  at: z.number(),
  differential: z.looseObject({
    digest: z.string(),
    present: z.array(z.tuple([z.number(), count, z.array(cell)])),
    gone: z.array(z.tuple([z.number(), z.string()])),
  }).optional(),
  threshold: z.looseObject({
    digest: z.string(),
    events: count,
    groups: z.array(z.looseObject({
      by: z.string(),
      fired: z.number().nullable(),
      times: z.array(z.number()),
      values: z.array(z.tuple([z.string(), z.number()])),
    })),
  }).optional(),
});

const waiting = z.looseObject({ alert_id: z.string(), alert_time: z.number(), attempts: count });

/** What each kind of value looks like. */
const RECORDS = {
  scan: z.looseObject({ manifest, pages: z.record(z.string(), z.array(count)) }),
  alert: z.union([z.strictObject({ parts: count }), alert]),
  window: z.looseObject({ alert_id: z.string(), since: z.number(), until: z.number() }),
  rule: z.looseObject({
    rule_id: z.string(),
    enabled: z.boolean(),
    disabled_reason: z.string().optional(),
    failures: count,
    retry_after: z.number().optional(),
    digest: z.string(),
  }),
  state: z.union([z.strictObject({ id: z.string(), parts: count }), state]),
  outbox: waiting,
  dead_letter: waiting.extend({ reason: z.string(), since: z.number() }),
  acknowledged: z.looseObject({ time: z.number(), note: z.string().optional() }),
  hash: z.looseObject({ hash: z.string(), used: z.number() }),
  keys: z.array(z.looseObject({
    column: z.string(),
    value: z.union([z.string(), z.number()]),
    glob: z.literal(true).optional(),
    resources: z.string().optional(),
    lacking: z.string().optional(),
  })),
  count,
  time: z.number(),
};

interface Records {
  readonly scan: StoredScan;
  readonly alert: StoredAlert | SplitAlert;
  readonly window: StoredWindow;
  readonly rule: RuleState;
  readonly state: EvaluationState | SplitState;
  readonly outbox: StoredOutbox;
  readonly dead_letter: StoredDeadLetter;
  readonly acknowledged: Acknowledgement;
  readonly hash: StoredHash;
  readonly keys: readonly AskedKey[];
  readonly count: number;
  readonly time: number;
}

/**
 * Reads a value of a kind.
 *
 * @throws {StoreError} `corrupt` where it is anything else
 */
export function readRecord<K extends keyof Records>(kind: K, bytes: Uint8Array): Records[K] {
  return checkRecord(kind, decode(bytes, `a ${kind}`));
}

/**
 * Checks that a value is of a kind.
 *
 * @throws {StoreError} `corrupt` where it is anything else
 */
export function checkRecord<K extends keyof Records>(kind: K, value: unknown): Records[K] {
  if (!RECORDS[kind].safeParse(value).success) throw corrupt(`a ${kind}`);
  // The value itself, not zod's copy of it, which would lose keys such as `__proto__` of host data.
  return value as Records[K];
}
