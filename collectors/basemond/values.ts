/** Something that the library tells of, by its names; nothing of it is to be relied on. */
export type Told = Readonly<Record<string, unknown>>;

/** Things that the library tells of; what is none is left out. */
export function listOf(value: unknown): readonly Told[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "object" && one !== null) : [];
}

/** A text; `undefined` for an empty one, which is how the library writes what it does not know. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A number; `undefined` for what is none, or below 0. */
export function amountOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined;
}

/** A whole number, also one that is written as text; `undefined` for what is none, or below 0. */
export function wholeOf(value: unknown): number | undefined {
  const number = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return Number.isSafeInteger(number) && (number as number) >= 0 ? number as number : undefined;
}
