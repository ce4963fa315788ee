import type { Node } from "../../compiler/ast.ts";

/** A tree without places, in which some things that mean the same look the same. */
type Form = { readonly [key: string]: unknown };

/**
 * A text that is equal for trees that differ only in what has no meaning: spaces, parentheses, the case of names, the
 * order and repetition of what AND, OR, IN and = connect, and TRUE, FALSE and DISTINCT where they change nothing.
 */
export function normalForm(node: Node): string {
  return JSON.stringify(formOf(node));
}

function formOf(value: unknown): unknown {
  if (typeof value === "bigint") return `${value}n`;
  if (Array.isArray(value)) return value.map(formOf);
  if (typeof value !== "object" || value === null) return value;
  // A place.
  if (typeof (value as Form)["start"] === "number") return undefined;
  const form: Form = Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, formOf(inner)]),
  );
  if ("quoted" in form && typeof form["text"] === "string") return form["text"].toLowerCase();
  switch (form["type"]) {
    case "binary":
      return binary(form);
    case "in-list":
      return { ...form, items: unique(form["items"] as unknown[]) };
    case "in-query":
    case "exists":
      return { ...form, query: withoutDistinct(form["query"] as Form) };
    case "call":
      return /^(min|max)$/.test(String(form["name"])) ? { ...form, distinct: false } : form;
    default:
      return form;
  }
}

/** A query of whose rows only the existence matters. */
function withoutDistinct(query: Form): Form {
  const body = query["body"] as Form;
  return query["limit"] || body["type"] !== "select"
    ? query
    : { ...query, body: { ...body, distinct: false } };
}

function binary(form: Form): unknown {
  const { operator, left, right } = form;
  switch (operator) {
    case "AND":
    case "OR": {
      const operands = unique([left, right].flatMap((one) => operandsOf(one, operator)))
        .filter((one) => !isBoolean(one, operator === "AND"));
      if (operands.some((one) => isBoolean(one, operator === "OR"))) {
        return boolean(operator === "OR");
      }
      return operands.length === 0
        ? boolean(operator === "AND")
        : operands.length === 1
        ? operands[0]
        : { type: "binary", operator, operands };
    }
    case "=":
    case "<>":
      return { type: "binary", operator, operands: sorted([left, right]) };
    case "IS":
    case "IS NOT":
      return isBoolean(right, true) || isBoolean(right, false) ? form : {
        type: "binary",
        operator,
        operands: sorted([left, right]),
      };
    default:
      return form;
  }
}

function operandsOf(form: unknown, operator: unknown): readonly unknown[] {
  const { type, operator: own, operands } = (form ?? {}) as Form;
  return type === "binary" && own === operator ? operands as unknown[] : [form];
}

const boolean = (value: boolean): Form => ({ type: "literal", kind: "boolean", value });

function isBoolean(form: unknown, value: boolean): boolean {
  const { type, kind, value: own } = (form ?? {}) as Form;
  return type === "literal" && kind === "boolean" && own === value;
}

const sorted = (forms: readonly unknown[]): unknown[] =>
  [...forms].sort((left, right) => JSON.stringify(left) < JSON.stringify(right) ? -1 : 1);

function unique(forms: readonly unknown[]): unknown[] {
  const seen = new Map(forms.map((form) => [JSON.stringify(form), form]));
  return sorted([...seen.values()]);
}
