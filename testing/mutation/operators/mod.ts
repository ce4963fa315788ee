import type { MutationOperator } from "../mutant.ts";
import { comparisons } from "./comparisons.ts";
import { constants } from "./constants.ts";
import { patterns } from "./patterns.ts";
import { droppedConditions, droppedOperands, negations, swappedConnectives } from "./predicates.ts";
import { droppedDistinct, droppedItems } from "./structure.ts";

/** Every way in which a tree is mutated. */
export const MUTATION_OPERATORS: readonly MutationOperator[] = [
  droppedOperands,
  droppedConditions,
  negations,
  swappedConnectives,
  comparisons,
  constants,
  patterns,
  droppedItems,
  droppedDistinct,
];
