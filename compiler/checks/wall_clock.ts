import type { Call, Expression } from "../ast.ts";
import type { Binding } from "../binding/mod.ts";
import { isNumberLike } from "../binding/types.ts";
import { nodesOf } from "../walk.ts";
import { constantText } from "./constant.ts";
import type { Check, Finding } from "./check.ts";

const HINT = "the time of evaluation is `:now`, in milliseconds";

/** Where the time value of each date function stands; modifiers follow it. */
const TIME_ARGUMENTS: Readonly<Record<string, readonly number[]>> = {
  date: [0],
  time: [0],
  datetime: [0],
  julianday: [0],
  unixepoch: [0],
  strftime: [1],
  timediff: [0, 1],
};
const CLOCK_WORDS: ReadonlySet<string> = new Set(["now", "subsec", "subsecond"]);
const ZONE_WORDS: ReadonlySet<string> = new Set(["localtime", "utc"]);

/**
 * Time comes from `:now` alone. A time value that is text must be a literal or come from the rows: any other text that
 * an author computes could be `'now'`. Text of a row that says `now` is read as SQLite reads it.
 */
export const wallClock: Check = {
  code: "wall-clock",
  docs: {
    what: "Reading the clock or the time zone of the host.",
    why:
      "A fixture that passes today would fail tomorrow, and a backtest would see today's time in old rows.",
    bad: "SELECT pid FROM processes WHERE start_time / 1000 > unixepoch('now') - 600",
    good: "SELECT pid FROM processes WHERE start_time > :now - 600000",
  },
  *check({ query, binding }) {
    for (const { keyword, span } of nodesOf(query, "current-time")) {
      yield { span, message: `${keyword} reads the wall clock`, hint: HINT };
    }
    for (const call of nodesOf(query, "call")) yield* checkCall(call, binding);
  },
};

function* checkCall(call: Call, binding: Binding): Iterable<Finding> {
  const name = call.name.text.toLowerCase();
  const times = Object.hasOwn(TIME_ARGUMENTS, name) ? TIME_ARGUMENTS[name]! : undefined;
  if (!times) return;
  const last = Math.max(...times);
  if (call.arguments.length <= last) {
    const what = name === "strftime" ? "only a format" : "no time value";
    yield { span: call.span, message: `${name}() with ${what} reads the wall clock`, hint: HINT };
    return;
  }
  for (const index of times) {
    const argument = call.arguments[index]!;
    if (mayBeNow(argument, binding)) {
      yield { span: argument.span, message: `${name}() reads the wall clock here`, hint: HINT };
    }
  }
  for (const modifier of call.arguments.slice(last + 1)) {
    const text = constantText(modifier);
    if (text === undefined || !ZONE_WORDS.has(text.toLowerCase())) continue;
    yield {
      span: modifier.span,
      message: `'${text}' depends on the time zone of the host`,
      hint: "times are in UTC",
    };
  }
}

function mayBeNow(argument: Expression, binding: Binding): boolean {
  const text = constantText(argument);
  if (text !== undefined) return CLOCK_WORDS.has(text.toLowerCase());
  const valueClass = binding.classes.get(argument) ?? "any";
  if (isNumberLike(valueClass) || valueClass === "null") return false;
  return computed(argument, binding, new Set());
}

/** Whether an author's own text can reach the value, other than as a literal that is plainly a time. */
function computed(root: Expression, binding: Binding, seen: Set<Expression>): boolean {
  if (seen.has(root)) return false;
  seen.add(root);
  let fromRows = false;
  for (const node of nodesOf(root)) {
    if (node.type === "current-time" || node.type === "query") return true;
    if (node.type === "literal" && CLOCK_WORDS.has(String(node.value).toLowerCase())) return true;
    if (node.type === "call" && Object.hasOwn(TIME_ARGUMENTS, node.name.text.toLowerCase())) {
      fromRows = true;
    }
    if (node.type !== "column") continue;
    const column = binding.resolutions.get(node)?.column;
    if (!column?.definition) fromRows ||= column?.origin !== undefined || column?.class === "any";
    else if (mayBeNow(column.definition, binding)) return true;
    else fromRows = true;
  }
  return !fromRows;
}
