import type { SourceText, Span } from "../diagnostics/source.ts";
import { type Diagnostic, diagnostic, hasErrors } from "../diagnostics/diagnostic.ts";
import {
  type CompiledQuery,
  type Parameter,
  PARAMETERS,
  type ResultColumn,
} from "../model/compiled.ts";
import type { Detection } from "../model/detection.ts";
import type { Catalogue } from "../profiles/mod.ts";
import type { Platform } from "../schema/types.ts";
import type { Query } from "./ast.ts";
import { bind, type Binding, type BoundColumn, type Fault } from "./binding/mod.ts";
import { TYPE_OF } from "./binding/types.ts";
import type { Check, CheckContext } from "./checks/check.ts";
import { CHECKS } from "./checks/mod.ts";
import { isRowId } from "./fold.ts";
import { lex, type Token } from "./lexer.ts";
import { computedFault, lengthFault, limitFaults } from "./limits.ts";
import { parseStatement, SqlSyntaxError } from "./parser/mod.ts";
import {
  PlanError,
  type Planned,
  type PlanOptions,
  planQuery,
  type TableReads,
  wholePlan,
} from "./plan/mod.ts";
import { needsKeys } from "./plan/keys.ts";
import { plainSql } from "./rewrite.ts";
import { sqliteFault } from "./sqlite_fault.ts";
import { mayExplode, unanalysedFaults } from "./unanalysed.ts";
import { validate, type Verdict } from "./validator.ts";
import { nodesOf } from "./walk.ts";

/** SQL within a text, and what it is to be read against. */
export interface AnalysisInput {
  readonly source: SourceText;
  /** Where the SQL begins and ends in the text. */
  readonly start: number;
  readonly end: number;
  readonly catalogue: Catalogue;
  readonly platforms: readonly Platform[];
  /** The detection that the SQL belongs to. */
  readonly detection?: Detection;
}

/** What is known of a query that may run. */
export interface Analysed {
  readonly compiled: CompiledQuery;
  /** Absent where SQLite accepts what the parser does not know. */
  readonly tree?: { readonly query: Query; readonly binding: Binding };
}

/** Every fault of a query, and what is known of it if none is an error. */
export interface Analysis {
  readonly analysed: Analysed | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads, binds and checks a query, and asks SQLite. */
export function analyse(input: AnalysisInput): Analysis {
  const { source, start, end } = input;
  if (source.text.slice(start, end).trim() === "") {
    return refused(input, [{
      code: "sql-missing",
      span: { start, end },
      message: "there is no SQL",
    }]);
  }
  const long = lengthFault(source.text.slice(start, end), { start, end });
  if (long) return refused(input, [long]);
  const { tokens, faults } = lex(source.text, start, end);
  if (faults.length > 0) {
    return refused(input, faults.map((fault) => ({ code: "sql-syntax", span: fault, ...fault })));
  }
  let query: Query;
  try {
    query = parseStatement(tokens);
  } catch (error) {
    if (!(error instanceof SqlSyntaxError)) throw error;
    return unparsed(input, tokens, error);
  }
  const tooMuch = limitFaults(query);
  if (tooMuch.length > 0) return refused(input, tooMuch);
  return parsed(input, tokens, query);
}

function parsed(input: AnalysisInput, tokens: readonly Token[], query: Query): Analysis {
  const { source, catalogue, platforms, detection } = input;
  const binding = bind(query, source.text, catalogue, platforms);
  const excess = binding.faults.find(({ code }) => code === "invalid-sql") ??
    computedFault(query, binding);
  if (excess) return refused(input, [excess]);
  const found = runChecks(CHECKS, { query, binding, text: source.text, detection });
  const sql = plainSql([query], source.text);
  const groups = nodesOf(query, "join-group");
  const ask = (one: string, platform: Platform) =>
    validate(one, catalogue, platform, groups.length > 0);
  const verdicts = platforms.map((platform) => ask(sql, platform));
  const refusal = verdicts.find((verdict) => !verdict.accepted);
  if (refusal && !refusal.accepted) {
    const faults = [...binding.faults, ...found];
    return refused(input, faults.length > 0 ? faults : [sqliteFault(refusal.message, tokens)]);
  }
  const unsure = binding.faults.length > 0;
  // SQLite is the last word on columns. Keys cannot be planned without knowing what they are.
  const forgiven = binding.faults.every(({ code }) => FORGIVABLE.has(code)) &&
    !binding.tables.some(needsKeys) &&
    !(groups.length > 0 && binding.faults.some(({ span }) => isRowId(nameAt(source, span))));
  if (unsure && !forgiven) return refused(input, [...binding.faults, ...found]);
  const faults = unsure ? [...found, notAnalysed(binding.faults[0]!)] : found;
  const diagnostics = located(input, faults);
  if (hasErrors(diagnostics)) return { analysed: null, diagnostics };
  // The authorizer misses the columns of USING, binding what it cannot resolve: together they miss nothing. Of tables in
  // parentheses it names every column there is.
  const resolved = !unsure && groups.length > 0 && groups.every(({ alias }) => !alias);
  const reads = resolved ? [binding.reads] : [binding.reads, ...verdicts.flatMap(readsOf)];
  const planned = unsure
    ? wholePlan(reads, catalogue, schedule(input).ttl)
    : planOrFault(query, binding, {
      text: source.text,
      reads,
      readsOfSql: (sql) => readsOf(ask(sql, platforms[0]!))[0],
      ...schedule(input),
    });
  if ("code" in planned) return refused(input, [planned]);
  const { plan, tables } = planned;
  const compiled: CompiledQuery = {
    sql,
    tables,
    columns: (binding.result ?? columnsOf(verdicts[0])).map(resultColumn),
    parameters: namedParameters(tokens),
    plan,
  };
  const tree = unsure ? undefined : { query, binding };
  return { analysed: { compiled, ...(tree && { tree }) }, diagnostics };
}

function planOrFault(query: Query, binding: Binding, options: PlanOptions): Planned | Fault {
  try {
    return planQuery(query, binding, options);
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    const hint = "put what the key depends on into a common table expression, and join that";
    return { code: "needs-key", span: error.span, message: error.message, hint };
  }
}

/** Faults of names that SQLite may resolve better than binding does. */
const FORGIVABLE: ReadonlySet<string> = new Set([
  "unknown-column",
  "ambiguous-column",
  "sql-syntax",
]);

function nameAt({ text }: SourceText, { start, end }: Span): string {
  return text.slice(start, end).replace(/^["'`[](.*)["'`\]]$/s, "$1");
}

/** SQLite accepts what this says is wrong. */
function notAnalysed({ span, message }: Fault): Fault {
  return { code: "not-analysed", span, message: `SQLite accepts this, but ${message}` };
}

/** What the parser does not know SQLite may: then its word counts, and nothing more is said of the query. */
function unparsed(input: AnalysisInput, tokens: readonly Token[], error: SqlSyntaxError): Analysis {
  const { source, start, end, catalogue, platforms } = input;
  const { code, span, message, hint } = error;
  const fault: Fault = { code, span, message, ...(hint !== undefined && { hint }) };
  if (code !== "sql-syntax" || mayExplode(tokens)) return refused(input, [fault]);
  const sql = source.text.slice(start, end);
  const verdicts = platforms.map((platform) => validate(sql, catalogue, platform));
  if (verdicts.some((verdict) => !verdict.accepted || verdict.columns.length === 0)) {
    return refused(input, [fault]);
  }
  const { plan, tables } = wholePlan(verdicts.flatMap(readsOf), catalogue, schedule(input).ttl);
  const specs = tables.flatMap(({ table }) => catalogue.get(table) ?? []);
  const faults = unanalysedFaults(tokens, fault, specs);
  const diagnostics = located(input, faults);
  if (hasErrors(diagnostics)) return { analysed: null, diagnostics };
  const compiled: CompiledQuery = {
    sql,
    tables,
    columns: columnsOf(verdicts[0]).map(resultColumn),
    parameters: namedParameters(tokens),
    plan,
  };
  return { analysed: { compiled }, diagnostics };
}

/** Runs checks over a query. */
export function runChecks(checks: readonly Check[], context: CheckContext): Fault[] {
  return checks.flatMap(({ code, check }) =>
    [...check(context)].map((finding) => ({ code, ...finding }))
  );
}

/** How often collected rows are wanted anew where nothing says so. */
const DEFAULT_PERIOD = 60_000;

function schedule({ detection }: AnalysisInput): { ttl: number; lookback: boolean } {
  return {
    ttl: detection?.meta.schedule.every ?? DEFAULT_PERIOD,
    lookback: detection?.meta.lookback !== undefined,
  };
}

function refused(input: AnalysisInput, faults: readonly Fault[]): Analysis {
  return { analysed: null, diagnostics: located(input, faults) };
}

/** Faults in the order of the text, one of a kind at a place. */
function located({ source }: AnalysisInput, faults: readonly Fault[]): Diagnostic[] {
  const seen = new Set<string>();
  return [...faults]
    .sort((left, right) => left.span.start - right.span.start)
    .filter(({ code, span }) => {
      const key = `${code} ${span.start} ${span.end}`;
      return !seen.has(key) && seen.add(key);
    })
    .map(({ code, span, message, hint }) => diagnostic(code, source, span, message, hint));
}

function readsOf(verdict: Verdict): TableReads[] {
  return verdict.accepted ? [verdict.reads] : [];
}

function columnsOf(verdict: Verdict | undefined): readonly BoundColumn[] {
  if (!verdict?.accepted) return [];
  return verdict.columns.map(({ name }) => ({ name, class: "any" }));
}

function resultColumn({ name, class: of, origin }: BoundColumn): ResultColumn {
  const type = TYPE_OF[of];
  return { name, ...(type && { type }), ...(origin && { origin }) };
}

/** The parameters that SQL names. */
export function namedParameters(tokens: readonly Token[]): Parameter[] {
  const named = new Set<string>();
  for (const token of tokens) if (token.kind === "parameter") named.add(token.text);
  return PARAMETERS.filter((name) => named.has(`:${name}`));
}
