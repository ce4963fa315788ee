import type { Expression } from "../ast.ts";
import { nodesOf } from "../walk.ts";
import type { Check, CheckContext, Finding } from "./check.ts";
import { comparedPairs } from "./comparisons.ts";
import { type Time, timeOf, timeOfColumn } from "./time_of.ts";
import { written } from "./values.ts";

/** Times are compared, added and subtracted in the same unit. */
export const units: Check = {
  code: "type-mismatch",
  docs: {
    what:
      "Seconds compared with milliseconds, or added to them; a moment compared with a span of time.",
    why:
      "Timestamps are in milliseconds, many columns in seconds: the answer is wrong by a factor of 1,000, and mostly the " +
      "same one for every row.",
    bad: "SELECT pid FROM processes WHERE accumulated_cpu_time > run_time",
    good: "SELECT pid FROM processes WHERE accumulated_cpu_time > run_time * 1000",
  },
  *check(context) {
    const { query, binding } = context;
    for (const [left, right] of comparedPairs(query)) {
      // A number that is written out is of any unit.
      if (left.type === "literal" || right.type === "literal") continue;
      yield* compare(context, [left, timeOf(left, binding)], [right, timeOf(right, binding)]);
    }
    for (const { operand, query: inner } of nodesOf(query, "in-query")) {
      const column = binding.queries.get(inner)?.[0];
      if (!column || operand.type === "row") continue;
      const time = timeOf(operand, binding);
      const other = timeOfColumn(column, binding);
      if (!time || !other || time.unit === other.unit && time.moment === other.moment) continue;
      const message = `\`${written(context, operand)}\` is ${
        phrase(time)
      }, \`${column.name}\` of the query ${phrase(other)}`;
      yield { span: operand.span, message };
    }
    for (const { operator, left, right } of nodesOf(query, "binary")) {
      if (operator !== "+" && operator !== "-") continue;
      const times = [timeOf(left, binding), timeOf(right, binding)] as const;
      if (times[0] && times[1] && times[0].unit !== times[1].unit) {
        yield mixed(context, times[0].unit === "s" ? [left, right] : [right, left]);
      }
    }
  },
};

type Timed = readonly [node: Expression, time: Time | undefined];

function* compare(context: CheckContext, left: Timed, right: Timed): Iterable<Finding> {
  const [one, other] = [left[1], right[1]];
  if (!one || !other) return;
  if (one.moment !== other.moment) {
    const [moment, span] = one.moment ? [left[0], right[0]] : [right[0], left[0]];
    yield {
      span: moment.span,
      message: `\`${written(context, moment)}\` is a moment, \`${
        written(context, span)
      }\` a span of time`,
      hint: `an age is a difference: :now - ${
        moment.type === "parameter" ? "start_time" : operand(context, moment)
      }`,
    };
  } else if (one.unit !== other.unit) {
    yield mixed(context, one.unit === "s" ? [left[0], right[0]] : [right[0], left[0]]);
  }
}

function mixed(
  context: CheckContext,
  [seconds, milliseconds]: readonly [Expression, Expression],
): Finding {
  return {
    span: seconds.span,
    message: `\`${written(context, milliseconds)}\` is in milliseconds, \`${
      written(context, seconds)
    }\` in seconds`,
    hint: `bring both to milliseconds: ${operand(context, seconds)} * 1000`,
  };
}

/** An expression as it stands beside an operator. */
function operand(context: CheckContext, node: Expression): string {
  const text = written(context, node);
  return ["call", "column", "parameter", "literal"].includes(node.type) ? text : `(${text})`;
}

function phrase({ unit, moment }: Time): string {
  return `${moment ? "a moment" : "a span of time"} in ${
    unit === "s" ? "seconds" : "milliseconds"
  }`;
}
