import type { Counts } from "./formats/types.ts";

/** How much there is to a file, in a word. */
export type Complexity = "low" | "medium" | "high";

/**
 * Parts of a file below which its complexity is low, and from which on it is high. Of the programs of a Debian host one
 * of five is low (small tools without symbols), and one of twenty high (interpreters, servers, what carries its symbols).
 */
export const COMPLEXITY_BOUNDS = { medium: 80, high: 400 } as const;

/**
 * The rule: sections, entries of the tables of symbols, and libraries that the file asks for are counted together. It says
 * how much a file shows of itself, and so is low for what is packed or stripped, too; it says nothing of its code.
 */
export function complexityOf({ sections, symbols, libraries }: Counts): Complexity {
  const parts = sections + symbols + libraries;
  return parts < COMPLEXITY_BOUNDS.medium
    ? "low"
    : parts < COMPLEXITY_BOUNDS.high
    ? "medium"
    : "high";
}
