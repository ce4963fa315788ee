import type { Expression, Query } from "../../compiler/ast.ts";
import { lex, unquote } from "../../compiler/lexer.ts";
import { nodesOf, parentsOf } from "../../compiler/walk.ts";
import type { CompiledDetection } from "../../model/compiled.ts";
import type { Catalogue } from "../../profiles/mod.ts";
import type { Cell } from "../../schema/batch.ts";
import { collectedColumns, type Column } from "../../schema/columns.ts";
import type { Platform } from "../../schema/types.ts";
import { readDetection } from "../coverage/clauses.ts";
import { clausesOf, conditionsOf } from "../coverage/conditions.ts";
import { compareRegExps, shortestMatch } from "./automaton.ts";
import type { Mutation } from "./mutant.ts";
import type { Mutant } from "./mutants.ts";
import { type PatternText, patternTexts } from "./pattern_text.ts";
import { parseRegExp } from "./regexp.ts";

/** Values of a column with which a mutant may come to another result than the original. */
export interface Trial {
  /** The table. */
  readonly table: string;
  /** The column of the table. */
  readonly column: Column;
  /** For json columns: the key whose value it is. */
  readonly key?: string;
  /** The likeliest first. */
  readonly values: readonly Cell[];
}

/** Options of {@linkcode trialsOf}. */
export interface TrialOptions {
  /** Decides which columns tables have. */
  readonly platform: Platform;
  /** ms since the epoch; ages are counted back from there. */
  readonly at: number;
  /** What {@linkcode changedValues} gave for the mutation. */
  readonly changed: readonly Cell[];
}

/** The columns that the changed part of a mutant reads, with values made of the constants around it. */
export function trialsOf(
  original: CompiledDetection,
  { mutation, exception }: Mutant,
  catalogue: Catalogue,
  { platform, at, changed }: TrialOptions,
): readonly Trial[] {
  const read = readDetection(original.detection);
  if (!read) return [];
  const inException = exception === undefined ? undefined : read.exceptions[exception]!;
  const root: Query | Expression = inException?.predicate ?? read.query;
  const text = inException?.text ?? original.detection.text;
  const subject = mutation?.subject ?? inException?.predicate;
  if (!subject) return [];
  const source = {
    text,
    root,
    tokens: [],
    conditions: conditionsOf(root),
    parents: parentsOf(root),
  };
  const patterns = patternTexts(source);
  const places = placesOf(original, read.query, catalogue, platform);
  return clausesOf({ kind: "where", root: subject }).flatMap((clause) => {
    const { start, end } = clause.span;
    const matched = patterns
      .filter(({ subject: { span } }) => span.start >= start && span.end <= end)
      .flatMap(matchesOf);
    const given = nodesOf(clause, "literal").flatMap(({ value }) => value ?? []);
    const values = [...changed, ...matched, ...given];
    const names = nodesOf(clause, "column").map(({ name }) => name.text.toLowerCase());
    const wrapped = nodesOf(clause, "call").length > 0;
    return [...new Set(names)].flatMap((name) => places(name)).map((place) => ({
      ...place,
      values: fitting(place.key === undefined ? place.column.type : "string", values, at, wrapped),
    }));
  });
}

/** Values that tell the patterns or constants of a mutation apart. */
export function changedValues(mutation: Mutation | undefined): Cell[] {
  const constants = (mutation?.kind === "constant" ? mutation.edits : []).flatMap(({ text }) => {
    const [token] = lex(text).tokens;
    return token?.kind === "string" ? [unquote(token)] : [];
  });
  const texts = (mutation?.patterns ?? []).flatMap(({ operator, before, after }) => {
    if (operator !== "REGEXP") return wildcardTexts(operator, before);
    const [left, right] = [parseRegExp(before), parseRegExp(after)];
    const relation = left && right && compareRegExps(left.root, right.root);
    return relation?.equal === false ? [relation.text] : [];
  });
  return [...constants, ...texts];
}

function matchesOf({ operator, value }: PatternText): string[] {
  if (operator !== "REGEXP") return wildcardTexts(operator, value);
  const parsed = parseRegExp(value);
  const text = parsed && shortestMatch(parsed.root);
  return text === undefined ? [] : [text];
}

/** Texts that a pattern of LIKE or GLOB matches, with something and with nothing for its wildcards. */
function wildcardTexts(operator: string, pattern: string): string[] {
  const [any, one] = operator === "LIKE" ? [/%/g, /_/g] : [/\*/g, /\?/g];
  return ["x", ""].map((text) => pattern.replaceAll(any, text).replaceAll(one, "x"));
}

/** The values that a column of a type can have, and some near them. */
function fitting(
  type: Column["type"],
  values: readonly unknown[],
  at: number,
  wrapped: boolean,
): Cell[] {
  const numbers = values.flatMap((value) =>
    typeof value === "number" || typeof value === "bigint" ? [Number(value)] : []
  );
  const near = (number: number) => [number, number - 1, number + 1];
  const strings = values.filter((value) => typeof value === "string");
  const all = (): Cell[] => {
    switch (type) {
      case "string":
        // A function such as basename() may hide what stands before.
        return [...strings, ...(wrapped ? strings.map((one) => `/x/${one}`) : []), "x"];
      case "boolean":
        return [true, false];
      case "integer":
        return [...numbers.flatMap(near), 0, 1];
      case "float":
        return [...numbers.flatMap(near), 0.5];
      case "timestamp":
        // Ages are counted back from now.
        return numbers.flatMap((number) => [...near(number), ...near(at - number)]);
      case "json":
        return [];
    }
  };
  return [...new Set<Cell>([...all(), null])];
}

type Place = Omit<Trial, "values">;

/** Beyond so many aliases of aliases a name is given up. */
const MAX_DEPTH = 5;

/** Finds the columns of tables that a name in the SQL comes from, through the aliases of subqueries. */
function placesOf(
  { tables, columns }: CompiledDetection,
  query: Query,
  catalogue: Catalogue,
  platform: Platform,
): (name: string) => readonly Place[] {
  const known = tables.map(({ table }) => ({
    table,
    columns: new Map(
      collectedColumns(catalogue.get(table)!, platform).map((one) => [one.name, one]),
    ),
  }));
  const meanings = new Map<string, Expression[]>();
  for (const { alias, expression } of nodesOf(query, "result")) {
    const name = alias?.text.toLowerCase();
    if (name) meanings.set(name, [...meanings.get(name) ?? [], expression]);
  }
  const find = (name: string, depth: number): readonly Place[] => {
    const own = known.flatMap(({ table, columns }) => {
      const column = columns.get(name);
      return column ? [{ table, column }] : [];
    });
    if (own.length > 0 || depth === MAX_DEPTH) return own;
    return (meanings.get(name) ?? []).flatMap((expression) =>
      nodesOf(expression, "column").flatMap((node) =>
        find(node.name.text.toLowerCase(), depth + 1).map((place) => {
          const key = place.column.type === "json" ? keyIn(expression) : undefined;
          return key === undefined ? place : { ...place, key };
        })
      )
    );
  };
  return (name) => {
    const origin = columns.find((one) => one.name.toLowerCase() === name)?.origin;
    const found = find(name, 0);
    return found.length > 0 || !origin ? found : find(origin.column, 0);
  };
}

/** The key that an expression takes out of a json column: `column ->> '$.key'`. */
function keyIn(expression: Expression): string | undefined {
  for (const { operator, right } of nodesOf(expression, "binary")) {
    if (operator !== "->" && operator !== "->>" || right.type !== "literal") continue;
    const [, key] = /^(?:\$\.)?(\w+)$/.exec(String(right.value)) ?? [];
    if (key !== undefined) return key;
  }
  return undefined;
}
