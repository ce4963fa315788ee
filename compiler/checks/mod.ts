import { argumentClasses } from "./arguments.ts";
import { arithmetic } from "./arithmetic.ts";
import { arity } from "./arity.ts";
import { autoJoin } from "./auto_join.ts";
import type { Check } from "./check.ts";
import { comparisons } from "./comparisons.ts";
import { duplicateColumns } from "./duplicate_columns.ts";
import { eventsMode } from "./events_mode.ts";
import { functions } from "./functions.ts";
import { matching, patterns } from "./matching.ts";
import { parameters } from "./parameters.ts";
import { requiredKeys } from "./required_keys.ts";
import { times } from "./times.ts";
import { units } from "./units.ts";
import { wallClock } from "./wall_clock.ts";

/** Every check of a query, in the order of `docs/diagnostics.md`. */
export const CHECKS: readonly Check[] = [
  parameters,
  functions,
  arity,
  wallClock,
  duplicateColumns,
  comparisons,
  matching,
  patterns,
  arithmetic,
  times,
  units,
  argumentClasses,
  autoJoin,
  requiredKeys,
  eventsMode,
];
