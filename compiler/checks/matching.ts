import { compilePattern } from "../../dialect/mod.ts";
import { nodesOf } from "../walk.ts";
import { constantText } from "./constant.ts";
import type { Check } from "./check.ts";
import { isNotText, isString, phrase, valued, written } from "./values.ts";

/** LIKE, GLOB and REGEXP look at text. */
export const matching: Check = {
  code: "type-mismatch",
  docs: {
    what: "LIKE, GLOB or REGEXP on something that is not text.",
    why:
      "A number has no characters to match, and JSON has quotes and escapes that a pattern misses.",
    bad: "SELECT pid FROM processes WHERE environment_variables LIKE '%LD_PRELOAD%'",
    good: "SELECT pid FROM processes WHERE environment_variables ->> '$.LD_PRELOAD' IS NOT NULL",
  },
  *check(context) {
    for (const node of nodesOf(context.query, "matching")) {
      const operand = valued(context, node.operand);
      if (operand.class === "json") {
        const text = written(context, node.operand);
        yield {
          span: node.operand.span,
          message: `\`${text}\` is JSON; ${node.operator} takes text`,
          hint: `take a part of it: ${text} ->> '$.key', or json_each(${text}) in FROM`,
        };
      } else if (isNotText(operand.class)) {
        const hint = operand.class === "timestamp"
          ? `compare times: ${written(context, node.operand)} > :now - 3600000`
          : `compare numbers with = or BETWEEN`;
        yield {
          span: node.operand.span,
          message: `${phrase(context, operand)}; ${node.operator} takes text`,
          hint,
        };
      }
      const pattern = valued(context, node.pattern);
      if (isNotText(pattern.class)) {
        yield {
          span: node.pattern.span,
          message: `${phrase(context, pattern)}; a pattern is text`,
          hint: `write '${written(context, node.pattern)}'`,
        };
      }
    }
  },
};

/** Regular expressions that are written out are valid RE2. */
export const patterns: Check = {
  code: "bad-pattern",
  docs: {
    what: "A regular expression that RE2 refuses.",
    why:
      "It would match nothing. RE2 has no look-around and no back-references: that keeps it linear.",
    bad: "SELECT pid FROM processes WHERE command_line REGEXP '(?=curl)'",
    good: "SELECT pid FROM processes WHERE command_line REGEXP 'curl'",
  },
  *check({ query }) {
    const used = [
      ...nodesOf(query, "matching").filter(({ operator }) => operator === "REGEXP")
        .map(({ pattern }) => pattern),
      ...nodesOf(query, "call").filter(({ name }) => name.text.toLowerCase() === "regexp")
        .flatMap((call) => call.arguments[0] ?? []),
    ];
    for (const node of used) {
      const text = constantText(node);
      if (text === undefined) continue;
      const compiled = compilePattern(text);
      if (!("error" in compiled)) continue;
      // A quote in a literal is written twice, so that offsets behind it would not fit.
      const inside = isString(node) && !text.includes("'") && compiled.offset !== undefined
        ? node.span.start + 1 + compiled.offset
        : undefined;
      const span = inside === undefined ? node.span : { start: inside, end: node.span.end - 1 };
      yield {
        span,
        message: `the pattern is not valid: ${compiled.error}`,
        hint: "patterns are RE2",
      };
    }
  },
};
