/**
 * The audit log: what was watched for, by whom, and what came of it, in a chain of hashes beside the store.
 *
 * @module
 */
export { type Crash, findCrash } from "./crash.ts";
export { auditPath } from "./files.ts";
export { AUDIT_KINDS, type AuditEvent, type AuditKind, type Link, sha256 } from "./entry.ts";
export { type AuditLog, type AuditOptions, openAuditLog } from "./log.ts";
export { type AuditFault, type AuditReport, verifyAudit } from "./verify.ts";
