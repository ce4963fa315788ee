import { isExactNumber, parseExact } from "./exact_json.ts";
import { redactText, redactWords, type TextOptions, type TextPlace } from "./redact_text.ts";

/** Redacts the keys and the text of JSON; numbers keep their digits. What is no JSON is text. */
export function redactJson(text: string, place: TextPlace, options: TextOptions): string {
  let value: unknown;
  try {
    value = parseExact(text);
  } catch {
    return redactText(text, place, options);
  }
  return JSON.stringify(redactValue(value, place, options));
}

function redactValue(value: unknown, place: TextPlace, options: TextOptions): unknown {
  if (typeof value === "string") return redactText(value, place, options);
  if (typeof value !== "object" || value === null || isExactNumber(value)) return value;
  if (Array.isArray(value)) {
    // A list of texts is a command line: what a word means hangs on the word before it.
    return value.every((one) => typeof one === "string")
      ? redactWords(value, place, options)
      : value.map((one) => redactValue(one, place, options));
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      redactText(key, {}, options),
      redactValue(inner, { ...place, key }, options),
    ]),
  );
}
