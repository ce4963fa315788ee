import type { Expression } from "../ast.ts";
import { nodesOf } from "../walk.ts";
import { constantText } from "./constant.ts";
import type { Check, CheckContext, Finding } from "./check.ts";
import { valued, written } from "./values.ts";

/** Date functions, and where their time value stands. */
const TIME_ARGUMENT: Readonly<Record<string, number>> = {
  date: 0,
  time: 0,
  datetime: 0,
  julianday: 0,
  unixepoch: 0,
  strftime: 1,
};

/** Date functions take seconds and say so. */
export const times: Check = {
  code: "type-mismatch",
  docs: {
    what: "Milliseconds where a date function takes seconds, or seconds without `'unixepoch'`.",
    why: "The result is a time some 50,000 years ahead, or NULL.",
    bad: "SELECT pid, datetime(start_time, 'unixepoch') AS started FROM processes",
    good: "SELECT pid, datetime(start_time / 1000, 'unixepoch') AS started FROM processes",
  },
  *check(context) {
    for (const call of nodesOf(context.query, "call")) {
      const name = call.name.text.toLowerCase();
      const index = Object.hasOwn(TIME_ARGUMENT, name) ? TIME_ARGUMENT[name]! : undefined;
      const argument = index === undefined ? undefined : call.arguments[index];
      if (argument) yield* timeArgument(context, name, argument, call.arguments.slice(index! + 1));
    }
  },
};

function* timeArgument(
  context: CheckContext,
  name: string,
  argument: Expression,
  modifiers: readonly Expression[],
): Iterable<Finding> {
  const { class: of } = valued(context, argument);
  if (of !== "timestamp" && of !== "seconds") return;
  const words = modifiers.map((modifier) => constantText(modifier)?.toLowerCase());
  const asSeconds = words.includes("unixepoch") || words.includes("auto");
  const text = written(context, argument);
  if (of === "timestamp") {
    const simple = argument.type === "column" || argument.type === "parameter";
    const seconds = `${simple ? text : `(${text})`} / 1000`;
    yield {
      span: argument.span,
      message: `\`${text}\` is in milliseconds, ${name}() takes seconds`,
      hint: name === "unixepoch"
        ? `it is ${seconds} already`
        : `${name}(${name === "strftime" ? "…, " : ""}${seconds}, 'unixepoch')`,
    };
  } else if (!asSeconds) {
    yield {
      span: argument.span,
      message: `without a modifier ${name}() reads a number as a Julian day`,
      hint: `${name}(${name === "strftime" ? "…, " : ""}${text}, 'unixepoch')`,
    };
  }
}
