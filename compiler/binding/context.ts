import type { Code } from "../../diagnostics/codes.ts";
import type { Span } from "../../diagnostics/source.ts";
import type {
  ColumnReference,
  CommonTable,
  Expression,
  Query,
  ResultTerm,
  Select,
  Source,
  Table,
} from "../ast.ts";
import type { Shapes } from "./catalogue.ts";
import type { BoundColumn, BoundSource, Resolution, Scope } from "./scope.ts";
import type { ValueClass } from "./types.ts";

/** A fault in SQL before it is given its place in the file. */
export interface Fault {
  readonly code: Code;
  readonly span: Span;
  readonly message: string;
  readonly hint?: string;
}

/** What every name and expression of a query stands for. */
export interface Binding {
  /** The columns of the result; `undefined` where a name could not be resolved. */
  readonly result: readonly BoundColumn[] | undefined;
  /** The class of every expression. */
  readonly classes: ReadonlyMap<Expression, ValueClass>;
  readonly resolutions: ReadonlyMap<ColumnReference, Resolution>;
  readonly scopes: ReadonlyMap<Select, Scope>;
  /** The columns that each term of a result list stands for, where they are known. */
  readonly terms: ReadonlyMap<ResultTerm, readonly BoundColumn[]>;
  /** The columns that each subquery and query has. */
  readonly queries: ReadonlyMap<Query, readonly BoundColumn[] | undefined>;
  /** What each node in FROM, or after IN, is bound to. */
  readonly sources: ReadonlyMap<Source, BoundSource>;
  /** The common table expression that a name in FROM stands for. */
  readonly common: ReadonlyMap<Table, CommonTable>;
  /** Every source that is a virtual table, in the order of the text. */
  readonly tables: readonly BoundSource[];
  /** The columns read of each virtual table. */
  readonly reads: ReadonlyMap<string, ReadonlySet<string>>;
  readonly faults: readonly Fault[];
}

/** A common table expression while and after it is bound. */
export interface CommonState {
  readonly node: CommonTable;
  readonly env: Env;
  readonly outer: Scope | undefined;
  state: "waiting" | "binding" | "bound";
  columns: readonly BoundColumn[] | undefined;
}

/** The common table expressions that a query may name, by name in lower case. */
export interface Env {
  readonly tables: ReadonlyMap<string, CommonState>;
  readonly parent: Env | undefined;
}

/** What binding fills in on its way through a query. */
export interface Context {
  /** The text that spans point into. */
  readonly text: string;
  readonly shapes: Shapes;
  /** Other tables with their columns, by name in lower case. */
  readonly given: ReadonlyMap<string, readonly BoundColumn[]>;
  readonly classes: Map<Expression, ValueClass>;
  readonly resolutions: Map<ColumnReference, Resolution>;
  readonly scopes: Map<Select, Scope>;
  readonly terms: Map<ResultTerm, readonly BoundColumn[]>;
  readonly queries: Map<Query, readonly BoundColumn[] | undefined>;
  readonly sources: Map<Source, BoundSource>;
  readonly common: Map<Table, CommonTable>;
  readonly tables: BoundSource[];
  readonly reads: Map<string, Set<string>>;
  readonly faults: Fault[];
}

/** Records a fault. */
export function report(
  context: Context,
  code: Code,
  span: Span,
  message: string,
  hint?: string,
): void {
  context.faults.push({ code, span, message, ...(hint !== undefined && { hint }) });
}

/** Records that a column of a virtual table is read. */
export function markRead(context: Context, column: BoundColumn): void {
  if (!column.origin) return;
  const columns = context.reads.get(column.origin.table);
  if (columns) columns.add(column.origin.column);
}
