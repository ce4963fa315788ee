import type { From, Node, Query, Source, Table } from "./ast.ts";
import { folded } from "./fold.ts";
import { childrenOf } from "./walk.ts";

/** What a query comes to once every common table expression stands in the place of its name. */
export interface Extent {
  /** SELECTs and tables in it, as often as SQLite makes copies of them. */
  readonly parts: number;
  /** Nodes on its longest way down. */
  readonly height: number;
}

/** A common table expression that may be named. */
interface Common {
  readonly measure: (above: number) => Extent;
  /** How many SELECTs it is put together from. */
  readonly arms: number;
}

/** Common table expressions by name. */
type Commons = ReadonlyMap<string, Common>;

/** Where it does not matter any more how large a query is. */
const BEYOND: Extent = { parts: 0, height: Infinity };
const MANY = 1_000_000;

/** A node that is still to be measured. */
interface Waiting {
  readonly node: Node;
  readonly depth: number;
  /** How many copies are made of it. */
  readonly copies: number;
  /** Within FROM: how many copies are made of a condition there. */
  readonly conditions: number;
}

/**
 * Measures a query. Where FROM has a subquery, SQLite makes a copy of the conditions for it, or of the whole SELECT for
 * each SELECT of a UNION ALL: subqueries in conditions that have such conditions in turn double at every level.
 *
 * @param named is given every name in it that stands for a table
 * @param most what is higher is not looked into any more, so that no stack is exhausted, and counts as infinitely high
 */
export function measure(query: Query, named: Table[], most: number): Extent {
  return extentOf(query, new Map(), { named, most }, 0);
}

/** What is the same for all of a query. */
interface Task {
  readonly named: Table[];
  readonly most: number;
}

function extentOf(query: Query, outer: Commons, task: Task, above: number): Extent {
  if (above > task.most) return BEYOND;
  const commons = withCommons(query, outer, task);
  let parts = 0;
  let height = 0;
  const waiting: Waiting[] = [{ node: query, depth: 1, copies: 1, conditions: 1 }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { node, depth, copies } = next;
    const inner = extentBelow(node, above + depth);
    height = Math.max(height, depth + (inner?.height ?? 0));
    if (inner) {
      // A common table expression counts where it is named.
      if (node.type !== "common-table") parts += copies * inner.parts;
      continue;
    }
    if (node.type === "table") task.named.push(node);
    if (node.type === "table" || node.type === "select") parts += copies;
    for (const child of childrenOf(node).reverse()) {
      if (isLeaf(child)) height = Math.max(height, depth + 1);
      else waiting.push(below(next, child));
    }
  }
  return { parts, height };

  function below({ node, depth, copies, conditions }: Waiting, child: Node): Waiting {
    const more = (times: number) => Math.min(copies * times, MANY);
    if (node.type === "select" && node.from) {
      const times = 1 + armsIn(node.from, commons);
      return child === node.from
        ? { node: child, depth: depth + 1, copies, conditions: times }
        : { node: child, depth: depth + 1, copies: more(times), conditions: 1 };
    }
    const condition = node.type === "join" && child !== node.source;
    return condition
      ? { node: child, depth: depth + 1, copies: more(conditions), conditions: 1 }
      : { node: child, depth: depth + 1, copies, conditions };
  }

  function extentBelow(node: Node, level: number): Extent | undefined {
    switch (node.type) {
      case "query":
        return node === query ? undefined : extentOf(node, commons, task, level);
      case "table":
        return commonOf(node, commons)?.measure(level);
      case "common-table":
        return commons.get(folded(node.name.text))?.measure(level);
      default:
        return undefined;
    }
  }
}

/** Whether nothing is below a node of its type, and it is nothing that counts. Most nodes of a long query are such. */
function isLeaf({ type }: Node): boolean {
  return type === "literal" || type === "column" || type === "parameter";
}

/** The common table expressions that a query adds to those outside of it. */
function withCommons(query: Query, outer: Commons, task: Task): Commons {
  // Where it adds none the others are not copied: there may be thousands of both.
  if (query.with.length === 0) return outer;
  const commons = new Map(outer);
  for (const { name, query: inner } of query.with) {
    let extent: Extent | undefined;
    const measure = (level: number) => {
      if (extent) return extent;
      // One that names itself reads its own rows there, as if they were a table.
      extent = { parts: 1, height: 1 };
      return extent = extentOf(inner, commons, task, level);
    };
    commons.set(folded(name.text), { measure, arms: arms(inner) });
  }
  return commons;
}

function commonOf({ schema, name }: Table, commons: Commons): Common | undefined {
  return schema ? undefined : commons.get(folded(name.text));
}

/** How many SELECTs the subqueries of a FROM clause are put together from. */
function armsIn({ first, joins }: From, commons: Commons): number {
  const of = (source: Source): number => {
    switch (source.type) {
      case "table":
        return commonOf(source, commons)?.arms ?? 0;
      case "subquery":
        return arms(source.query);
      case "join-group":
        return armsIn(source.from, commons);
      case "table-function":
        return 0;
    }
  };
  return joins.reduce((sum, { source }) => sum + of(source), of(first));
}

function arms({ body }: Query): number {
  let count = 1;
  for (let one = body; one.type === "compound"; one = one.left) count++;
  return count;
}
