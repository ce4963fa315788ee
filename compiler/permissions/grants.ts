/**
 * What a host grants by running detections: the collectors, what each of those may do, the tables that they supply, the
 * columns that the host keeps from ordinary users, and what collectors that need keys are asked for.
 *
 * @module
 */
import type { CompiledDetection } from "../../model/compiled.ts";
import type { KeySource, Trigger } from "../../model/plan.ts";
import type { Catalogue } from "../../profiles/mod.ts";
import { columnsOf } from "../../schema/columns.ts";
import { type Platform, PLATFORMS } from "../../schema/types.ts";

/** The kinds of what is granted to a collector, in the order in which a lock has them. */
export const SECTIONS = ["permissions", "tables", "privileged_columns", "triggers"] as const;
/** One of {@linkcode SECTIONS}. */
export type Section = (typeof SECTIONS)[number];

/** One thing that a host grants. */
export interface Grant {
  /** What the host runs. */
  readonly platform: Platform;
  /** The collector that it is granted to. */
  readonly collector: string;
  /** What kind of thing. */
  readonly section: Section;
  /**
   * Which one, as a lock has it: `procmond: read /etc/passwd`, `processes`, `processes.environment_variables`,
   * `file_metadata.path GLOB '/etc/cron*'`.
   */
  readonly what: string;
}

/** Everything that hosts grant: by platform, collector and section, each list sorted. */
export type Budget = Readonly<
  Partial<Record<Platform, Readonly<Record<string, CollectorBudget>>>>
>;

/** Everything that a host grants to a collector. */
export type CollectorBudget = Readonly<Record<Section, readonly string[]>>;

/** What grants are made from besides a detection. */
export interface GrantOptions {
  /** The tables that the detection was compiled against. */
  readonly catalogue: Catalogue;
  /** What a collector may do on a platform, in terms that do not change from release to release. */
  readonly permissionsOf: (collector: string, platform: Platform) => readonly string[];
}

/** What a detection makes hosts grant, on each of its platforms. */
export function grantsOf(
  { detection, plan, tables }: CompiledDetection,
  { catalogue, permissionsOf }: GrantOptions,
): readonly Grant[] {
  const asked = [...plan.tasks, ...plan.triggers];
  return detection.meta.platforms.flatMap((platform) => {
    const grants = new Map<string, Grant>();
    const add = (collector: string, section: Section, what: string) =>
      grants.set(JSON.stringify([collector, section, what]), {
        platform,
        collector,
        section,
        what,
      });
    for (const { collector, table } of asked) {
      for (const what of permissionsOf(collector, platform)) add(collector, "permissions", what);
      add(collector, "tables", table);
      const read = tables.find((one) => one.table === table)?.columns ?? [];
      for (const { name, privileged } of columnsOf(catalogue.get(table)!, platform)) {
        if (privileged && read.includes(name)) {
          add(collector, "privileged_columns", `${table}.${name}`);
        }
      }
    }
    for (const trigger of plan.triggers) {
      for (const what of triggerTerms(trigger)) add(trigger.collector, "triggers", what);
    }
    return [...grants.values()];
  });
}

/** What a collector is asked for, a term for each key that the query names. */
function triggerTerms({ table, key, keys }: Trigger): readonly string[] {
  return keyTerms(keys).map((term) => `${table}.${key} ${term}`);
}

function keyTerms(keys: KeySource): readonly string[] {
  switch (keys.kind) {
    case "values":
      return keys.values.map((value) => `= ${literalTerm(value)}`);
    case "glob":
      return keys.patterns.map((pattern) => `GLOB ${literalTerm(pattern)}`);
    case "rows":
      return [`from ${keys.tables.map(({ table }) => table).join(", ")}`];
  }
}

/** A value as a term has it. */
export function literalTerm(value: unknown): string {
  return typeof value === "string"
    ? `'${value.replaceAll("'", "''")}'`
    : String(value).toUpperCase();
}

/** Grants put together, each once. */
export function budgetOf(grants: readonly Grant[]): Budget {
  return Object.fromEntries(
    PLATFORMS.flatMap((platform) => {
      const own = grants.filter((grant) => grant.platform === platform);
      if (own.length === 0) return [];
      const collectors = [...Map.groupBy(own, ({ collector }) => collector)]
        .sort(([left], [right]) => left < right ? -1 : 1)
        .map(([collector, list]) => [collector, collectorBudget(list)]);
      return [[platform, Object.fromEntries(collectors)]];
    }),
  );
}

function collectorBudget(grants: readonly Grant[]): CollectorBudget {
  const sorted = (section: Section) => {
    const all = grants.filter((grant) => grant.section === section).map(({ what }) => what);
    return [...new Set(all)].sort();
  };
  return {
    permissions: sorted("permissions"),
    tables: sorted("tables"),
    privileged_columns: sorted("privileged_columns"),
    triggers: sorted("triggers"),
  };
}

/** The grants of a budget, in its order. */
export function grantsIn(budget: Budget): readonly Grant[] {
  return PLATFORMS.flatMap((platform) =>
    Object.entries(budget[platform] ?? {}).flatMap(([collector, sections]) =>
      SECTIONS.flatMap((section) =>
        sections[section].map((what): Grant => ({ platform, collector, section, what }))
      )
    )
  );
}

/** Whether a budget has a grant. */
export function isGranted(budget: Budget, { platform, collector, section, what }: Grant): boolean {
  return budgetFor(budget, platform, collector)?.[section].includes(what) ?? false;
}

/** What a budget has for a collector. */
export function budgetFor(
  budget: Budget,
  platform: Platform,
  collector: string,
): CollectorBudget | undefined {
  const collectors = budget[platform];
  return collectors && Object.hasOwn(collectors, collector) ? collectors[collector] : undefined;
}
