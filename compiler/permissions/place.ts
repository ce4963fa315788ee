import type { Span } from "../../diagnostics/source.ts";
import type { CompiledDetection } from "../../model/compiled.ts";
import type { Catalogue } from "../../profiles/mod.ts";
import { folded } from "../fold.ts";
import { lex, unquote } from "../lexer.ts";
import { type Tree, treeOf } from "../hygiene/tree.ts";
import { nodesOf } from "../walk.ts";
import { type Grant, literalTerm } from "./grants.ts";

/** Finds what in a detection's SQL asks for a grant. */
export function placer(
  { detection, plan }: CompiledDetection,
  catalogue: Catalogue,
): (grant: Grant) => Span {
  const { text, sql, sqlStart: start } = detection;
  const tree = treeOf(detection, catalogue);
  const tableOf = ({ collector, section, what }: Grant): string =>
    section === "permissions"
      ? [...plan.tasks, ...plan.triggers].find((one) => one.collector === collector)!.table
      : /^\w+/.exec(what)![0];
  return (grant) => {
    const table = tableOf(grant);
    return (tree && (detailPlace(tree, grant) ?? tablePlace(tree, table, grant.collector))) ??
      wordPlace(text, start, start + sql.length, table);
  };
}

/** The first place that names a column or gives a key. */
function detailPlace({ query, binding }: Tree, { section, what }: Grant): Span | undefined {
  if (section === "privileged_columns") {
    const spans = [...binding.resolutions].flatMap(([{ span }, { column: { origin } }]) =>
      `${origin?.table}.${origin?.column}` === what ? [span] : []
    );
    const stars = [...binding.terms].flatMap(([term, columns]) =>
      term.type === "star" &&
        columns.some(({ origin }) => `${origin?.table}.${origin?.column}` === what)
        ? [term.span]
        : []
    );
    return [...spans, ...stars].sort((left, right) => left.start - right.start)[0];
  }
  if (section !== "triggers") return undefined;
  const key = /^\S+ (?:=|GLOB) (.*)$/s.exec(what)?.[1];
  return nodesOf(query, "literal").find(({ value }) => key === literalTerm(value))?.span;
}

/** The first place that names a table, or what is made of it. */
function tablePlace({ binding: { tables } }: Tree, table: string, collector: string) {
  const source = tables.find(({ shape }) => shape?.spec.name === table) ??
    tables.find(({ shape }) => shape?.spec.collector === collector);
  return source?.node.type === "table" ? source.node.name.span : undefined;
}

/** Of SQL that only SQLite understands there are words alone. */
function wordPlace(text: string, start: number, end: number, table: string): Span {
  const token = lex(text, start, end).tokens.find((token) =>
    folded(token.kind === "name" ? unquote(token) : token.text) === folded(table)
  );
  return token ?? { start, end: start };
}
