import type { Holder } from "./lock.ts";

/**
 * What keeps a store from doing what it was asked for:
 *
 * - `missing`: there is no such store, scan or table.
 * - `locked`: another process writes, or keeps the database busy.
 * - `format`: the file is something else, or of a version that this program does not know.
 * - `unreadable`: the file cannot be opened, read or written.
 * - `corrupt`: the file is damaged, or what was read is not what was written.
 * - `expired`: retention removed the scan while it was read.
 * - `full`: the disk is full.
 */
export type StoreErrorKind =
  | "missing"
  | "locked"
  | "format"
  | "unreadable"
  | "corrupt"
  | "expired"
  | "full";

/** What a reading gives, or nothing where what it reads is damaged. */
export function ifSound<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    return nothingIfDamaged(error);
  }
}

/** Swallows that something is damaged, and throws whatever else there is. */
export function nothingIfDamaged(error: unknown): undefined {
  if (error instanceof StoreError && error.kind === "corrupt") return undefined;
  throw error;
}

/** A store that cannot do what it was asked for; the message is a sentence for the operator. */
export class StoreError extends Error {
  /** The name that error reports show. */
  override readonly name = "StoreError";

  /** What is wrong. */
  readonly kind: StoreErrorKind;
  /** Who holds the writer lock, where that is what is wrong and it is known. */
  readonly holder: Holder | undefined;

  /** Makes the error; the message says in a sentence what is wrong. */
  constructor(kind: StoreErrorKind, message: string, holder?: Holder) {
    super(message);
    this.kind = kind;
    this.holder = holder;
  }
}
