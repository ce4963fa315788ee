import { createHash } from "node:crypto";
import { escapeJson } from "../diagnostics/escape.ts";
import type { JsonValue } from "../model/alert.ts";

/** What entries tell of. */
export const AUDIT_KINDS = [
  /** A program has begun to write. */
  "start",
  /** It has ended as it should. */
  "stop",
  /** A configuration was loaded, or refused. */
  "configuration",
  /** Detections were loaded: the digest of all of them, and of each. */
  "detections",
  /** A collector was started, and how it is confined. */
  "collector",
  /** An alert is stored. */
  "alert",
  /** A detection was switched on or off, slowed or suspended. */
  "rule_state",
  /** Entries could not be written for a while: how many are lost. */
  "lost",
  /** A crash had torn the last line, which was taken away. */
  "mended",
  /** A file was full: which one stands before this one, and with which entry it ends. */
  "continued",
  /** Old entries were removed by rotation: up to which, in which files, and the hash of the last of them. */
  "removed",
  /** What should have come before was not there, or was not what was written. */
  "gap",
] as const;
/** One of {@linkcode AUDIT_KINDS}. */
export type AuditKind = (typeof AUDIT_KINDS)[number];

/** What an entry says, before it has its place in the chain. */
export interface AuditEvent {
  readonly kind: AuditKind;
  /** ms since the epoch. */
  readonly time: number;
  readonly data: { readonly [key: string]: JsonValue };
}

/** A place in the chain. */
export interface Link {
  /** Number of the entry; the first is 1. */
  readonly seq: number;
  /** Its hash, hexadecimal. */
  readonly hash: string;
}

/** An entry of the audit log. */
export interface AuditEntry extends AuditEvent, Link {
  /** The hash of the entry before it. */
  readonly previous: string;
}

/** What comes before the first entry. */
export const GENESIS: Link = { seq: 0, hash: "0".repeat(64) };

/**
 * The line of an entry, without a line feed. Its hash is the SHA-256 of the line's own bytes up to `,"hash"`, so that
 * whoever can cut a line and hash it can check it.
 */
export function renderEntry(
  { time, kind, data }: AuditEvent,
  seq: number,
  previous: string,
): { readonly line: string; readonly link: Link } {
  const body = escapeJson({ seq, time, kind, data, previous }).slice(0, -1);
  const hash = sha256(new TextEncoder().encode(body));
  return { line: `${body},"hash":"${hash}"}`, link: { seq, hash } };
}

const SEAL = /^,"hash":"([0-9a-f]{64})"\}$/;
const SEAL_LENGTH = ',"hash":""}'.length + 64;
const HASH = /^[0-9a-f]{64}$/;

/** Reads a line; gives the reason, in words, where it is not as it was written. */
export function readEntry(line: Uint8Array): AuditEntry | string {
  const body = line.subarray(0, Math.max(0, line.length - SEAL_LENGTH));
  const [, hash] = SEAL.exec(decoder.decode(line.subarray(body.length))) ?? [];
  if (hash === undefined) return "this is no entry of an audit log";
  if (sha256(body) !== hash) return "it was changed: its hash is another one";
  try {
    const entry = { ...JSON.parse(decoder.decode(body) + "}"), hash };
    if (isEntry(entry)) return entry;
  } catch {
    // Somebody has hashed what is no JSON.
  }
  return "this is no entry of an audit log";
}

const decoder = new TextDecoder();

function isEntry(entry: AuditEntry): boolean {
  return Number.isSafeInteger(entry.seq) && entry.seq > 0 && Number.isSafeInteger(entry.time) &&
    typeof entry.kind === "string" && typeof entry.data === "object" && entry.data !== null &&
    typeof entry.previous === "string" && HASH.test(entry.previous);
}

/** SHA-256, hexadecimal. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}
