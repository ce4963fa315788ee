import { type Diagnostic, diagnostic } from "../../diagnostics/diagnostic.ts";
import { SourceText, type Span } from "../../diagnostics/source.ts";
import type { CompiledDetection } from "../../model/compiled.ts";
import { PLATFORM_NAMES, PLATFORMS } from "../../schema/types.ts";
import {
  type Budget,
  budgetFor,
  type Grant,
  type GrantOptions,
  grantsOf,
  isGranted,
} from "./grants.ts";
import { LOCK_NAME } from "./lock.ts";
import { placer } from "./place.ts";

/**
 * What a detection needs beyond a budget, each thing at the place that asks for it, all platforms together.
 *
 * @param hint how to accept it
 */
export function widerDiagnostics(
  compiled: CompiledDetection,
  budget: Budget,
  options: GrantOptions,
  hint: string,
): Diagnostic[] {
  const missing = grantsOf(compiled, options)
    .filter((grant) => !isGranted(budget, grant) && isSaid(grant, budget));
  if (missing.length === 0) return [];
  const { detection } = compiled;
  const source = new SourceText(detection.file, detection.text);
  const place = placer(compiled, options.catalogue);
  const placed = missing.map((grant) => ({
    grant,
    deed: deedOf(grant, budget, options),
    span: platformPlace(compiled, grant, budget) ?? place(grant),
  }));
  const groups = Map.groupBy(placed, ({ deed, span }) => `${span.start} ${span.end} ${deed}`);
  return [...groups.values()].map((group) => {
    const { deed, span } = group[0]!;
    const hosts = listed(group.map(({ grant }) => PLATFORM_NAMES[grant.platform]));
    const message = `this makes ${hosts} hosts ${deed}, which ${LOCK_NAME} does not grant`;
    return diagnostic("widened-permissions", source, span, message, hint);
  });
}

/**
 * A new collector says all of what comes with it, and a new table all but its triggers. What a collector may do that is
 * granted already is not the detection's doing.
 */
function isSaid({ platform, collector, section, what }: Grant, budget: Budget): boolean {
  const known = budgetFor(budget, platform, collector);
  switch (section) {
    case "permissions":
      return false;
    case "tables":
      return true;
    case "privileged_columns":
      return known?.tables.includes(what.slice(0, what.indexOf("."))) ?? false;
    case "triggers":
      return known !== undefined;
  }
}

/** What is granted to the same query elsewhere is asked for by naming a platform. */
function platformPlace(
  { detection: { meta, spans } }: CompiledDetection,
  grant: Grant,
  budget: Budget,
): Span | undefined {
  const elsewhere = PLATFORMS.some((platform) => isGranted(budget, { ...grant, platform }));
  return elsewhere ? spans.get(`platforms.${meta.platforms.indexOf(grant.platform)}`) : undefined;
}

/** What a host does that has not been granted. */
function deedOf(
  { platform, collector, section, what }: Grant,
  budget: Budget,
  { permissionsOf }: GrantOptions,
): string {
  if (!budgetFor(budget, platform, collector)) {
    const powers = permissionsOf(collector, platform).join("; ") || "not part of this version";
    return `run the collector \`${collector}\` (${powers})`;
  }
  switch (section) {
    case "permissions":
    case "tables":
      return `read the table \`${what}\``;
    case "privileged_columns":
      return `read \`${what}\`, kept from ordinary users`;
    case "triggers":
      return `ask \`${collector}\` for \`${what}\``;
  }
}

/** Words as a list in a sentence, each once. */
export function listed(words: readonly string[]): string {
  const distinct = [...new Set(words)];
  const last = distinct.pop()!;
  return distinct.length > 0 ? `${distinct.join(", ")} and ${last}` : last;
}
