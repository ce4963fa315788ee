import type { Expression, Query } from "../../compiler/ast.ts";
import { lex } from "../../compiler/lexer.ts";
import { parseLoneExpression, parseStatement, SqlSyntaxError } from "../../compiler/parser/mod.ts";
import type { Span } from "../../diagnostics/source.ts";
import type { Detection } from "../../model/detection.ts";
import { clausesOf, type Condition, type ConditionKind, conditionsOf } from "./conditions.ts";

/** A part of a detection that is true, false or NULL of a row. */
export interface Clause {
  /** What it decides. */
  readonly kind: ConditionKind;
  /** The clause itself. */
  readonly node: Expression;
  /** The clause as it is written. */
  readonly text: string;
  /** Its place in the file. */
  readonly span: Span;
}

/** The predicate of an exception. */
export interface ExceptionPredicate {
  /** The predicate; its spans point into `text`. */
  readonly predicate: Expression;
  /** The text of the predicate. */
  readonly text: string;
  /** Turns a span of the text into its place in the file. */
  place(span: Span): Span;
}

/** A detection as trees. */
export interface ReadDetection {
  /** The SQL; its spans point into the text of the file. */
  readonly query: Query;
  /** In the order of the front-matter. */
  readonly exceptions: readonly ExceptionPredicate[];
}

/** Reads the SQL of a detection and the predicates of its exceptions; `undefined` where the parser does not know them. */
export function readDetection(
  { text, sql, sqlStart, meta, spans }: Detection,
): ReadDetection | undefined {
  try {
    const query = parseStatement(lex(text, sqlStart, sqlStart + sql.length).tokens);
    const exceptions = meta.exceptions.map(({ when }, index): ExceptionPredicate => {
      const whole = spans.get(`exceptions.${index}.when`) ?? { start: 0, end: 0 };
      const offset = text.slice(whole.start, whole.end).indexOf(when);
      const start = whole.start + offset;
      return {
        predicate: parseLoneExpression(lex(when).tokens),
        text: when,
        // Escapes and folded lines break the tie between the predicate and the file: then the whole value is the place.
        place: (span) => offset < 0 ? whole : { start: start + span.start, end: start + span.end },
      };
    });
    return { query, exceptions };
  } catch (error) {
    if (error instanceof SqlSyntaxError) return undefined;
    throw error;
  }
}

/** Every clause of a detection: those of the SQL in the order of the text, then those of the exceptions. */
export function clausesOfDetection(
  { text }: Detection,
  { query, exceptions }: ReadDetection,
): readonly Clause[] {
  const clauses = (
    conditions: readonly Condition[],
    text: string,
    place: (span: Span) => Span,
  ): readonly Clause[] =>
    conditions.flatMap((condition) =>
      clausesOf(condition).map((node) => {
        const written = ({ span }: Expression) => text.slice(span.start, span.end);
        const { kind, operand } = condition;
        const shown = operand ? `${written(operand)} = ${written(node)}` : written(node);
        return { kind, node, text: shown, span: place(node.span) };
      })
    ).sort((left, right) => left.span.start - right.span.start);
  return [
    ...clauses(conditionsOf(query), text, (span) => span),
    ...exceptions.flatMap(({ predicate, text, place }) =>
      clauses([{ kind: "exception", root: predicate }, ...conditionsOf(predicate)], text, place)
    ),
  ];
}
