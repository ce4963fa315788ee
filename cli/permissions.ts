import { bold, dim, green, red } from "@std/fmt/colors";
import { describePermissions } from "../collectors/permissions.ts";
import {
  type Budget,
  budgetOf,
  type Grant,
  grantsIn,
  grantsOf,
  isGranted,
} from "../compiler/permissions/grants.ts";
import { escapeTerminal } from "../diagnostics/escape.ts";
import type { CompiledDetection } from "../model/compiled.ts";
import { GRANT_OPTIONS } from "./lock_file.ts";

/** What detections need of a collector, on whatever platform. */
export interface NeededCollector {
  /** Its name. */
  readonly collector: string;
  /** What it may do on a host, in words. */
  readonly permissions: readonly string[];
  /** The tables that are read. */
  readonly tables: readonly string[];
  /** Of these the columns that the host keeps from ordinary users. */
  readonly privileged_columns: readonly string[];
  /** What it is asked for by key. */
  readonly triggers: readonly string[];
  /** Names of the detections that ask it for something. */
  readonly detections: readonly string[];
}

/** What detections need of collectors, sorted by collector. */
export function neededCollectors(
  compiled: readonly CompiledDetection[],
): readonly NeededCollector[] {
  const all = compiled.flatMap((one) =>
    grantsOf(one, GRANT_OPTIONS).map((grant) => ({ grant, name: one.detection.name }))
  );
  const groups = Map.groupBy(all, ({ grant: { collector } }) => collector);
  return [...groups].sort(([left], [right]) => left < right ? -1 : 1)
    .map(([collector, group]) => {
      const of = (section: Grant["section"]) =>
        [
          ...new Set(group.flatMap(({ grant }) => grant.section === section ? [grant.what] : [])),
        ].sort();
      return {
        collector,
        permissions: describePermissions(collector),
        tables: of("tables"),
        privileged_columns: of("privileged_columns"),
        triggers: of("triggers"),
        detections: [...new Set(group.map(({ name }) => name))],
      };
    });
}

/** {@linkcode NeededCollector}s for people. */
export function permissionsText(needed: readonly NeededCollector[]): string {
  return needed.map(({ collector, permissions, detections, ...reads }) =>
    [
      bold(collector),
      ...permissionLines(permissions),
      `  tables: ${reads.tables.join(", ")}`,
      ...line("kept from ordinary users", reads.privileged_columns),
      ...line("asked for", reads.triggers),
      dim(`  for ${detections.map(escapeTerminal).join(", ")}`),
      "",
    ].join("\n")
  ).join("\n");
}

function line(name: string, items: readonly string[]): string[] {
  return items.length > 0 ? [`  ${name}: ${items.map(escapeTerminal).join(", ")}`] : [];
}

/** What a collector may do, a line each. */
export function permissionLines(permissions: readonly string[]): string[] {
  return permissions.length ? permissions.map((one) => `  ${one}`) : ["  not part of this version"];
}

/** What detections make hosts grant. */
export function budgetFor(compiled: readonly CompiledDetection[]): Budget {
  return budgetOf(compiled.flatMap((one) => grantsOf(one, GRANT_OPTIONS)));
}

/** What one budget has and another lacks, a line each: `+` for what is new, `-` for what is gone. */
export function budgetChanges(before: Budget, after: Budget): readonly string[] {
  const lines = (sign: string, grants: readonly Grant[], than: Budget) =>
    grants.filter((grant) => !isGranted(than, grant)).map((grant) => `${sign} ${grantText(grant)}`);
  return [
    ...lines("+", grantsIn(after), before).map(green),
    ...lines("-", grantsIn(before), after).map(red),
  ];
}

const NOUNS: Readonly<Record<Grant["section"], string>> = {
  permissions: "permission",
  tables: "table",
  privileged_columns: "privileged column",
  triggers: "trigger",
};

function grantText({ platform, collector, section, what }: Grant): string {
  return escapeTerminal(`${platform} ${collector}: ${NOUNS[section]} ${what}`);
}
