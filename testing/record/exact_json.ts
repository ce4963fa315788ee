/** TypeScript's library does not know them yet: https://github.com/tc39/proposal-json-parse-with-source. */
const { rawJSON, isRawJSON } = JSON as unknown as {
  rawJSON(text: string): ExactNumber;
  isRawJSON(value: unknown): value is ExactNumber;
};

/** A number of JSON with all its digits. */
export interface ExactNumber {
  readonly rawJSON: string;
}

/**
 * Parses JSON; numbers keep their digits, so that `JSON.stringify` writes them as they were.
 *
 * @throws {SyntaxError} where the text is no JSON
 */
export function parseExact(text: string): unknown {
  return JSON.parse(
    text,
    (_key, value, context?: { source?: string }) =>
      typeof value === "number" ? rawJSON(context?.source ?? String(value)) : value,
  );
}

/** Whether a value of {@linkcode parseExact} is a number. */
export function isExactNumber(value: unknown): value is ExactNumber {
  return isRawJSON(value);
}
