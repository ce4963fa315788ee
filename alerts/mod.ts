/**
 * From hits to alerts: what an alert says, which hits are the same, which of them are told.
 *
 * @module
 */
export { type AlertContext, rowData, toAlert } from "./alert.ts";
export { type AddedValues, dedupeKey, rowKey, suppressionColumns } from "./key.ts";
export { suppress, type SuppressedHits } from "./suppress.ts";
