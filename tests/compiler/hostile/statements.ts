import { bombs } from "./bombs.ts";
import { clock } from "./clock.ts";
import { functions } from "./functions.ts";
import type { Hostile } from "./hostile.ts";
import { limits } from "./limits.ts";
import { names } from "./names.ts";
import { other } from "./other.ts";

/** Every hostile statement, by what it attacks. */
export const STATEMENTS: Readonly<Record<string, readonly Hostile[]>> = {
  "other statements": other,
  "names and quotes": names,
  functions,
  clock,
  limits,
  bombs,
};
