import type { Expression } from "../ast.ts";
import { constantText } from "../checks/constant.ts";
import { nodesOf } from "../walk.ts";
import type { HygieneCheck, SqlContext } from "./check.ts";

/** A regular expression is one. */
export const literalRegexp: HygieneCheck = {
  code: "literal-regexp",
  docs: {
    what: "A regular expression without anything regular: plain text, perhaps between `^` and `$`.",
    why:
      "Plain comparisons are twice as fast, can be applied by collectors, and say what they mean.",
    bad: "SELECT pid FROM processes WHERE command_line REGEXP '(?i)mimikatz'",
    good: "SELECT pid FROM processes WHERE contains(command_line, 'mimikatz')",
  },
  *sql(context) {
    for (const { text, pattern } of regexps(context)) {
      const constant = constantText(pattern);
      const plain = constant === undefined ? undefined : plainText(constant);
      if (!plain) continue;
      const { start, end } = text.span;
      yield {
        span: pattern.span,
        message: "the regular expression is plain text",
        hint: `write ${rewritten(context.detection.text.slice(start, end), plain)}`,
      };
    }
  },
};

/** Texts with the expressions that they are matched against. */
function regexps({ tree }: SqlContext): { text: Expression; pattern: Expression }[] {
  const operators = nodesOf(tree.query, "matching")
    .filter(({ operator, negated }) => operator === "REGEXP" && !negated)
    .map(({ operand, pattern }) => ({ text: operand, pattern }));
  const calls = nodesOf(tree.query, "call")
    .filter(({ name, arguments: args }) => /^regexp$/i.test(name.text) && args.length === 2)
    .map(({ arguments: args }) => ({ text: args[1]!, pattern: args[0]! }));
  return [...operators, ...calls];
}

/** What a pattern without operators looks for, and where. */
interface Plain {
  readonly text: string;
  readonly caseless: boolean;
  readonly atStart: boolean;
  readonly atEnd: boolean;
}

const PLAIN =
  /^(\(\?i\))?(\^)?((?:[^\\^$.|?*+()[\]{}]|\\[^\p{L}\p{N}]|\[[^\\^\]\p{L}\p{N}]\])+)(\$)?$/u;

function plainText(pattern: string): Plain | undefined {
  const match = PLAIN.exec(pattern);
  if (!match) return undefined;
  const text = match[3]!.replace(
    /\\(.)|\[(.)\]/gsu,
    (_, escaped, inBrackets) => escaped ?? inBrackets,
  );
  const caseless = match[1] !== undefined;
  // Beyond ASCII the plain functions know no cases.
  if (caseless && /[^\x20-\x7e]/.test(text)) return undefined;
  return { text, caseless, atStart: match[2] !== undefined, atEnd: match[4] !== undefined };
}

function rewritten(operand: string, { text, caseless, atStart, atEnd }: Plain): string {
  const quoted = (value: string) => `'${value.replaceAll("'", "''")}'`;
  if (atStart && atEnd) return `${operand} = ${quoted(text)}${caseless ? " COLLATE NOCASE" : ""}`;
  if (caseless) {
    const name = atStart ? "starts_with" : atEnd ? "ends_with" : "contains";
    return `${name}(${operand}, ${quoted(text)})`;
  }
  const glob = text.replace(/[*?[]/g, "[$&]");
  return `${operand} GLOB ${quoted(`${atStart ? "" : "*"}${glob}${atEnd ? "" : "*"}`)}`;
}
