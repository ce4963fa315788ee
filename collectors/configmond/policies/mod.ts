import { compileGlob } from "../../../dialect/wildcard.ts";
import type { TaskKeys } from "../../../model/collection.ts";
import type { GapReason } from "../../../schema/batch.ts";
import type { Reading } from "../../core/collector.ts";
import { decode, Failure, openProcFiles } from "../../proc/files.ts";
import type { Host } from "../../regmond/host.ts";
import { type Merged, mergeSettings } from "../configuration.ts";
import { FAMILIES } from "../families/mod.ts";
import type { Note } from "../setting.ts";
import { fromBaseline } from "./baseline.ts";
import type { Policy, PolicyFinder, PolicyRow, PolicySources } from "./policy.ts";
import * as services from "./services.ts";
import * as system from "./system.ts";

/** Every way in which policies are found. */
const FINDERS: readonly PolicyFinder[] = [
  fromBaseline,
  ...Object.values(system),
  ...Object.values(services),
];

/** Rows of `security_policies` for the keys of a task: an id, a name or a category. */
export function* readPolicies(
  host: Host,
  { column, values = [], globs = [] }: TaskKeys,
  note: Note,
  now: () => number = Date.now,
): Generator<Reading> {
  const exact = new Set(values.map(String));
  const patterns = globs.map((glob) => compileGlob(glob));
  const sources = sourcesOf(host, note);
  for (const find of FINDERS) {
    for (const policy of find(sources)) {
      const key = String(policy[column as "policy_id"]);
      if (exact.has(key) || patterns.some((matches) => matches(key))) {
        yield readingOf(policy, now());
      }
    }
  }
}

function sourcesOf(host: Host, note: Note): PolicySources {
  const read = new Map<string, readonly Merged[]>();
  const files = host.sys === undefined ? undefined : openProcFiles(host.sys);
  return {
    host,
    settings(name) {
      const known = read.get(name);
      if (known) return known;
      const settings = mergeSettings(host, FAMILIES.find((family) => family.name === name)!, note);
      read.set(name, settings);
      return settings;
    },
    sys(path) {
      const bytes = files?.read(path.slice("/sys/".length)) ?? Failure.GONE;
      return bytes instanceof Failure ? { gap: bytes.reason } : decode(bytes).trimEnd();
    },
  };
}

function readingOf(policy: Policy, now: number): Reading {
  const { gap, everywhere, more, ...known } = policy;
  const row: Omit<PolicyRow, "enforcement_level" | "compliance_status"> = {
    recommendation: null,
    config_file: null,
    systemd_unit: null,
    apparmor_profile: null,
    kernel_parameter: false,
    ...known,
    last_checked: now,
    violation_count: null,
    platform_specific: !everywhere,
    selinux_context: null,
    platform_data: JSON.stringify(more ?? {}),
  };
  const missing = (["policy_value", "enforcement_level", "compliance_status"] as const)
    .filter((column) => policy[column] === null);
  const gaps: Record<string, GapReason> = Object.fromEntries(
    missing.map((column) => [column, gap ?? "not_collected"]),
  );
  return missing.length > 0 ? { row, gaps } : { row };
}
