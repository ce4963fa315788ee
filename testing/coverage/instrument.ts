import type {
  Case,
  Expression,
  From,
  Join,
  Node,
  Query,
  ResultExpression,
  Select,
} from "../../compiler/ast.ts";
import { plainSql } from "../../compiler/rewrite.ts";
import { childrenOf, walk } from "../../compiler/walk.ts";
import { PROBE } from "../../engine/sandbox/probe.ts";
import { quoteIdentifier } from "../../schema/ddl.ts";
import { type Condition, conditionsOf, connectiveOf } from "./conditions.ts";

/** How SQL is instrumented. */
export interface InstrumentOptions {
  /** The text that the spans of the nodes point into. */
  readonly text: string;
  /** The clauses to watch, with their numbers. */
  readonly clauses: ReadonlyMap<Node, number>;
  /**
   * Judges every clause on every row that reaches its condition, in the order in which SQL is defined: joins from left
   * to right, then WHERE. Without it a clause is judged where SQLite pleases to, which leaves out what others decide
   * first and takes as little time as the plain query.
   */
  readonly thorough: boolean;
}

/**
 * The SQL that SQLite runs with a probe around each clause. Its rows are those of the plain query.
 *
 * A thorough condition is a number, 1 for true, 0 for false and 0.5 for NULL: AND is then the smaller and OR the greater
 * of two, which SQLite cannot know before it has both.
 */
export function instrument(root: Query | Expression, options: InstrumentOptions): string {
  const { text, clauses, thorough } = options;
  const roots = new Map<Node, Condition>();
  if (root.type !== "query") roots.set(root, { kind: "exception", root });
  for (const one of conditionsOf(root)) if (!one.operand) roots.set(one.root, one);

  function render(node: Node): string {
    const found = roots.get(node);
    if (!found) return inner(node);
    const truth = condition(found.root);
    // Everywhere else NULL is as good as false.
    return found.kind === "result" && thorough
      ? `CASE ${tree(found.root)} WHEN 1 THEN 1 WHEN 0 THEN 0 END`
      : truth;
  }

  function inner(node: Node): string {
    switch (node.type) {
      case "select":
        return thorough && node.from ? select(node, node.from) : copy(node);
      case "join":
        return join(node);
      case "case":
        return node.operand ? simpleCase(node, node.operand) : copy(node);
      case "exists":
        // EXISTS ends at the first row.
        return thorough ? `((SELECT count(*) FROM (${render(node.query)})) > 0)` : copy(node);
      case "result":
        return result(node);
      case "common-table":
      case "subquery":
        return copy(node, (child) => child === node.query ? apart(node.query) : undefined);
      default:
        return copy(node);
    }
  }

  /** The text of a node with everything below it instrumented, or replaced. */
  function copy(
    node: Node,
    replace: (child: Node) => string | undefined = () => undefined,
  ): string {
    let result = "";
    let at = startOf(node);
    for (const child of childrenOf(node).sort((one, other) => startOf(one) - startOf(other))) {
      result += text.slice(at, startOf(child)) + (replace(child) ?? render(child));
      at = child.span.end;
    }
    return result + text.slice(at, node.span.end);
  }

  const condition = (root: Expression): string => thorough ? `(${tree(root)} = 1)` : tree(root);

  function tree(node: Expression): string {
    const connective = connectiveOf(node);
    if (!connective) return leaf(node, inner(node));
    if (!thorough) {
      return copy(
        node,
        (child) => child.type === "literal" ? undefined : tree(child as Expression),
      );
    }
    switch (connective.type) {
      case "and":
        return `min(${connective.operands.map(tree).join(", ")})`;
      case "or":
        return `max(${connective.operands.map(tree).join(", ")})`;
      case "not":
        return `(1 - ${tree(connective.operand)})`;
      case "test": {
        const { negated, of, operand } = connective;
        return `(${tree(operand)} ${negated ? "<>" : "="} ${of ? 1 : 0})`;
      }
    }
  }

  function leaf(node: Node, sql: string): string {
    const number = clauses.get(node);
    const value = number === undefined ? `(${sql})` : `${PROBE}(${number}, NOT (${sql}))`;
    return thorough ? `ifnull(${value}, 0.5)` : value;
  }

  /** A column without an alias is called what stands there, and others may name it so. */
  function result(node: ResultExpression): string {
    const sql = copy(node);
    const written = text.slice(node.span.start, node.span.end);
    return node.alias || sql === written ? sql : `${sql} AS ${quoteIdentifier(written)}`;
  }

  /** `CASE x WHEN v` as `CASE WHEN x = v`. */
  function simpleCase(node: Case, operand: Expression): string {
    const value = render(operand);
    const whens = new Set<Node>(node.branches.map(({ when }) => when));
    return copy(node, (child) => {
      if (child === operand) return "";
      if (!whens.has(child)) return undefined;
      const truth = leaf(child, `(${value}) = (${render(child)})`);
      return thorough ? `(${truth} = 1)` : truth;
    });
  }

  /** A query whose rows are made before anything outside of it is judged: SQLite does not look through a LIMIT. */
  function apart(query: Query): string {
    const last = query.body.type === "compound" ? query.body.right : query.body;
    const open = thorough && !query.limit && last.type === "select";
    return render(query) + (open ? " LIMIT -1" : "");
  }

  function select(node: Select, from: From): string {
    const { sql, conjuncts } = joined(from, node);
    const where = conjuncts.join(" AND ");
    return copy(node, (child) => {
      if (child === node.where) return where;
      if (child !== from) return undefined;
      return where && !node.where ? `${sql} WHERE ${where}` : sql;
    });
  }

  /**
   * Joins that are made from left to right, and what of their conditions stands in WHERE. After the last outer join that
   * is everything, since WHERE may then not be judged before the last ON; before it, ON must stay where it is.
   */
  function joined(
    { first, joins }: From,
    { where, columns }: Select,
  ): { sql: string; conjuncts: string[] } {
    const lastOuter = joins.findLastIndex(({ kind }) => isOuter(kind));
    const last = joins.slice(lastOuter + 1).findLast(({ on }) => on);
    // Once SQLite finds a table empty it ends the loops over those before it, up to an outer join: here is one of a row.
    // Its column would be seen by *.
    const all = columns.some((one) => one.type === "star" && !one.table);
    const once = all ? "" : " LEFT JOIN (SELECT 1)";
    const conjuncts: string[] = [];
    let judged = false;
    let sql = render(first);
    for (const [index, one] of joins.entries()) {
      const { kind, on, auto } = one;
      const stays = index <= lastOuter;
      // Of a trigger's rows none may be there: WHEN is judged before they are joined.
      if (auto?.when) conjuncts.push(stays ? `(${tree(auto.when)} >= 0)` : condition(auto.when));
      judged ||= auto?.when !== undefined;
      const before = judged && !isOuter(kind) ? once : "";
      sql += `${before} ${stays ? join(one) : `${operator(one)} ${copyTail(one)}`}`;
      if (on && !stays && one !== last) conjuncts.push(condition(on));
      judged ||= on !== undefined;
    }
    const stage = [
      ...joins.slice(0, lastOuter + 1).flatMap(({ on }) => on ? rowsOf(on) : []),
      ...(last?.on ? [condition(last.on)] : []),
      ...(where ? [condition(where)] : []),
    ];
    const decides = stage.pop();
    if (decides !== undefined && (last?.on || where)) {
      conjuncts.push(
        stage.reduceRight((then, when) => `CASE WHEN ${when} THEN ${then} END`, decides),
      );
    }
    return { sql, conjuncts };
  }

  /** A join with its conditions where they stand. */
  function join(node: Join): string {
    const { on, auto } = node;
    if (!on) return `${operator(node)} ${copyTail(node)}`;
    const when = auto?.when;
    if (!when) return `${operator(node)} ${copyTail(node)} ON (${condition(on)})`;
    // Thorough, WHEN is judged elsewhere and here only holds.
    const holds = thorough ? plainSql([when], text) : condition(when);
    return `${operator(node)} ${copyTail(node)} ON (${holds}) AND (${condition(on)})`;
  }

  /** The words of a join, or its comma. CROSS keeps SQLite from changing the order of the tables. */
  function operator({ kind, natural, operator, auto }: Join): string {
    const free = (kind === "inner" || kind === "comma") && !natural;
    // A comma may touch what stands before it.
    if (thorough && free) return " CROSS JOIN";
    const words = text.slice(operator.start, operator.end);
    const word = auto && text.slice(auto.auto.start, auto.auto.end);
    return word ? words.replace(word, "") : words;
  }

  /** What a join brings in, with USING but without ON. */
  function copyTail({ source, on, span }: Join): string {
    return render(source) + (on ? "" : text.slice(source.span.end, span.end));
  }

  /** Conditions that are always true and that need the rows of an outer join. */
  function rowsOf(on: Expression): string[] {
    const columns = new Set<string>();
    walk(on, (node) => {
      if (node.type === "column") columns.add(text.slice(node.span.start, node.span.end));
      return node.type !== "query";
    });
    return [...columns].map((column) => `typeof(${column}) <> ''`);
  }

  return render(root);
}

/** Where a node begins. The span of a set operation holds the WITH before it, too. */
function startOf(node: Node): number {
  return node.type === "compound" ? startOf(node.left) : node.span.start;
}

function isOuter(kind: Join["kind"]): boolean {
  return kind === "left" || kind === "right" || kind === "full";
}
