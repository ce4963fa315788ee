import type { Span } from "../diagnostics/source.ts";

/** A name as it was written; `text` is the name itself, without quotes. */
export interface Name {
  readonly text: string;
  readonly quoted: boolean;
  readonly span: Span;
}

/** What every node carries: its place in the text, surrounding parentheses included. */
interface At {
  readonly span: Span;
}

/**
 * A number, string, blob, NULL, TRUE or FALSE. A blob's value is its hexadecimal digits. An integer beyond 64 bits is a
 * float, as it is to SQLite.
 */
export interface Literal extends At {
  readonly type: "literal";
  readonly kind: "integer" | "float" | "string" | "blob" | "null" | "boolean";
  readonly value: number | bigint | string | boolean | null;
}

/** `CURRENT_TIMESTAMP` and its kin. */
export interface CurrentTime extends At {
  readonly type: "current-time";
  readonly keyword: string;
}

/** `:now`, `?1`, `@x`; `name` is as written. */
export interface ParameterReference extends At {
  readonly type: "parameter";
  readonly name: string;
}

/** `column`, `table.column` or `schema.table.column`. */
export interface ColumnReference extends At {
  readonly type: "column";
  readonly schema?: Name;
  readonly table?: Name;
  readonly name: Name;
}

/** Operators before their operand. */
export type UnaryOperator = "-" | "+" | "~" | "NOT";

/** An operator before its operand. */
export interface Unary extends At {
  readonly type: "unary";
  readonly operator: UnaryOperator;
  readonly operand: Expression;
}

/** Operators between two operands; `==`, `!=` and `IS [NOT] DISTINCT FROM` appear under their plain names. */
export type BinaryOperator =
  | "OR"
  | "AND"
  | "="
  | "<>"
  | "IS"
  | "IS NOT"
  | "<"
  | "<="
  | ">"
  | ">="
  | "&"
  | "|"
  | "<<"
  | ">>"
  | "+"
  | "-"
  | "*"
  | "/"
  | "%"
  | "||"
  | "->"
  | "->>";

/** An operator between two operands. */
export interface Binary extends At {
  readonly type: "binary";
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}

/** `x ISNULL`, `x NOTNULL`, `x NOT NULL`. (`x IS NULL` is a {@linkcode Binary} with a NULL literal.) */
export interface NullTest extends At {
  readonly type: "null-test";
  readonly negated: boolean;
  readonly operand: Expression;
}

/** `x [NOT] LIKE|GLOB|REGEXP|MATCH pattern [ESCAPE e]`. */
export interface Matching extends At {
  readonly type: "matching";
  readonly operator: "LIKE" | "GLOB" | "REGEXP" | "MATCH";
  readonly negated: boolean;
  readonly operand: Expression;
  readonly pattern: Expression;
  readonly escape?: Expression;
}

/** `x [NOT] BETWEEN low AND high`. */
export interface Between extends At {
  readonly type: "between";
  readonly negated: boolean;
  readonly operand: Expression;
  readonly low: Expression;
  readonly high: Expression;
}

/** `x [NOT] IN (a, b)`. */
export interface InList extends At {
  readonly type: "in-list";
  readonly negated: boolean;
  readonly operand: Expression;
  readonly items: readonly Expression[];
}

/** `x [NOT] IN (SELECT …)`. */
export interface InQuery extends At {
  readonly type: "in-query";
  readonly negated: boolean;
  readonly operand: Expression;
  readonly query: Query;
}

/** `x [NOT] IN table` and `x [NOT] IN table(arguments)`. */
export interface InTable extends At {
  readonly type: "in-table";
  readonly negated: boolean;
  readonly operand: Expression;
  readonly source: Table | TableFunction;
}

/** `CASE [x] WHEN a THEN b … [ELSE c] END`. */
export interface Case extends At {
  readonly type: "case";
  readonly operand?: Expression;
  readonly branches: readonly { readonly when: Expression; readonly then: Expression }[];
  readonly otherwise?: Expression;
}

/** `CAST(x AS target)`. */
export interface Cast extends At {
  readonly type: "cast";
  readonly operand: Expression;
  readonly target: string;
}

/** `x COLLATE name`. */
export interface Collate extends At {
  readonly type: "collate";
  readonly operand: Expression;
  readonly collation: Name;
}

/** A function call; with `over` a window function. */
export interface Call extends At {
  readonly type: "call";
  readonly name: Name;
  readonly distinct: boolean;
  /** `count(*)`. */
  readonly star: boolean;
  readonly arguments: readonly Expression[];
  readonly orderBy: readonly OrderTerm[];
  readonly filter?: Expression;
  readonly over?: Window | Name;
}

/** `EXISTS (SELECT …)`. */
export interface Exists extends At {
  readonly type: "exists";
  readonly query: Query;
}

/** `(SELECT …)` as a value. */
export interface ScalarQuery extends At {
  readonly type: "scalar-query";
  readonly query: Query;
}

/** `(a, b)`. */
export interface RowValue extends At {
  readonly type: "row";
  readonly items: readonly Expression[];
}

/** Anything with a value. */
export type Expression =
  | Literal
  | CurrentTime
  | ParameterReference
  | ColumnReference
  | Unary
  | Binary
  | NullTest
  | Matching
  | Between
  | InList
  | InQuery
  | InTable
  | Case
  | Cast
  | Collate
  | Call
  | Exists
  | ScalarQuery
  | RowValue;

/** A term of ORDER BY. */
export interface OrderTerm extends At {
  readonly type: "order-term";
  readonly expression: Expression;
  readonly descending: boolean;
  readonly nulls?: "FIRST" | "LAST";
}

/** One end of a window's frame. */
export type FrameBound =
  | { readonly kind: "unbounded preceding" | "current row" | "unbounded following" }
  | { readonly kind: "preceding" | "following"; readonly offset: Expression };

/** The definition of a window. */
export interface Window extends At {
  readonly type: "window";
  readonly base?: Name;
  readonly partitionBy: readonly Expression[];
  readonly orderBy: readonly OrderTerm[];
  readonly frame?: {
    readonly unit: "ROWS" | "RANGE" | "GROUPS";
    readonly start: FrameBound;
    readonly end?: FrameBound;
    readonly exclude?: "NO OTHERS" | "CURRENT ROW" | "GROUP" | "TIES";
  };
}

/** `expression [AS alias]`, `*` or `table.*` in a result list. */
export type ResultTerm = ResultExpression | ResultStar;

/** `expression [AS alias]`. */
export interface ResultExpression extends At {
  readonly type: "result";
  readonly expression: Expression;
  readonly alias?: Name;
}

/** `*` or `table.*`. */
export interface ResultStar extends At {
  readonly type: "star";
  readonly table?: Name;
}

/** A table, view or common table expression by name. */
export interface Table extends At {
  readonly type: "table";
  readonly schema?: Name;
  readonly name: Name;
  readonly alias?: Name;
}

/** A table-valued function: `json_each(x)`. */
export interface TableFunction extends At {
  readonly type: "table-function";
  readonly schema?: Name;
  readonly name: Name;
  readonly arguments: readonly Expression[];
  readonly alias?: Name;
}

/** `(SELECT …) [AS alias]` in FROM. */
export interface Subquery extends At {
  readonly type: "subquery";
  readonly query: Query;
  readonly alias?: Name;
}

/** `(a JOIN b …)` in FROM. */
export interface JoinGroup extends At {
  readonly type: "join-group";
  readonly from: From;
  readonly alias?: Name;
}

/** What FROM reads. */
export type Source = Table | TableFunction | Subquery | JoinGroup;

/** The marks that `AUTO JOIN` adds to SQLite's grammar. */
export interface AutoJoin {
  /** The word AUTO. */
  readonly auto: Span;
  /** The word WHEN. */
  readonly whenWord?: Span;
  readonly when?: Expression;
}

/** A join operator with what stands on its right. */
export interface Join extends At {
  readonly type: "join";
  readonly kind: "inner" | "comma" | "cross" | "left" | "right" | "full";
  readonly natural: boolean;
  /** The operator's words. */
  readonly operator: Span;
  readonly source: Source;
  readonly on?: Expression;
  readonly using?: readonly Name[];
  readonly auto?: AutoJoin;
}

/** A FROM clause: a source, then joins from left to right. */
export interface From extends At {
  readonly type: "from";
  readonly first: Source;
  readonly joins: readonly Join[];
}

/** A SELECT without ORDER BY and LIMIT. */
export interface Select extends At {
  readonly type: "select";
  readonly distinct: boolean;
  readonly columns: readonly ResultTerm[];
  readonly from?: From;
  readonly where?: Expression;
  readonly groupBy: readonly Expression[];
  readonly having?: Expression;
  readonly windows: readonly { readonly name: Name; readonly window: Window }[];
}

/** `VALUES (…), (…)`. */
export interface Values extends At {
  readonly type: "values";
  readonly rows: readonly (readonly Expression[])[];
}

/** Two SELECTs joined by a set operation. */
export interface Compound extends At {
  readonly type: "compound";
  readonly operator: "UNION" | "UNION ALL" | "EXCEPT" | "INTERSECT";
  readonly left: Body;
  readonly right: Select | Values;
}

/** What a query consists of besides WITH, ORDER BY and LIMIT. */
export type Body = Select | Values | Compound;

/** A common table expression. */
export interface CommonTable extends At {
  readonly type: "common-table";
  readonly name: Name;
  readonly columns?: readonly Name[];
  readonly query: Query;
}

/** A whole SELECT statement or subquery. */
export interface Query extends At {
  readonly type: "query";
  readonly recursive: boolean;
  readonly with: readonly CommonTable[];
  readonly body: Body;
  readonly orderBy: readonly OrderTerm[];
  readonly limit?: Expression;
  readonly offset?: Expression;
}

/** Every kind of node. */
export type Node =
  | Expression
  | OrderTerm
  | Window
  | ResultTerm
  | Source
  | Join
  | From
  | Body
  | CommonTable
  | Query;
