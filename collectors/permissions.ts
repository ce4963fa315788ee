import type { CollectorDeclaration, CollectorPermissions } from "./core/collector.ts";
import { hasher } from "./hasher/mod.ts";
import { procmond } from "./procmond/mod.ts";

/** Collectors by name, each with those that it cannot do without. */
const NEEDED: Readonly<Record<string, readonly CollectorDeclaration[]>> = {
  procmond: [procmond, hasher],
};

/** What a collector may do on a host, in words; empty for one that this version does not have. */
export function describePermissions(collector: string): readonly string[] {
  return (NEEDED[collector] ?? []).flatMap(({ name, permissions }) =>
    inWords(permissions).map((what) => `${name}: ${what}`)
  );
}

function inWords({ proc, read, sys }: CollectorPermissions): string[] {
  return [
    ...(proc === "look" ? ["look at processes, without opening what their links lead to"] : []),
    ...(proc === "follow" ? ["look at processes and open the files that they run"] : []),
    ...(read ?? []).map((path) => `read ${path}`),
    ...(sys ?? []).map((name) => `ask the system for ${name}`),
  ];
}
