/** What {@linkcode parse} takes. */
export interface ParseOptions {
  /** Lines that begin with it are passed over. */
  readonly comment?: string;
  /** Whether to take white space off the beginning of fields. */
  readonly trimLeadingSpace?: boolean;
  /** Whether quotes may stand within fields that are not quoted. */
  readonly lazyQuotes?: boolean;
}

/**
 * Reads CSV (RFC 4180): the fields of each line.
 *
 * @throws {SyntaxError} where it is none
 */
export function parse(input: string, options?: ParseOptions): string[][];
