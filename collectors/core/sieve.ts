import type { Predicate } from "../../model/predicate.ts";
import type { Reading } from "./collector.ts";
import type { TaskMessage } from "./messages.ts";

/** Operators that {@linkcode createSieve} applies. */
export const PUSHDOWN: readonly Predicate["op"][] = [
  ...["and", "or", "not", "=", "<>", "<", "<=", ">", ">="] as const,
  ...["in", "between", "like", "glob", "regexp", "null"] as const,
];

/** Tells which readings a task wants. */
export interface Sieve {
  /** Whether the task may want a reading: what was not read of it is thought to be anything. */
  wants(reading: Reading): boolean;
  /** Whether the task has enough of those that it surely wants. */
  hasEnough(): boolean;
}

/** Makes the sieve of a task. What compiles predicates is loaded only for a task that has one. */
export async function createSieve({ where, limit = Infinity }: TaskMessage): Promise<Sieve> {
  let sure = 0;
  const hasEnough = () => sure >= limit;
  if (!where) return { wants: () => (sure++, true), hasEnough };
  const { compilePredicate } = await import("../../dialect/predicate.ts");
  const satisfies = compilePredicate(where);
  return {
    wants({ row, gaps }) {
      let known = true;
      const wanted = satisfies((column) => {
        const cell = gaps?.[column] === undefined ? row[column] : undefined;
        if (cell === undefined) known = false;
        return cell;
      });
      if (wanted && known) sure++;
      return wanted;
    },
    hasEnough,
  };
}
