import { createHash } from "node:crypto";
import type { CompiledDetection, TableRead } from "../../model/compiled.ts";
import type { Resource } from "../../model/collection.ts";
import type { Catalogue } from "../../profiles/mod.ts";
import type { ResourceKind } from "../../schema/types.ts";

/** Whatever may bring resources along: a detection, or a query without any. */
export type WithResources = Pick<CompiledDetection, "resources">;

/** Digests of resources by kind: what tells the rows that they find from those that others find. */
export type ResourceDigests = Readonly<Partial<Record<ResourceKind, string>>>;

/** The resources of a kind that a query brings along, with their digest; `undefined` where there are none. */
export function resourcesOf(
  { resources }: WithResources,
  kind: ResourceKind,
): { readonly files: readonly Resource[]; readonly digest: string } | undefined {
  const files = resources?.[kind];
  if (!files?.length) return undefined;
  const text = JSON.stringify(files.map(({ name, text }) => [name, text]));
  return { files, digest: createHash("sha256").update(text).digest("hex") };
}

/** The digests of the resources that some query's tables depend on. */
export function resourceDigests(
  query: WithResources & { readonly tables: readonly TableRead[] },
  catalogue: Catalogue,
): ResourceDigests {
  const kinds = query.tables.flatMap(({ table }) => catalogue.get(table)?.resources ?? []);
  return Object.fromEntries(
    [...new Set(kinds)].sort().flatMap((kind) => {
      const found = resourcesOf(query, kind);
      return found ? [[kind, found.digest]] : [];
    }),
  );
}
