import type { X509Certificate } from "node:crypto";
import type { OpenFile } from "../targets.ts";

/** Bytes of a file that is open, as far as trying its signature takes them. */
export type FileBytes = Pick<OpenFile, "size" | "readInto" | "checkTime">;

/** What is told of the signature on a file. */
export interface Signature {
  /** What kind of signature it is. */
  readonly format: "authenticode" | "kernel_module" | "mach_o";
  /** Whether it fits the file; `undefined` where that cannot be tried. */
  readonly valid: boolean | undefined;
  /** The signer's certificate, and who issued it, as far as they are known. */
  readonly chain: readonly X509Certificate[];
  /** Whether it names nobody who has signed, as ad hoc signatures do. */
  readonly anonymous?: boolean;
  /** Who issued the signer's certificate, where the certificate itself is not known: common name or organisation. */
  readonly issuer?: string;
  /** When it was signed by a countersignature that fits, ms since the epoch; `undefined` where there is none. */
  readonly time?: number;
  /** Whether there is a countersignature that could not be tried, or does not fit. */
  readonly timeUnknown?: boolean;
  /** What else it says, an object for each of its parts. */
  readonly details: readonly Readonly<Record<string, unknown>>[];
}

/** Bytes that are hashed of one file at most. */
export const MAX_HASHED = 2 * 2 ** 30;
