import type { Call, ColumnReference, Expression, Node } from "../ast.ts";
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
    if (text === undefined ? !mayBeZone(modifier, binding) : !ZONE_WORDS.has(text.toLowerCase())) {
      continue;
    }
    yield {
      span: modifier.span,
      message: text === undefined
        ? `${name}() may depend on the time zone of the host here`
        : `'${text}' depends on the time zone of the host`,
      hint: "times are in UTC",
    };
  }
}

function mayBeNow(argument: Expression, binding: Binding): boolean {
  const text = constantText(argument);
  if (text !== undefined) return CLOCK_WORDS.has(text.toLowerCase());
  if (isNumber(argument, binding)) return false;
  const { words, spelt, fromRows } = originsOf(argument, binding, CLOCK_WORDS);
  return words || spelt || !fromRows;
}

function mayBeZone(modifier: Expression, binding: Binding): boolean {
  const { words, spelt } = originsOf(modifier, binding, ZONE_WORDS);
  return words || spelt;
}

/** Functions that make text of what does not look like it, besides those that decode JSON. */
const DECODERS: ReadonlySet<string> = new Set(["char", "from_base64", "unhex", "unistr"]);

/** Where the text of a value comes from. */
interface Origins {
  /** The clock itself, or a word for it, is part of it. */
  words: boolean;
  /** An author's own letters suffice to spell such a word, piece by piece. */
  spelt: boolean;
  /** Rows, or what is plainly a time, are part of it. */
  fromRows: boolean;
}

/** Follows a value through common table expressions and subqueries to where its text comes from. */
function originsOf(
  root: Expression,
  binding: Binding,
  vocabulary: ReadonlySet<string>,
): Origins {
  const origins = { words: false, spelt: false, fromRows: false };
  let letters = "";
  const roots = new Set([root]);
  // What is added to a set while it is gone through is gone through, too.
  for (const one of roots) for (const node of nodesOf(one)) look(node);
  // So few letters as `utc` has stand in many texts that are joined.
  origins.spelt ||= [...vocabulary].some((word) =>
    word !== "utc" && [...word].every((letter) => letters.includes(letter))
  );
  return origins;

  function look(node: Node): void {
    switch (node.type) {
      case "current-time":
      case "query":
        origins.words = true;
        return;
      case "literal": {
        const text = String(node.value).toLowerCase();
        if (vocabulary.has(text)) origins.words = true;
        // JSON writes any letter as `\\u006e`.
        if (node.kind === "blob" || text.includes("\\")) origins.spelt = true;
        if (node.kind === "string") letters += text;
        return;
      }
      case "call": {
        const name = node.name.text.toLowerCase();
        if (DECODERS.has(name)) origins.spelt = true;
        if (Object.hasOwn(TIME_ARGUMENTS, name)) origins.fromRows = true;
        return;
      }
      case "column":
        return lookBehind(node);
      default:
        return;
    }
  }

  function lookBehind(node: ColumnReference): void {
    const found = binding.resolutions.get(node);
    if (!found) return;
    const { definition, origin, class: of } = found.column;
    const source = found.kind === "column" ? found.source.node : undefined;
    if (definition) {
      for (const item of definition.type === "row" ? definition.items : [definition]) {
        roots.add(item);
        const text = constantText(item);
        if (text !== undefined || isNumber(item, binding)) origins.fromRows = true;
      }
    } else if (source?.type === "table-function") source.arguments.forEach((one) => roots.add(one));
    else if (origin || of === "any") origins.fromRows = true;
  }
}

function isNumber(expression: Expression, binding: Binding): boolean {
  const valueClass = binding.classes.get(expression) ?? "any";
  return isNumberLike(valueClass) || valueClass === "null";
}
