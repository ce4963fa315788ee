import type { Call, Expression } from "../ast.ts";
import type { Binding } from "../binding/mod.ts";
import { passedArguments } from "../binding/function_class.ts";
import type { BoundColumn } from "../binding/scope.ts";
import { numberOf } from "./values.ts";

/** What a number says of time. */
export interface Time {
  readonly unit: "s" | "ms";
  /** A point in time, counted from the epoch; otherwise a span. */
  readonly moment: boolean;
}

type Known = Map<Expression, Time | undefined>;

const cache = new WeakMap<Binding, Known>();

/** The time that an expression is, as far as columns' units and arithmetic tell. */
export function timeOf(node: Expression, binding: Binding): Time | undefined {
  let known = cache.get(binding);
  if (!known) cache.set(binding, known = new Map());
  if (!known.has(node)) {
    // A column of a recursive query is computed from itself.
    known.set(node, undefined);
    known.set(node, compute(node, binding));
  }
  return known.get(node);
}

function compute(node: Expression, binding: Binding): Time | undefined {
  const of = (inner: Expression) => timeOf(inner, binding);
  switch (node.type) {
    case "parameter":
      return binding.classes.get(node) === "timestamp" ? { unit: "ms", moment: true } : undefined;
    case "column": {
      const column = binding.resolutions.get(node)?.column;
      return column && timeOfColumn(column, binding);
    }
    case "unary":
    case "collate":
      return of(node.operand);
    case "cast":
      return /INT|REAL|FLOA|DOUB|NUM/.test(node.target) ? of(node.operand) : undefined;
    case "call":
      return timeOfCall(node, of);
    case "case":
      return common(
        [...node.branches.map(({ then }) => then), ...[node.otherwise ?? []].flat()],
        of,
      );
    case "scalar-query": {
      const column = binding.queries.get(node.query)?.[0];
      return column && timeOfColumn(column, binding);
    }
    case "binary":
      switch (node.operator) {
        case "+":
          return sum(node.left, node.right, of) ?? sum(node.right, node.left, of);
        case "-":
          return difference(node.left, node.right, of);
        case "*":
          return scaled(node.left, node.right, "s", of) ?? scaled(node.right, node.left, "s", of);
        case "/":
          return scaled(node.left, node.right, "ms", of);
        default:
          return undefined;
      }
    default:
      return undefined;
  }
}

type TimeOf = (node: Expression) => Time | undefined;

/** The time in a column of a table or of a subquery. */
export function timeOfColumn(column: BoundColumn, binding: Binding): Time | undefined {
  const { origin, definition } = column;
  if (!origin) return definition && timeOf(definition, binding);
  if (column.class === "timestamp") return { unit: "ms", moment: true };
  const table = binding.tables.find(({ shape }) => shape?.spec.name === origin.table);
  const unit = table?.shape?.specs.get(origin.column)?.unit;
  return unit === "s" || unit === "ms" ? { unit, moment: false } : undefined;
}

function timeOfCall(call: Call, of: TimeOf): Time | undefined {
  if (call.name.text.toLowerCase() === "unixepoch") return { unit: "s", moment: true };
  return common(passedArguments(call), of);
}

/** What all values are that are known; a number that is written out is whatever the others are. */
function common(nodes: readonly Expression[], of: TimeOf): Time | undefined {
  const times = nodes.filter((node) => node.type !== "literal").map(of);
  const first = times[0];
  return times.every((time) => time?.unit === first?.unit && time?.moment === first?.moment)
    ? first
    : undefined;
}

/** A time and a span of the same unit, or a number that is written out. */
function sum(time: Expression, span: Expression, of: TimeOf): Time | undefined {
  const [whole, part] = [of(time), of(span)];
  if (!whole || part?.moment) return undefined;
  return part?.unit === whole.unit || numberOf(span) !== undefined ? whole : undefined;
}

function difference(left: Expression, right: Expression, of: TimeOf): Time | undefined {
  const [from, to] = [of(left), of(right)];
  if (from?.moment && to?.moment && from.unit === to.unit) return { ...from, moment: false };
  return sum(left, right, of);
}

function scaled(
  time: Expression,
  factor: Expression,
  from: Time["unit"],
  of: TimeOf,
): Time | undefined {
  const found = of(time);
  if (found?.unit !== from || numberOf(factor) !== 1000) return undefined;
  return { ...found, unit: from === "s" ? "ms" : "s" };
}
