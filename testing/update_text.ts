import { isMap, isScalar, isSeq, type Node, type Pair, parseDocument, type YAMLSeq } from "yaml";
import { flowYaml, itemLines } from "./record/yaml_text.ts";

/** What is to become of a list that a step expects. */
export interface ListChange {
  /** Which list. */
  readonly key: "alerts" | "rows";
  /** By number of an entry: the values that are others now. */
  readonly changed: ReadonlyMap<number, Readonly<Record<string, unknown>>>;
  /** Numbers of the entries that go. */
  readonly removed: ReadonlySet<number>;
  /** Entries that come, behind the others. */
  readonly added: readonly Readonly<Record<string, unknown>>[];
}

/** What is to become of the expectation of a step. */
export interface StepChange {
  /** The number of the step in the file; a fixture without `steps` is a single one. */
  readonly step: number;
  readonly lists: readonly ListChange[];
  /** The verdict to put in the place of another one. */
  readonly verdict?: string;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** What does not fit on a line of this length becomes a list of several. */
const MAX_LINE = 100;

/** The text of a fixture with other expectations. Everything else stays as it is: comments, order, layout. */
export function changeFixture(text: string, changes: readonly StepChange[]): string {
  const { contents: root } = parseDocument(text);
  const steps = valueOf(root, "steps");
  const edits = changes.flatMap(({ step, lists, verdict }) => {
    const node = isSeq(steps) ? steps.items[step] as Node : root;
    const expect = valueOf(node, "expect");
    const stated = verdict === undefined ? undefined : valueOf(expect, "verdict");
    return [
      ...stated ? [{ ...placeOf(stated), text: flowYaml(verdict) }] : [],
      ...lists.flatMap((list) => listEdits(text, expect, list)),
    ];
  });
  return applyEdits(text, edits);
}

function listEdits(text: string, expect: Node | undefined, change: ListChange): Edit[] {
  const pair = pairOf(expect, change.key);
  if (!isSeq(pair?.value)) return [];
  const list = pair.value as YAMLSeq<Node>;
  const within = [...change.changed].flatMap(([index, values]) =>
    Object.entries(values).flatMap(([name, value]) => {
      const node = valueOf(list.items[index], name);
      return node ? [{ ...placeOf(node), text: flowYaml(value) }] : [];
    })
  );
  if (!list.flow) return [...within, ...blockEdits(text, pair, list, change)];
  const edits = [...within, ...flowEdits(text, list, change)];
  const isBlock = isMap(expect) && !expect.flow;
  return isBlock && tooLong(text, list, edits) ? [asBlock(text, pair, list, change)] : edits;
}

function flowEdits(text: string, list: YAMLSeq<Node>, { removed, added }: ListChange): Edit[] {
  const { items } = list;
  const last = items.findLastIndex((_, index) => !removed.has(index));
  const entries = added.map(flowYaml);
  if (last < 0) return [{ ...placeOf(list), text: `[${entries.join(", ")}]` }];
  const gaps = [...removed].filter((index) => index < last).map((index) => ({
    start: placeOf(items[index]!).start,
    end: placeOf(items[index + 1]!).start,
    text: "",
  }));
  const first = placeOf(items[0]!).start;
  const isBroken = text.slice(placeOf(list).start, placeOf(items.at(-1)!).start).includes("\n");
  const separator = isBroken ? `,\n${" ".repeat(columnOf(text, first))}` : ", ";
  const start = placeOf(items[last]!).end;
  const end = placeOf(items.at(-1)!).end;
  return [...gaps, { start, end, text: entries.map((entry) => separator + entry).join("") }];
}

function blockEdits(
  text: string,
  pair: Pair<Node>,
  { items }: YAMLSeq<Node>,
  { removed, added }: ListChange,
): Edit[] {
  const lines = items.map((item) => {
    const { start, end } = placeOf(item);
    const dash = text.lastIndexOf("-", start - 1);
    const written = start + text.slice(start, end).trimEnd().length;
    const newline = text.indexOf("\n", written);
    return { dash, start: lineStart(text, dash), end: newline < 0 ? text.length : newline + 1 };
  });
  const indent = " ".repeat(columnOf(text, lines[0]!.dash));
  const entries = added.flatMap((entry) => itemLines(entry, indent)).map((line) => `${line}\n`);
  const end = lines.at(-1)!.end;
  const before = entries.length > 0 && !text.slice(0, end).endsWith("\n") ? "\n" : "";
  const edits = [...removed].map((index) => {
    const { start, end } = lines[index]!;
    return { start, end, text: "" };
  });
  if (removed.size === items.length && added.length === 0) {
    const colon = text.indexOf(":", placeOf(pair.key).end) + 1;
    edits.push({ start: colon, end: colon, text: " []" });
  }
  return [...edits, { start: end, end, text: before + entries.join("") }];
}

/** The list on lines of its own, in the place of one between brackets. */
function asBlock(
  text: string,
  pair: Pair<Node>,
  list: YAMLSeq<Node>,
  { changed, removed, added }: ListChange,
): Edit {
  const indent = " ".repeat(columnOf(text, placeOf(pair.key).start) + 2);
  const kept = list.items.flatMap((item, index) =>
    removed.has(index) ? [] : [{ ...item.toJSON(), ...changed.get(index) }]
  );
  const lines = [...kept, ...added].flatMap((entry) => itemLines(entry, indent));
  const { start, end } = placeOf(list);
  const before = text.slice(0, start).trimEnd().length;
  return { start: before, end, text: `\n${lines.join("\n")}` };
}

function tooLong(text: string, list: Node, edits: readonly Edit[]): boolean {
  const { start, end } = placeOf(list);
  if (text.slice(start, end).includes("\n")) return false;
  const line = lineStart(text, start);
  const newline = text.indexOf("\n", end);
  const stop = newline < 0 ? text.length : newline;
  const moved = edits.map((edit) => ({ ...edit, start: edit.start - line, end: edit.end - line }));
  return applyEdits(text.slice(line, stop), moved).length > MAX_LINE;
}

function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = "";
  let at = 0;
  for (const edit of edits.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    result += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at);
}

function pairOf(node: unknown, key: string): Pair<Node> | undefined {
  if (!isMap(node)) return undefined;
  return node.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key) as
    | Pair<Node>
    | undefined;
}

function valueOf(node: unknown, key: string): Node | undefined {
  return pairOf(node, key)?.value as Node | undefined ?? undefined;
}

function placeOf({ range }: Node): { start: number; end: number } {
  const [start, end] = range!;
  return { start, end };
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf("\n", offset - 1) + 1;
}

function columnOf(text: string, offset: number): number {
  return offset - lineStart(text, offset);
}
