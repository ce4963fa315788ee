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
import { parseLoneExpression, SqlSyntaxError } from "./parser/mod.ts";
import { sqliteFault } from "./sqlite_fault.ts";
import { validate } from "./validator.ts";

/** The name that the result has while an exception's predicate is bound. */
const RESULT = "result";

const NO_TABLES: Catalogue = new Map();

/** Faults of the predicates in `exceptions`, which see the result columns and nothing else. */
export function exceptionFaults(detection: Detection, compiled: CompiledQuery): Diagnostic[] {
  const source = new SourceText(detection.file, detection.text);
  return detection.meta.exceptions.flatMap(({ when }, index) => {
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
  const binding = bind(query, when, NO_TABLES, [], new Map([[RESULT, columns]]));
  const found = [...binding.faults, ...runChecks(CHECKS, { query, binding, text: when })];
  if (found.length > 0) return found;
  const names = columns.map(({ name }) => quoteIdentifier(name)).join(", ");
  const nulls = columns.map(() => "NULL").join(", ");
  const sql =
    `WITH ${RESULT}(${names}) AS (SELECT ${nulls}) SELECT 1 FROM ${RESULT} WHERE (${when}\n)`;
  const verdict = validate(sql, NO_TABLES, "linux");
  return verdict.accepted ? [] : [sqliteFault(verdict.message, tokens)];
}

function overResult(predicate: Expression): Query {
  const { span } = predicate;
  const name = { text: RESULT, quoted: false, span };
  return {
    type: "query",
    recursive: false,
    with: [],
    body: {
      type: "select",
      distinct: false,
      columns: [{ type: "star", span }],
      from: { type: "from", first: { type: "table", name, span }, joins: [], span },
      where: predicate,
      groupBy: [],
      windows: [],
      span,
    },
    orderBy: [],
    span,
  };
}
