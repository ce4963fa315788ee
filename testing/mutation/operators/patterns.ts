import type { Span } from "../../../diagnostics/source.ts";
import type { Edit, Mutation, MutationSource, PatternChange } from "../mutant.ts";
import { type PatternText, patternTexts } from "../pattern_text.ts";
import { parseRegExp, type RegExpNode } from "../regexp.ts";

/** Takes single wildcards, anchors, repetitions and alternatives out of patterns. */
export function patterns(source: MutationSource): Mutation[] {
  const byEdits = new Map<string, { mutation: Mutation; changes: PatternChange[] }>();
  for (const pattern of patternTexts(source)) {
    for (const part of partsOf(pattern)) {
      const edits = pattern.without(part);
      const key = JSON.stringify(edits);
      // A piece that several patterns are made of changes them all.
      const known = byEdits.get(key);
      const changes = known?.changes ?? [];
      changes.push(changeOf(pattern, part));
      if (known || edits.length === 0) continue;
      const { subject } = pattern;
      const span = spanOf(edits);
      byEdits.set(key, {
        mutation: { kind: "pattern", edits, span, subject, patterns: changes },
        changes,
      });
    }
  }
  return [...byEdits.values()].map(({ mutation }) => mutation);
}

function changeOf({ operator, value }: PatternText, part: Span): PatternChange {
  return { operator, before: value, after: value.slice(0, part.start) + value.slice(part.end) };
}

function spanOf(edits: readonly Edit[]): Span {
  return { start: edits[0]!.start, end: edits.at(-1)!.end };
}

function partsOf({ operator, value }: PatternText): readonly Span[] {
  switch (operator) {
    case "LIKE":
      return matches(value, /[%_]/g);
    case "GLOB":
      return matches(value, /\[\^?\]?[^\]]*\]|[*?]/g);
    case "REGEXP":
      return regExpParts(value);
  }
}

function matches(value: string, pattern: RegExp): Span[] {
  return [...value.matchAll(pattern)].map(({ index, 0: found }) => ({
    start: index,
    end: index + found.length,
  }));
}

/** Nothing where the pattern is not understood. */
function regExpParts(value: string): readonly Span[] {
  const parsed = parseRegExp(value);
  if (!parsed) return [];
  const parts: Span[] = [...parsed.flags];
  const waiting: RegExpNode[] = [parsed.root];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    switch (node.type) {
      case "set":
        break;
      case "assertion":
        parts.push(node.span);
        break;
      case "repeat":
        parts.push(node.quantifier);
        waiting.push(node.node);
        break;
      case "choice": {
        const { alternatives } = node;
        waiting.push(...alternatives.flatMap(({ items }) => items));
        if (alternatives.length < 2) break;
        alternatives.forEach(({ span }, index) => {
          const next = alternatives[index + 1];
          parts.push(
            index > 0 || !next
              ? { start: span.start - 1, end: span.end }
              : { start: span.start, end: next.span.start },
          );
        });
      }
    }
  }
  return parts.sort((left, right) => left.start - right.start);
}
