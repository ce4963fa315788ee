import { createHash } from "node:crypto";
import type { CompiledDetection, CompiledQuery, TableRead } from "../../model/compiled.ts";
import type { Resource } from "../../model/collection.ts";
import type { Predicate } from "../../model/predicate.ts";
import type { Catalogue } from "../../profiles/mod.ts";
import type { ResourceKind } from "../../schema/types.ts";
import { testsOn } from "../interests.ts";

/** Whatever may bring resources along: a detection, or a query without any. */
export type WithResources = Pick<CompiledDetection, "resources"> & Pick<CompiledQuery, "plan">;

/** Digests of resources by kind: what tells the rows that they find from those that others find. */
export type ResourceDigests = Readonly<Partial<Record<ResourceKind, string>>>;

/** Somebody who does not say what for to look: true of every row, and a test of no column. */
const UNSAID: Predicate = { op: "and", of: [] };

/**
 * What a query asks of the columns that tell the collectors of a kind of resources what to search; of several joins that of
 * each. `undefined` where none says anything.
 */
function interestsOf(
  { plan }: WithResources,
  kind: ResourceKind,
  catalogue: Catalogue,
): readonly Predicate[] | undefined {
  const asked = plan.triggers.flatMap(({ table, where }) => {
    const spec = catalogue.get(table);
    if (spec?.resources !== kind) return [];
    return [testsOn(spec.watchedBy ?? [], where ? [where] : [])];
  });
  if (asked.every((tests) => tests.length === 0)) return undefined;
  return asked.flatMap((tests) => tests.length > 0 ? tests : [UNSAID]);
}

/**
 * The resources of a kind that a query brings along, and what it wants to be searched with them, with the digest of both:
 * what one asks for is no row of another. `undefined` where there are none.
 */
export function resourcesOf(
  query: WithResources,
  kind: ResourceKind,
  catalogue: Catalogue,
): {
  readonly files: readonly Resource[];
  readonly interests: readonly Predicate[] | undefined;
  readonly digest: string;
} | undefined {
  const files = query.resources?.[kind];
  if (!files?.length) return undefined;
  const interests = interestsOf(query, kind, catalogue);
  const text = JSON.stringify([
    ...files.map(({ name, text }) => [name, text]),
    ...interests ?? [],
  ]);
  return { files, interests, digest: createHash("sha256").update(text).digest("hex") };
}

/** The digests of the resources that some query's tables depend on. */
export function resourceDigests(
  query: WithResources & { readonly tables: readonly TableRead[] },
  catalogue: Catalogue,
): ResourceDigests {
  const kinds = query.tables.flatMap(({ table }) => catalogue.get(table)?.resources ?? []);
  return Object.fromEntries(
    [...new Set(kinds)].sort().flatMap((kind) => {
      const found = resourcesOf(query, kind, catalogue);
      return found ? [[kind, found.digest]] : [];
    }),
  );
}
