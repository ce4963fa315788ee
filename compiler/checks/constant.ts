import type { Expression } from "../ast.ts";

/** The text of an expression that is a string literal or joins some; `undefined` of anything else. */
export function constantText(expression: Expression): string | undefined {
  switch (expression.type) {
    case "literal":
      return expression.kind === "string" ? String(expression.value) : undefined;
    case "collate":
      return constantText(expression.operand);
    case "call":
      return caseFolded(expression.name.text, expression.arguments);
    case "binary": {
      if (expression.operator !== "||") return undefined;
      const left = constantText(expression.left);
      const right = constantText(expression.right);
      return left === undefined || right === undefined ? undefined : left + right;
    }
    default:
      return undefined;
  }
}

function caseFolded(name: string, args: readonly Expression[]): string | undefined {
  const text = args.length === 1 ? constantText(args[0]!) : undefined;
  if (text === undefined) return undefined;
  switch (name.toLowerCase()) {
    case "lower":
      return text.toLowerCase();
    case "upper":
      return text.toUpperCase();
    case "trim":
      return text.replace(/^ +| +$/g, "");
    default:
      return undefined;
  }
}
