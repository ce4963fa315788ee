import type { TableSpec } from "../schema/types.ts";
import { processes } from "./processes.ts";

/** Every virtual table. */
export const PROFILES = [processes] as const satisfies readonly TableSpec[];

/** Virtual tables by name. */
export type Catalogue = ReadonlyMap<string, TableSpec>;

/** The catalogue of {@linkcode PROFILES}. */
export const CATALOGUE: Catalogue = new Map(
  PROFILES.map((spec): [string, TableSpec] => [spec.name, spec]),
);
