import type { Platform } from "../schema/types.ts";
import type { CollectorDeclaration } from "./core/collector.ts";
import { permissionsInWords, permissionsOn } from "./core/permissions.ts";
import { COLLECTORS } from "./mod.ts";

/** What a collector may do on a host, in words; empty for one that this version does not have. */
export function describePermissions(collector: string): readonly string[] {
  return needed(collector).flatMap(({ name, permissions }) =>
    permissionsInWords(permissions).map((what) => `${name}: ${what}`)
  );
}

/**
 * What a collector may do on hosts of a platform, a term for each thing: who does it, the kind of permission, its value
 * (`procmond: read /etc/passwd`). Empty for a collector that this version does not have there. Made of the declarations
 * alone, so that terms are the same as long as those are.
 */
export function permissionTerms(collector: string, platform: Platform): readonly string[] {
  return needed(collector).filter(({ modules }) => modules[platform])
    .flatMap((collector) =>
      Object.entries(permissionsOn(collector, platform)).flatMap((
        [kind, value]: [string, true | string | readonly string[]],
      ) => [value].flat().map((one) => `${collector.name}: ${kind} ${one}`))
    );
}

/** A collector with those that it cannot do without, and the one that stands in for it. */
function needed(name: string): readonly CollectorDeclaration[] {
  const found = COLLECTORS.find(({ collector }) => collector.name === name);
  if (!found) return [];
  const { collector, helpers = [], fallback } = found;
  return [collector, ...helpers, ...fallback ? [fallback] : []];
}
