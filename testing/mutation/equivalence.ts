import type { CompiledDetection } from "../../model/compiled.ts";
import { readDetection } from "../coverage/clauses.ts";
import { compareRegExps } from "./automaton.ts";
import type { PatternChange } from "./mutant.ts";
import type { Mutant } from "./mutants.ts";
import { normalForm } from "./normal_form.ts";
import { parseRegExp } from "./regexp.ts";

/** Why nothing can tell a mutant from the original, in words; `undefined` where something may. */
export function equivalence(
  original: CompiledDetection,
  { compiled, mutation }: Mutant,
): string | undefined {
  if (compiled && formOf(original) === formOf(compiled)) return "it says the same in other words";
  return mutation?.patterns?.every(matchesTheSame)
    ? "both patterns match the same texts"
    : undefined;
}

function formOf({ detection }: CompiledDetection): string | undefined {
  const read = readDetection(detection);
  return read && [read.query, ...read.exceptions.map(({ predicate }) => predicate)]
    .map(normalForm).join("\n");
}

function matchesTheSame({ operator, before, after }: PatternChange): boolean {
  if (operator !== "REGEXP") return false;
  const [left, right] = [parseRegExp(before), parseRegExp(after)];
  return left !== undefined && right !== undefined &&
    compareRegExps(left.root, right.root)?.equal === true;
}
