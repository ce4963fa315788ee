import type { Platform } from "../schema/types.ts";
import type { CollectorReport, TableOutcome } from "./collection.ts";

/** A table within a scan. */
export interface ScanTable {
  readonly table: string;
  readonly rows: number;
  /** When its rows were read, ms since the epoch. */
  readonly collection_time: number;
  readonly outcome: TableOutcome;
}

/** What is known of a committed scan. */
export interface ScanManifest {
  readonly scan_id: number;
  readonly host: string;
  readonly platform: Platform;
  /** Start and end, ms since the epoch. */
  readonly started: number;
  readonly finished: number;
  readonly tables: readonly ScanTable[];
  readonly collectors: readonly CollectorReport[];
  /** Why its rows are not stored: whoever collected them sees them for a while, nobody else does. */
  readonly unstored?: string;
}
