/**
 * Scans, alerts, suppression windows, rule and evaluation states and hashes in Deno KV.
 *
 * @module
 */
export { openStore, type Store, type StoreOptions, type StoreReader } from "./store.ts";
export { StoreError, type StoreErrorKind } from "./error.ts";
export type { Holder } from "./lock.ts";
export type { AlertQuery } from "./alerts.ts";
export { fillStoredColumns, type StoredValues } from "./pages.ts";
export type { ScanQuery } from "./scans.ts";
export type { ScanStart, ScanWriter } from "./scan_writer.ts";
export type { DeadLetterQuery } from "./outbox.ts";
export type { Removed, Retention } from "./retention.ts";
