import type { z } from "zod";
import { SETTINGS } from "./settings.ts";
import { shapeOf } from "./shape.ts";

/** A setting that is one value or a list, with the environment variable that takes the place of what a file says. */
export interface Setting {
  /** Its keys from the outside in. */
  readonly path: readonly string[];
  /** Name of the environment variable. */
  readonly variable: string;
  /** What it takes. */
  readonly schema: z.core.$ZodType;
}

/** Every setting, in the order of the file. */
export const ALL_SETTINGS: readonly Setting[] = settingsIn(SETTINGS, []);

function settingsIn(schema: z.core.$ZodType, path: readonly string[]): Setting[] {
  const { keys } = shapeOf(schema);
  if (keys) {
    return Object.entries(keys).flatMap(([key, inner]) => settingsIn(inner, [...path, key]));
  }
  return [{ path, variable: ["daemoneye", ...path].join("_").toUpperCase(), schema }];
}
