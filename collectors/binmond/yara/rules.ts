import { createHash } from "node:crypto";
import { type MatchedRule, MAX_STRINGS } from "../../../dialect/yara/types.ts";
import { readRuleHeads, type RuleHead } from "../../../dialect/yara/rule_heads.ts";
import type { Resource } from "../../../model/collection.ts";
import type { Cell } from "../../../schema/batch.ts";

/** Rules, what stands at their heads, and their digest. */
export interface Rules {
  /** The files that they stand in. */
  readonly resources: readonly Resource[];
  /** Of each file the heads of its rules by name. */
  readonly heads: readonly ReadonlyMap<string, RuleHead>[];
  /** What tells these rules from others. */
  readonly digest: string;
}

/** What is told of a rule that something matches, whatever that is called. */
export type Match = Readonly<Record<string, Cell>>;

/** A place of a string as it is told. */
export interface Place {
  /** Where it begins: in a file bytes from its beginning, in memory the address. */
  readonly offset: number;
  /** What stands there. */
  readonly data: string;
}

/** Reads the heads of rules. */
export function rulesOf(resources: readonly Resource[]): Rules {
  return {
    resources,
    heads: resources.map(({ text }) =>
      new Map(readRuleHeads(text).map((head) => [head.name, head]))
    ),
    digest: createHash("sha256").update(JSON.stringify(resources)).digest("hex"),
  };
}

/**
 * What is told of what the rules of each file found.
 *
 * @param place tells of a string by its offset in what was searched, and its length; `undefined` leaves it out
 */
export function describeMatches(
  found: readonly (readonly MatchedRule[])[],
  { resources, heads }: Rules,
  place: (offset: number, length: number) => Place | undefined,
): readonly Match[] {
  return found.flatMap((matched, index) =>
    matched.map(({ rule, count, strings }) => {
      const { meta = {}, tags = [] } = heads[index]!.get(rule) ?? {};
      const text = (key: string) => meta[key] === undefined ? null : String(meta[key]);
      const places = strings.slice(0, MAX_STRINGS).flatMap(({ identifier, offset, length }) => {
        const told = place(offset, length);
        return told ? [{ identifier, offset: told.offset, length, data: told.data }] : [];
      });
      return {
        rule_name: rule,
        rule_namespace: resources[index]!.name,
        rule_category: text("category") ?? tags[0] ?? null,
        rule_severity: text("severity"),
        match_count: count,
        match_strings: JSON.stringify(places),
        rule_metadata: JSON.stringify(meta),
      };
    })
  );
}
