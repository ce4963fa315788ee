import { ALLOWED_FUNCTIONS } from "../../dialect/mod.ts";
import type { Span } from "../../diagnostics/source.ts";
import type { Plan } from "../../model/plan.ts";
import { isView } from "../../schema/view.ts";
import type { Body, Call, Node, Query, Select } from "../ast.ts";
import type { Binding } from "../binding/mod.ts";
import { hasRightJoin } from "../joins.ts";
import { nodesOf, walk } from "../walk.ts";

/** Why a query cannot run on events, and where that shows. */
export interface EventFault {
  readonly span: Span;
  readonly message: string;
  readonly hint?: string;
}

/** Whether a query can run on events: the table that they stream from, or every reason why not. */
export function eventStream(
  query: Query,
  binding: Binding,
): { readonly stream: string } | { readonly faults: readonly EventFault[] } {
  const { body } = query;
  if (body.type !== "select") {
    const span = firstSelect(body).span;
    const message = "events run through one SELECT, not through a set operation";
    return { faults: [{ span, message, hint: "write a detection for each of them" }] };
  }
  const first = body.from?.first;
  const source = first && binding.sources.get(first);
  if (!first || !source?.shape) {
    const span = first?.span ?? body.span;
    const message = "the first table of FROM is the stream of events, and this is no virtual table";
    return { faults: [{ span, message, hint: "FROM process_events e …" }] };
  }
  const { spec } = source.shape;
  const faults: EventFault[] = [];
  if (isView(spec)) {
    const message = `\`${spec.name}\` is a view and has no events`;
    faults.push({ span: first.span, message, hint: `JOIN it to a table that has events` });
  }
  if (spec.requires || spec.kind === "triggerable") {
    const message = `\`${spec.name}\` is only collected for keys and has no events`;
    faults.push({ span: first.span, message, hint: `AUTO JOIN it to a table that has events` });
  }
  if (hasRightJoin(body.from!)) {
    const message = "RIGHT and FULL JOIN give rows that no event stands behind";
    faults.push({ span: body.from!.span, message, hint: "LEFT JOIN from the stream of events" });
  }
  const hint = "an event is one row; `threshold` counts events";
  for (const group of body.groupBy) {
    faults.push({ span: group.span, message: "GROUP BY over a stream of events", hint });
  }
  const results = [...body.columns, ...body.having ? [body.having] : [], ...query.orderBy];
  for (const call of callsOver(body, results, binding)) {
    const kind = ALLOWED_FUNCTIONS.get(call.name.text.toLowerCase());
    const aggregate = kind?.kind === "aggregate" &&
      call.arguments.length < (kind.scalarFrom ?? Infinity);
    if (!aggregate && !call.over && kind?.kind !== "window") continue;
    const what = call.over ? "a window function" : "an aggregate";
    const message = `${call.name.text}() is ${what} over a stream of events`;
    faults.push({ span: call.span, message, hint });
  }
  return faults.length > 0 ? { faults } : { stream: spec.name };
}

/** The same, as a plan says it. */
export function planEvents(query: Query, binding: Binding): Plan["events"] {
  const found = eventStream(query, binding);
  return "stream" in found
    ? { possible: true, stream: found.stream }
    : { possible: false, reason: found.faults[0]!.message };
}

function firstSelect(body: Body): Body {
  return body.type === "compound" ? firstSelect(body.left) : body;
}

/**
 * The calls in some expressions that are made over the rows of a SELECT. Those in a subquery are not, unless all columns
 * that they name are the outer SELECT's: SQLite then aggregates over that one.
 */
function callsOver(select: Select, roots: readonly Node[], binding: Binding): Call[] {
  const scope = binding.scopes.get(select);
  const inside = new Set<Node>();
  const isOuter = (call: Call) => {
    const columns = call.arguments.flatMap((argument) => nodesOf(argument, "column"));
    return columns.length > 0 && !call.over &&
      columns.every((column) => binding.resolutions.get(column)?.scope === scope);
  };
  const calls: Call[] = [];
  for (const root of roots) {
    walk(root, (node) => {
      if (node.type === "query") { for (const call of nodesOf(node, "call")) inside.add(call); }
      if (node.type === "call" && (!inside.has(node) || isOuter(node))) calls.push(node);
    });
  }
  return calls;
}
