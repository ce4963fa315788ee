/**
 * `node:sqlite` with the types of what Deno 2.9 has and its declarations lack: the authorizer, limits, and the
 * constants that an authorizer speaks in.
 *
 * @module
 */
import * as sqlite from "node:sqlite";

/** Limits of a connection (https://sqlite.org/c3ref/c_limit_attached.html). */
export interface Limits {
  /** The longest text or blob, in bytes. */
  length: number;
  /** The deepest expression. */
  exprDepth: number;
  /** Databases that may be attached. */
  attach: number;
}

/** Allows or refuses an action while a statement is prepared (https://sqlite.org/c3ref/set_authorizer.html). */
export type Authorizer = (
  action: number,
  first: string | null,
  second: string | null,
  database: string | null,
  trigger: string | null,
) => number;

/** An open database. */
export interface DatabaseSync extends sqlite.DatabaseSync {
  /** May be lowered. */
  readonly limits: Limits;
  /** Asks `authorizer` about everything that a statement is going to do; `null` asks nobody. */
  setAuthorizer(authorizer: Authorizer | null): void;
}

/** Opens databases. */
export const DatabaseSync: new (
  path: string,
  options?: sqlite.DatabaseSyncOptions,
) => DatabaseSync = sqlite.DatabaseSync as never;

/** The answers of an authorizer and the actions that it is asked about. */
export const constants: Readonly<
  Record<
    | "SQLITE_OK"
    | "SQLITE_DENY"
    | "SQLITE_SELECT"
    | "SQLITE_READ"
    | "SQLITE_FUNCTION"
    | "SQLITE_RECURSIVE",
    number
  >
> = sqlite.constants as never;
