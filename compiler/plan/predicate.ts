import type { Comparison, Predicate, PredicateValue } from "../../model/predicate.ts";
import { STORED_COLUMNS } from "../../schema/columns.ts";
import type { Binary, Expression } from "../ast.ts";
import type { Binding } from "../binding/mod.ts";
import { chain } from "./conditions.ts";
import type { BoundSource } from "../binding/scope.ts";
import type { ValueClass } from "../binding/types.ts";
import { folded } from "../fold.ts";

/** A predicate, and whether it says all that the expression says. */
export interface Extracted {
  readonly predicate: Predicate;
  /** If not, it is true wherever the expression is, and perhaps elsewhere. */
  readonly exact: boolean;
}

const FLIPPED: Readonly<Record<Comparison, Comparison>> = {
  "=": "=",
  "<>": "<>",
  "<": ">",
  "<=": ">=",
  ">": "<",
  ">=": "<=",
};

/**
 * The part of a condition that the rows of one virtual table can be tried on by themselves. Whatever has no known
 * meaning is left out; what remains is true for every row for which the whole condition is.
 */
export function extract(
  node: Expression,
  source: BoundSource,
  binding: Binding,
): Extracted | undefined {
  if (node.type === "binary" && (node.operator === "AND" || node.operator === "OR")) {
    const operands = chain(node, node.operator);
    const parts: Extracted[] = [];
    for (const operand of operands) {
      const part = extract(operand, source, binding);
      if (part) parts.push(part);
      else if (node.operator === "OR") return undefined;
    }
    if (parts.length === 0) return undefined;
    const whole = parts.length === operands.length;
    return {
      predicate: combine(node.operator === "AND" ? "and" : "or", parts.map((one) => one.predicate)),
      exact: whole && parts.every(({ exact }) => exact),
    };
  }
  if (node.type === "unary" && node.operator === "NOT") {
    const inner = extract(node.operand, source, binding);
    // What is looser than its expression is tighter than it once negated.
    return inner?.exact ? negate(inner.predicate) : undefined;
  }
  const predicate = leaf(node, source, binding);
  return predicate && { predicate, exact: true };
}

/** Predicates joined into one, without needless nesting. */
export function combine(op: "and" | "or", predicates: readonly Predicate[]): Predicate {
  const of = predicates.flatMap((one) => one.op === op ? one.of : [one]);
  return of.length === 1 ? of[0]! : { op, of };
}

function negate(of: Predicate): Extracted {
  return { predicate: { op: "not", of }, exact: true };
}

function negated(yes: boolean, predicate: Predicate | undefined): Predicate | undefined {
  return predicate && (yes ? { op: "not", of: predicate } : predicate);
}

function leaf(node: Expression, source: BoundSource, binding: Binding): Predicate | undefined {
  const columnOf = (of: Expression) => ownColumn(of, source, binding);
  switch (node.type) {
    case "column": {
      const column = columnOf(node);
      return column?.class === "boolean"
        ? { op: "=", column: column.name, value: true }
        : undefined;
    }
    case "binary":
      return comparison(node, columnOf);
    case "null-test": {
      const column = columnOf(node.operand);
      return column && negated(node.negated, { op: "null", column: column.name });
    }
    case "between": {
      const column = columnOf(node.operand);
      const low = column && ordered(column.class, node.low);
      const high = column && ordered(column.class, node.high);
      if (!column || low === undefined || high === undefined) return undefined;
      return negated(node.negated, { op: "between", column: column.name, low, high });
    }
    case "in-list": {
      const column = columnOf(node.operand);
      if (!column || node.items.length === 0) return undefined;
      const values = node.items.flatMap((item) => valueOf(column.class, item) ?? []);
      if (values.length !== node.items.length) return undefined;
      return negated(node.negated, { op: "in", column: column.name, values });
    }
    case "matching": {
      const column = columnOf(node.operand);
      const pattern = textOf(node.pattern);
      const escape = node.escape && textOf(node.escape);
      if (column?.class !== "text" || pattern === undefined || node.operator === "MATCH") {
        return undefined;
      }
      if (node.escape && (escape === undefined || [...escape].length !== 1)) return undefined;
      const op = node.operator === "LIKE" ? "like" : node.operator === "GLOB" ? "glob" : "regexp";
      if (escape !== undefined && op !== "like") return undefined;
      return negated(node.negated, {
        op,
        column: column.name,
        pattern,
        ...(escape !== undefined && { escape }),
      });
    }
    default:
      return undefined;
  }
}

interface OwnColumn {
  readonly name: string;
  readonly class: ValueClass;
}

/** The column of the table that an expression is, if the collector supplies it. */
function ownColumn(
  node: Expression,
  source: BoundSource,
  binding: Binding,
): OwnColumn | undefined {
  if (node.type !== "column") return undefined;
  const resolution = binding.resolutions.get(node);
  if (resolution?.kind !== "column" || resolution.source !== source) return undefined;
  const { name, class: of } = resolution.column;
  // The columns of USING are those of several tables, the store's are not known to collectors.
  const shared = !node.table &&
    resolution.scope.sources.some(({ merged }) => merged.has(folded(name)));
  return shared || name in STORED_COLUMNS ? undefined : { name, class: of };
}

function comparison(
  { operator, left, right }: Binary,
  columnOf: (node: Expression) => OwnColumn | undefined,
): Predicate | undefined {
  if (operator === "IS" || operator === "IS NOT") {
    const column = columnOf(left);
    const isNull = right.type === "literal" && right.kind === "null";
    return column && isNull
      ? negated(operator === "IS NOT", { op: "null", column: column.name })
      : undefined;
  }
  if (!Object.hasOwn(FLIPPED, operator)) return undefined;
  const op = operator as Comparison;
  const equality = op === "=" || op === "<>";
  const onLeft = columnOf(left);
  const column = onLeft ?? columnOf(right);
  if (!column) return undefined;
  const literal = onLeft ? right : left;
  const value = equality ? valueOf(column.class, literal) : ordered(column.class, literal);
  if (value === undefined) return undefined;
  return { op: onLeft ? op : FLIPPED[op], column: column.name, value };
}

/** The value of a literal, if it is of a column's class. */
export function valueOf(of: ValueClass, node: Expression): PredicateValue | undefined {
  if (of === "text") return textOf(node);
  const number = numberOf(node);
  if (of === "boolean") {
    if (node.type === "literal" && node.kind === "boolean") return node.value as boolean;
    return number === 0 || number === 1 ? number === 1 : undefined;
  }
  return of === "integer" || of === "float" || of === "timestamp" ? number : undefined;
}

function ordered(of: ValueClass, node: Expression): PredicateValue | undefined {
  return of === "boolean" ? undefined : valueOf(of, node);
}

function textOf(node: Expression): string | undefined {
  return node.type === "literal" && node.kind === "string" ? String(node.value) : undefined;
}

/** A number that JSON carries without loss. */
function numberOf(node: Expression): number | undefined {
  if (node.type === "unary" && (node.operator === "-" || node.operator === "+")) {
    const value = numberOf(node.operand);
    return value === undefined || node.operator === "+" ? value : -value;
  }
  if (node.type !== "literal" || (node.kind !== "integer" && node.kind !== "float")) {
    return undefined;
  }
  const { value } = node;
  if (typeof value !== "number" || !Number.isFinite(value)) return undefined;
  return node.kind === "float" || Number.isSafeInteger(value) ? value : undefined;
}
