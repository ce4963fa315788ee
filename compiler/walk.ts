import type { FrameBound, Node, Window } from "./ast.ts";

type Children<T extends Node> = (node: T, add: (child: Node | undefined) => void) => void;
type ByType = { readonly [T in Node["type"]]: Children<Extract<Node, { type: T }>> };

const none = () => {};

/** The children of every type of node, in the order of the text. A type that is missing here does not compile. */
const CHILDREN: ByType = {
  literal: none,
  "current-time": none,
  parameter: none,
  column: none,
  unary: (node, add) => add(node.operand),
  binary: (node, add) => (add(node.left), add(node.right)),
  "null-test": (node, add) => add(node.operand),
  matching: (node, add) => (add(node.operand), add(node.pattern), add(node.escape)),
  between: (node, add) => (add(node.operand), add(node.low), add(node.high)),
  "in-list": (node, add) => (add(node.operand), node.items.forEach(add)),
  "in-query": (node, add) => (add(node.operand), add(node.query)),
  "in-table": (node, add) => (add(node.operand), add(node.source)),
  case: (node, add) => {
    add(node.operand);
    for (const { when, then } of node.branches) {
      add(when);
      add(then);
    }
    add(node.otherwise);
  },
  cast: (node, add) => add(node.operand),
  collate: (node, add) => add(node.operand),
  call: (node, add) => {
    node.arguments.forEach(add);
    node.orderBy.forEach(add);
    add(node.filter);
    if (node.over && "type" in node.over) add(node.over);
  },
  exists: (node, add) => add(node.query),
  "scalar-query": (node, add) => add(node.query),
  row: (node, add) => node.items.forEach(add),
  "order-term": (node, add) => add(node.expression),
  window: (node, add) => {
    node.partitionBy.forEach(add);
    node.orderBy.forEach(add);
    frameOffsets(node).forEach(add);
  },
  result: (node, add) => add(node.expression),
  star: none,
  table: none,
  "table-function": (node, add) => node.arguments.forEach(add),
  subquery: (node, add) => add(node.query),
  "join-group": (node, add) => add(node.from),
  join: (node, add) => (add(node.source), add(node.on), add(node.auto?.when)),
  from: (node, add) => (add(node.first), node.joins.forEach(add)),
  select: (node, add) => {
    node.columns.forEach(add);
    add(node.from);
    add(node.where);
    node.groupBy.forEach(add);
    add(node.having);
    for (const { window } of node.windows) add(window);
  },
  values: (node, add) => node.rows.forEach((row) => row.forEach(add)),
  compound: (node, add) => (add(node.left), add(node.right)),
  "common-table": (node, add) => add(node.query),
  query: (node, add) => {
    node.with.forEach(add);
    add(node.body);
    node.orderBy.forEach(add);
    add(node.limit);
    add(node.offset);
  },
};

function frameOffsets({ frame }: Window): Node[] {
  if (!frame) return [];
  const offset = (bound?: FrameBound) => bound && "offset" in bound ? [bound.offset] : [];
  return [...offset(frame.start), ...offset(frame.end)];
}

/** The nodes directly below a node, in the order of the text. */
export function childrenOf(node: Node): Node[] {
  const children: Node[] = [];
  pushChildren(node, children);
  return children;
}

function pushChildren(node: Node, into: Node[]): void {
  (CHILDREN[node.type] as Children<Node>)(node, (child) => {
    if (child) into.push(child);
  });
}

/**
 * Visits a node and everything below it, parents first. Returning `false` leaves out what is below that node. Nothing
 * recurses, so that no depth of nesting can exhaust the stack.
 */
export function walk(root: Node, visit: (node: Node) => boolean | void): void {
  const waiting: Node[] = [root];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (visit(node) === false) continue;
    const first = waiting.length;
    pushChildren(node, waiting);
    // The last in is the first out, and the text begins with the first.
    for (let low = first, high = waiting.length - 1; low < high; low++, high--) {
      [waiting[low], waiting[high]] = [waiting[high]!, waiting[low]!];
    }
  }
}

/** The nodes of each query by their type: many checks ask for them, and trees do not change. */
const byType = new WeakMap<Node, ReadonlyMap<Node["type"], readonly Node[]>>();
const NONE: readonly never[] = [];

/** The nodes of a type at and below a node, parents first; without a type all of them. */
export function nodesOf<T extends Node["type"] = Node["type"]>(
  root: Node,
  type?: T,
): readonly Extract<Node, { type: T }>[] {
  if (type === undefined || root.type !== "query") {
    const nodes: Node[] = [];
    walk(root, (node) => {
      if (type === undefined || node.type === type) nodes.push(node);
    });
    return nodes as Extract<Node, { type: T }>[];
  }
  let groups = byType.get(root);
  if (!groups) byType.set(root, groups = Map.groupBy(nodesOf(root), (node) => node.type));
  return (groups.get(type) ?? NONE) as readonly Extract<Node, { type: T }>[];
}

/** The node directly above each node below a root. */
export function parentsOf(root: Node): ReadonlyMap<Node, Node> {
  const parents = new Map<Node, Node>();
  walk(root, (node) => childrenOf(node).forEach((child) => parents.set(child, node)));
  return parents;
}

/** How many nodes lie on the longest way from a node down. */
export function heightOf(root: Node): number {
  let height = 0;
  for (let level: Node[] = [root]; level.length > 0;) {
    const below: Node[] = [];
    for (const node of level) pushChildren(node, below);
    level = below;
    height++;
  }
  return height;
}
