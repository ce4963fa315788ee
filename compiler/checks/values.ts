import type { Expression, Literal } from "../ast.ts";
import { classPhrase, isNumeric, type ValueClass } from "../binding/types.ts";
import type { CheckContext } from "./check.ts";

/** An expression together with its class. */
export interface Valued {
  readonly node: Expression;
  readonly class: ValueClass;
}

/** An expression with its class. */
export function valued(context: CheckContext, node: Expression): Valued {
  return { node, class: context.binding.classes.get(node) ?? "any" };
}

/** The characters of an expression, shortened. */
export function written(context: CheckContext, node: Expression): string {
  const text = context.text.slice(node.span.start, node.span.end).replace(/\s+/g, " ");
  return text.length > 48 ? `${text.slice(0, 47)}…` : text;
}

/** An expression and its class as a message names them: "`pid` is a number". */
export function phrase(context: CheckContext, { node, class: of }: Valued): string {
  const unit = node.type === "parameter" || node.type === "column";
  const what = of === "timestamp" && unit ? "a timestamp in milliseconds" : classPhrase(of);
  return `\`${written(context, node)}\` is ${what}`;
}

/** A literal number, also with a sign. */
export function numberOf(node: Expression): number | undefined {
  if (node.type === "unary" && node.operator === "-") {
    const value = numberOf(node.operand);
    return value === undefined ? undefined : -value;
  }
  if (node.type !== "literal") return undefined;
  return node.kind === "integer" || node.kind === "float" ? Number(node.value) : undefined;
}

/** Whether an expression is a string literal. */
export function isString(node: Expression): node is Literal & { value: string } {
  return node.type === "literal" && node.kind === "string";
}

/** Literals below this are seconds, or nothing, where milliseconds since the epoch are meant: 1973 in milliseconds. */
const LEAST_MILLISECONDS = 1e11;

/** A fault of comparing two values, or `undefined` where they may be compared. */
export interface Mismatch {
  readonly message: string;
  readonly hint?: string;
}

/** Why two values cannot be compared: what is wrong and how to mend it. */
export function mismatch(context: CheckContext, left: Valued, right: Valued): Mismatch | undefined {
  if (left.class === "json" || right.class === "json") {
    return jsonMismatch(context, left.class === "json" ? left : right);
  }
  return oneWay(context, left, right) ?? oneWay(context, right, left);
}

function jsonMismatch(context: CheckContext, json: Valued): Mismatch {
  const text = written(context, json.node);
  return {
    message: `\`${text}\` is JSON, which is not compared as a whole`,
    hint: `take a part of it: ${text} ->> '$.key', or json_each(${text}) in FROM`,
  };
}

function oneWay(context: CheckContext, left: Valued, right: Valued): Mismatch | undefined {
  const both = () => `${phrase(context, left)}, ${phrase(context, right)}`;
  const number = numberOf(right.node);
  switch (left.class) {
    case "integer":
    case "float":
    case "number":
      if (right.class !== "text") break;
      return left.node.type === "literal" && !isString(right.node)
        ? {
          message: `${phrase(context, right)}, ${phrase(context, left)}`,
          hint: `write '${written(context, left.node)}'`,
        }
        : { message: both(), ...literalHint(context, right) };
    case "text":
      if (right.class === "blob") return { message: both(), hint: "compare hex(…), or write text" };
      break;
    case "boolean":
      if (right.class === "text") return { message: both(), hint: "write TRUE or FALSE" };
      if (number !== undefined && number !== 0 && number !== 1) {
        return { message: `${both()}, neither 0 nor 1`, hint: "write TRUE or FALSE" };
      }
      if (right.class === "timestamp" || right.class === "seconds") return { message: both() };
      break;
    case "timestamp":
      if (right.class === "text") {
        return { message: both(), ...timeHint(context, right, " * 1000") };
      }
      if (number !== undefined && number !== 0 && Math.abs(number) < LEAST_MILLISECONDS) {
        return {
          message: `${phrase(context, left)}, \`${number}\` would be ${yearOf(number)}`,
          hint: number > 1e8
            ? `in milliseconds it is ${number * 1000}`
            : "an age is a difference: :now - start_time > 60000",
        };
      }
      break;
    case "seconds":
      if (right.class === "text") return { message: both(), ...timeHint(context, right, "") };
      if (number !== undefined && number >= LEAST_MILLISECONDS) {
        return { message: `${phrase(context, left)}, \`${number}\` looks like milliseconds` };
      }
      break;
    default:
      break;
  }
  return undefined;
}

function yearOf(milliseconds: number): string {
  return `a moment in ${new Date(milliseconds).getUTCFullYear()}`;
}

/** How an author gets a number where there is text. */
export function numberHint(context: CheckContext, node: Expression): string {
  if (node.type === "call" && node.name.text.toLowerCase() === "strftime") {
    const [format, ...time] = node.arguments;
    if (format && isString(format) && format.value === "%s" && time.length > 0) {
      return `unixepoch(${time.map((one) => written(context, one)).join(", ")}) is a number`;
    }
  }
  return "CAST(… AS INTEGER) makes a number of text";
}

function literalHint(context: CheckContext, { node }: Valued): { hint?: string } {
  if (isString(node) && node.value.trim() !== "" && Number.isFinite(Number(node.value))) {
    return { hint: `write it without quotes: ${node.value.trim()}` };
  }
  if (isString(node)) return {};
  return { hint: numberHint(context, node) };
}

function timeHint(context: CheckContext, { node }: Valued, factor: string): { hint?: string } {
  if (isString(node) && Number.isFinite(Date.parse(node.value))) {
    return { hint: `write unixepoch('${node.value}')${factor}` };
  }
  if (isString(node)) return { hint: `write a time as unixepoch('2026-01-31')${factor}` };
  return { hint: `unixepoch(${written(context, node)})${factor} is a time` };
}

/** Whether a class is a number, a time or a boolean, for which text operators make no sense. */
export function isNotText(of: ValueClass): boolean {
  return isNumeric(of) || of === "boolean" || of === "timestamp" || of === "seconds";
}
