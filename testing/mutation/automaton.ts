import { type Assertion, type CharacterSet, LAST, type RegExpNode, WORD } from "./regexp.ts";

/** How two patterns relate when they search through a text. */
export type Relation =
  /** Each text matches both or neither. */
  | { readonly equal: true }
  /** A shortest text that matches one of them only. */
  | { readonly equal: false; readonly text: string };

type Instruction =
  | { readonly op: "set"; readonly set: CharacterSet; readonly next: number }
  | { readonly op: "split"; readonly to: readonly number[] }
  | { readonly op: "assert"; readonly assertion: Assertion; readonly next: number }
  | { readonly op: "match" };

/** A program as Thompson makes it from a pattern; it begins with its last instruction. */
type Program = readonly Instruction[];

/** Larger programs and comparisons are not worth the time. */
const MAX_INSTRUCTIONS = 5_000;
const MAX_STATES = 5_000;

class TooLarge extends Error {}

/** Compares two patterns; `undefined` where that would take too long. */
export function compareRegExps(left: RegExpNode, right: RegExpNode): Relation | undefined {
  try {
    return compare(programOf(left), programOf(right));
  } catch (error) {
    if (error instanceof TooLarge) return undefined;
    throw error;
  }
}

/** A shortest text that a pattern matches, if there is one. */
export function shortestMatch(pattern: RegExpNode): string | undefined {
  const never: RegExpNode = { type: "set", set: [], span: pattern.span };
  const relation = compareRegExps(pattern, never);
  return relation?.equal === false ? relation.text : undefined;
}

function programOf(root: RegExpNode): Program {
  const program: Instruction[] = [];
  const emit = (instruction: Instruction): number => {
    if (program.length >= MAX_INSTRUCTIONS) throw new TooLarge();
    return program.push(instruction) - 1;
  };
  /** Emits what matches a node and then goes on at `next`; returns where it begins. */
  const build = (node: RegExpNode, next: number): number => {
    switch (node.type) {
      case "set":
        return emit({ op: "set", set: node.set, next });
      case "assertion":
        return emit({ op: "assert", assertion: node.assertion, next });
      case "choice": {
        const to = node.alternatives.map(({ items }) =>
          items.reduceRight((after, item) => build(item, after), next)
        );
        return emit({ op: "split", to });
      }
      case "repeat": {
        let at = next;
        if (node.max === Infinity) {
          const to: number[] = [next];
          at = emit({ op: "split", to });
          to.push(build(node.node, at));
        } else {
          for (let count = node.min; count < node.max; count++) {
            at = emit({ op: "split", to: [next, build(node.node, at)] });
          }
        }
        for (let count = 0; count < node.min; count++) at = build(node.node, at);
        return at;
      }
    }
  };
  build(root, emit({ op: "match" }));
  return program;
}

/** What stands on a side of a place in a text. */
type Side = "none" | "word" | "other";

/** A character that stands for all those that no set of the patterns tells from it. */
interface Symbol {
  readonly point: number;
  readonly side: Side;
}

/** A search through a text, one character after the other. States are numbers from 0, which is where it begins. */
interface Search {
  /** The state after a character; {@linkcode FOUND} once there is a match, whatever follows. */
  next(state: number, symbol: number): number;
  /** Whether there is a match if the text ends here. */
  endsWell(state: number): boolean;
}

const FOUND = -1;

function searchOf(program: Program, symbols: readonly Symbol[]): Search {
  /** Instructions that wait for a character, and what stands before it. */
  const states: { readonly waiting: readonly number[]; readonly before: Side }[] = [];
  const numbers = new Map<string, number>();
  const numberOf = (waiting: readonly number[], before: Side): number => {
    const key = `${before} ${waiting}`;
    const known = numbers.get(key) ?? states.push({ waiting, before }) - 1;
    if (known >= MAX_STATES) throw new TooLarge();
    numbers.set(key, known);
    return known;
  };
  /** For each instruction that takes a character, the symbols that it takes. */
  const takes = program.map((one) =>
    one.op === "set" ? symbols.map(({ point }) => contains(one.set, point)) : []
  );
  const reach = memo((state: number, after: Side): readonly number[] | true => {
    const { waiting, before } = states[state]!;
    const seen = new Set<number>();
    const sets: number[] = [];
    // A match may begin anywhere.
    const open = [...waiting, program.length - 1];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (seen.has(at)) continue;
      seen.add(at);
      const instruction = program[at]!;
      if (instruction.op === "match") return true;
      if (instruction.op === "split") open.push(...instruction.to);
      else if (instruction.op === "set") sets.push(at);
      else if (holds(instruction.assertion, before, after)) open.push(instruction.next);
    }
    return sets;
  });
  const next = memo((state: number, symbol: number): number => {
    const { side } = symbols[symbol]!;
    const sets = reach(state, side);
    if (sets === true) return FOUND;
    const waiting = new Set<number>();
    for (const at of sets) {
      const instruction = program[at]!;
      if (instruction.op === "set" && takes[at]![symbol]) waiting.add(instruction.next);
    }
    return numberOf([...waiting].sort((left, right) => left - right), side);
  });
  numberOf([], "none");
  return {
    next: (state, symbol) => state === FOUND ? FOUND : next(state, symbol),
    endsWell: (state) => state === FOUND || reach(state, "none") === true,
  };
}

function memo<A, B, T>(compute: (a: A, b: B) => T): (a: A, b: B) => T {
  const known = new Map<A, Map<B, T>>();
  return (a, b) => {
    let byB = known.get(a);
    if (!byB) known.set(a, byB = new Map());
    let value = byB.get(b);
    if (value === undefined) byB.set(b, value = compute(a, b));
    return value;
  };
}

function holds(assertion: Assertion, before: Side, after: Side): boolean {
  switch (assertion) {
    case "start":
      return before === "none";
    case "end":
      return after === "none";
    case "boundary":
      return (before === "word") !== (after === "word");
    case "no boundary":
      return (before === "word") === (after === "word");
  }
}

function contains(set: CharacterSet, point: number): boolean {
  return set.some(([from, to]) => from <= point && point <= to);
}

function symbolsOf(programs: readonly Program[]): readonly Symbol[] {
  const sets = programs.flat().flatMap((one) => one.op === "set" ? [one.set] : []);
  const starts = new Set([0, 0xe000, ...[...PLAIN].map((one) => one.codePointAt(0)!)]);
  for (const set of [...sets, WORD]) {
    for (const [from, to] of set) starts.add(from).add(to + 1);
  }
  const kinds = new Map<string, number>();
  // Surrogates are no characters, and SQLite's texts end at NUL.
  const points = [...starts].map((point) => point || 1)
    .filter((point) => point <= LAST && (point < 0xd800 || point >= 0xe000));
  for (const point of points.sort((left, right) => rank(left) - rank(right))) {
    const kind = [...sets, WORD].map((set) => contains(set, point) ? 1 : 0).join("");
    if (!kinds.has(kind)) kinds.set(kind, point);
  }
  return [...kinds.values()].map((point) => ({
    point,
    side: contains(WORD, point) ? "word" : "other",
  }));
}

/** Characters that look good in a fixture, the best first. */
const PLAIN = "abcdefghijklmnopqrstuvwxyz0123456789/._- ";

const rank = (point: number): number => {
  const place = PLAIN.indexOf(String.fromCodePoint(point));
  return place >= 0 ? place : point < 0x21 ? point + LAST : point + PLAIN.length;
};

/** A pair of states with the way there. */
interface Pair {
  readonly left: number;
  readonly right: number;
  readonly from?: Pair;
  readonly symbol?: Symbol;
}

function compare(left: Program, right: Program): Relation {
  const symbols = symbolsOf([left, right]);
  const searches = { left: searchOf(left, symbols), right: searchOf(right, symbols) };
  const seen = new Set<string>(["0 0"]);
  for (let level: Pair[] = [{ left: 0, right: 0 }]; level.length > 0;) {
    const next: Pair[] = [];
    for (const pair of level) {
      if (searches.left.endsWell(pair.left) !== searches.right.endsWell(pair.right)) {
        return { equal: false, text: textOf(pair) };
      }
      for (const [number, symbol] of symbols.entries()) {
        const to: Pair = {
          left: searches.left.next(pair.left, number),
          right: searches.right.next(pair.right, number),
          from: pair,
          symbol,
        };
        if (to.left === FOUND && to.right === FOUND) continue;
        const key = `${to.left} ${to.right}`;
        if (seen.has(key)) continue;
        if (seen.add(key).size > MAX_STATES) throw new TooLarge();
        next.push(to);
      }
    }
    level = next;
  }
  return { equal: true };
}

function textOf(pair: Pair): string {
  const points: number[] = [];
  for (let one: Pair | undefined = pair; one?.symbol; one = one.from) points.push(one.symbol.point);
  return String.fromCodePoint(...points.reverse());
}
