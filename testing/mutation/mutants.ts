import type { Node } from "../../compiler/ast.ts";
import { lex } from "../../compiler/lexer.ts";
import { compileDetection } from "../../compiler/mod.ts";
import { parentsOf } from "../../compiler/walk.ts";
import type { Span } from "../../diagnostics/source.ts";
import type { CompiledDetection } from "../../model/compiled.ts";
import type { Detection } from "../../model/detection.ts";
import type { Catalogue } from "../../profiles/mod.ts";
import { type ReadDetection, readDetection } from "../coverage/clauses.ts";
import { conditionsOf } from "../coverage/conditions.ts";
import { openBytecode } from "./bytecode.ts";
import {
  applyEdits,
  editedText,
  type Mutation,
  type MutationKind,
  type MutationSource,
} from "./mutant.ts";
import { MUTATION_OPERATORS } from "./operators/mod.ts";

/** A changed detection. */
export interface Mutant {
  /** What is done to it. */
  readonly kind: MutationKind;
  /** The place in the file. */
  readonly span: Span;
  /** What stands there. */
  readonly before: string;
  /** What stands there in the mutant; empty where it is taken away. */
  readonly after: string;
  /** What changes; absent where a whole exception is dropped. */
  readonly mutation?: Mutation;
  /** The exception that changes, by its number; absent for the SQL. */
  readonly exception?: number;
  /** The mutant ready to run; null where it does not compile, which tells nothing of the fixtures. */
  readonly compiled: CompiledDetection | null;
  /** Why it is no mutant at all, in words: it means the same as the original. */
  readonly equivalent?: string;
}

/**
 * Every mutant of a detection, in the order of the text. One that does the same as an earlier one is left out.
 *
 * @returns nothing where the parser does not know the SQL
 */
export function mutantsOf(original: CompiledDetection, catalogue: Catalogue): readonly Mutant[] {
  const { detection } = original;
  const read = readDetection(detection);
  if (!read) return [];
  using bytecode = openBytecode(catalogue, detection.meta.platforms);
  /** What tells two detections apart. */
  const identityOf = ({ sql, plan, detection: { meta } }: CompiledDetection) =>
    JSON.stringify([bytecode.of(sql), plan.triggers, meta.exceptions]);
  const own = identityOf(original);
  const seen = new Set<string>();
  const judge = ({ detection: changed, ...mutant }: Candidate): Mutant[] => {
    const { compiled } = compileDetection(changed, catalogue);
    if (!compiled) return [{ ...mutant, compiled }];
    const identity = identityOf(compiled);
    if (seen.has(identity)) return [];
    if (identity === own) {
      return [{ ...mutant, compiled, equivalent: "SQLite makes the same of it" }];
    }
    seen.add(identity);
    return [{ ...mutant, compiled }];
  };
  return candidates(detection, read).flatMap(judge).sort((left, right) =>
    left.span.start - right.span.start
  );
}

type Candidate = Omit<Mutant, "compiled" | "equivalent"> & { readonly detection: Detection };

function candidates(detection: Detection, { query, exceptions }: ReadDetection): Candidate[] {
  const { text, sql, sqlStart, meta } = detection;
  const inSql = mutationsOf(query, text, lex(text, sqlStart, sqlStart + sql.length).tokens)
    .map((mutation): Candidate => {
      const changed = applyEdits(text, mutation.edits);
      const end = sqlStart + sql.length + changed.length - text.length;
      return {
        ...shown(mutation, text, mutation.span),
        mutation,
        detection: { ...detection, text: changed, sql: changed.slice(sqlStart, end) },
      };
    });
  const inExceptions = exceptions.flatMap(({ predicate, text: when, place }, exception) => {
    const change = (others: readonly { readonly when: string }[]): Detection => {
      const given = meta.exceptions[exception]!;
      const changed = meta.exceptions.toSpliced(
        exception,
        1,
        ...others.map((other) => ({ ...given, ...other })),
      );
      return { ...detection, meta: { ...meta, exceptions: changed } };
    };
    const dropped: Candidate = {
      kind: "dropped exception",
      span: place(predicate.span),
      before: when,
      after: "",
      exception,
      detection: change([]),
    };
    return [
      dropped,
      ...mutationsOf(predicate, when, lex(when).tokens).map((mutation): Candidate => ({
        ...shown(mutation, when, place(mutation.span)),
        mutation,
        exception,
        detection: change([{ when: applyEdits(when, mutation.edits) }]),
      })),
    ];
  });
  return [...inSql, ...inExceptions];
}

function mutationsOf(root: Node, text: string, tokens: MutationSource["tokens"]): Mutation[] {
  const conditions = conditionsOf(root);
  const source = { text, root, tokens, conditions, parents: parentsOf(root) };
  return MUTATION_OPERATORS.flatMap((operator) => operator(source));
}

function shown(
  { kind, edits, span }: Mutation,
  text: string,
  place: Span,
): Pick<Mutant, "kind" | "span" | "before" | "after"> {
  const before = text.slice(span.start, span.end);
  return { kind, span: place, before, after: editedText(text, span, edits) };
}
