import { type Diagnostic, diagnostic } from "../diagnostics/diagnostic.ts";
import { SourceText, type Span } from "../diagnostics/source.ts";
import type { CompiledQuery } from "../model/compiled.ts";
import type { Detection } from "../model/detection.ts";
import type { Catalogue } from "../profiles/mod.ts";
import { quoteIdentifier } from "../schema/ddl.ts";
import { runChecks } from "./analyse.ts";
import type { Expression, Query } from "./ast.ts";
import { bind, type BoundColumn, type Fault } from "./binding/mod.ts";
import { CLASS_OF } from "./binding/types.ts";
import { CHECKS } from "./checks/mod.ts";
import { lex } from "./lexer.ts";
import { computedFault, limitFaults } from "./limits.ts";
import { parseLoneExpression, SqlSyntaxError } from "./parser/mod.ts";
import { sqliteFault } from "./sqlite_fault.ts";
import { validate } from "./validator.ts";

/** The name that the result has while an exception's predicate is bound. No text can hold it: it is no table. */
const RESULT = "\0result";

const NO_TABLES: Catalogue = new Map();

/** Faults of the predicates in `exceptions`, which see the result columns and nothing else. */
export function exceptionFaults(detection: Detection, compiled: CompiledQuery): Diagnostic[] {
  const { exceptions } = detection.meta;
  const source = new SourceText(detection.file, detection.text);
  const faults = exceptions.flatMap(({ when }, index) => {
    const whole = detection.spans.get(`exceptions.${index}.when`) ?? { start: 0, end: 0 };
    const offset = detection.text.slice(whole.start, whole.end).indexOf(when);
    // Escapes and folded lines break the tie between the predicate and the file: then the whole value is the place.
    const place = (span: Span): Span =>
      offset < 0
        ? whole
        : { start: whole.start + offset + span.start, end: whole.start + offset + span.end };
    return predicateFaults(when, compiled)
      .map(({ code, span, message, hint }) => diagnostic(code, source, place(span), message, hint));
  });
  if (exceptions.length === 0 || faults.length > 0) return faults;
  // Each for itself may be within SQLite's limits, and all of them beyond.
  const any = exceptions.map(({ when }) => `(((\n${when}\n)) IS TRUE)`).join(" OR ");
  const verdict = validate(overNulls(compiled, any), NO_TABLES, "linux");
  if (verdict.accepted) return [];
  const span = detection.spans.get("exceptions") ?? { start: 0, end: 0 };
  return [diagnostic("invalid-value", source, span, `all exceptions together: ${verdict.message}`)];
}

/** A query of the predicate's form over a single row with the result's columns. */
function overNulls({ columns }: CompiledQuery, predicate: string): string {
  const nulls = columns.map(({ name }) => `NULL AS ${quoteIdentifier(name)}`).join(", ");
  return `SELECT 1 FROM (SELECT ${nulls}) WHERE (${predicate}\n)`;
}

function predicateFaults(when: string, compiled: CompiledQuery): Fault[] {
  const { tokens, faults } = lex(when);
  if (faults.length > 0) {
    return faults.map((fault) => ({ code: "sql-syntax", span: fault, ...fault }));
  }
  let predicate: Expression;
  try {
    predicate = parseLoneExpression(tokens);
  } catch (error) {
    if (!(error instanceof SqlSyntaxError)) throw error;
    const { code, span, message, hint } = error;
    return [{ code, span, message, ...(hint !== undefined && { hint }) }];
  }
  const columns = compiled.columns.map(({ name, type, origin }): BoundColumn => ({
    name,
    class: type ? CLASS_OF[type] : "any",
    ...(origin && { origin }),
  }));
  const query = overResult(predicate);
  const tooMuch = limitFaults(query);
  if (tooMuch.length > 0) return tooMuch;
  const binding = bind(query, when, NO_TABLES, [], new Map([[RESULT, columns]]));
  const computed = computedFault(query, binding);
  if (computed) return [computed];
  const found = [...binding.faults, ...runChecks(CHECKS, { query, binding, text: when })];
  if (found.length > 0) return found;
  const verdict = validate(overNulls(compiled, when), NO_TABLES, "linux");
  return verdict.accepted ? [] : [sqliteFault(verdict.message, tokens)];
}

function overResult(predicate: Expression): Query {
  const { span } = predicate;
  const name = { text: RESULT, quoted: false, span };
  const alias = { text: "", quoted: false, span };
  return {
    type: "query",
    recursive: false,
    with: [],
    body: {
      type: "select",
      distinct: false,
      columns: [{ type: "star", span }],
      from: { type: "from", first: { type: "table", name, alias, span }, joins: [], span },
      where: predicate,
      groupBy: [],
      windows: [],
      span,
    },
    orderBy: [],
    span,
  };
}
