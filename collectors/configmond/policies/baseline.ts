import type { Merged } from "../configuration.ts";
import { BASELINE, judge, type Recommendation, recommendedInWords } from "../baseline.ts";
import { maskSecrets } from "../secrets.ts";
import { type Policy, type PolicySources, unknown, unreadBelow } from "./policy.ts";

/** What has to be there for the settings of a family to mean anything. */
const NEEDS: Readonly<Record<string, string>> = {
  sshd: "/etc/ssh/sshd_config",
  sudoers: "/etc/sudoers",
  "login.defs": "/etc/login.defs",
  pam: "/etc/pam.d",
  systemd: "/etc/systemd",
};

/** Units of systemd whose settings a family has. */
const UNITS: Readonly<Record<string, string>> = {
  sshd: "ssh.service",
  systemd: "systemd-journald.service",
};

/** The recommendations of the baseline as policies, each with the value that is in force. */
export function* fromBaseline({ host, settings }: PolicySources): Generator<Policy> {
  for (const recommendation of BASELINE) {
    const need = NEEDS[recommendation.family];
    const isThere = need === undefined || host.info(need) !== undefined;
    const found = inForce(recommendation, settings(recommendation.family));
    const gap = need === undefined ? undefined : unreadBelow(host, [need]);
    if (gap) yield unknown(identityOf(recommendation), gap);
    else if (isThere && (found || recommendation.family !== "sysctl")) {
      yield policyOf(recommendation, found);
    }
  }
}

/** The setting that counts: of the kernel itself, else what stands in a file and is not overridden, outside of all scopes. */
function inForce(
  { family, setting, recommended }: Recommendation,
  settings: readonly Merged[],
): Merged | undefined {
  const candidates = settings.filter(({ name, key = name, overridden, path }) =>
    key === setting && !overridden &&
    (family === "sysctl"
      ? path.startsWith("/proc/")
      : family === "pam" || name === key || isForAll(name))
  );
  // PAM has a setting for each service: the worst of them counts. Later files of the others override earlier ones.
  return family === "pam"
    ? candidates.find(({ value }) => judge(recommended, value) === "non_compliant") ?? candidates[0]
    : family === "sshd"
    ? candidates.find(({ name }) => isForAll(name)) ?? candidates[0]
    : candidates.at(-1);
}

/** What stands under `Match all` counts more than what stands before it (sshd_config(5)). */
function isForAll(name: string): boolean {
  return /^match all: /i.test(name);
}

function identityOf({ id, name, category }: Recommendation) {
  return { policy_id: id, policy_name: name, policy_category: category };
}

function policyOf(recommendation: Recommendation, found: Merged | undefined): Policy {
  const { family, setting, recommended, reason, byDefault } = recommendation;
  const value = found ? lastLine(family, found.value) : byDefault ?? null;
  const status = judge(recommended, value);
  const unit = UNITS[family];
  const set = found && (found.more?.file ?? (found.line === undefined ? undefined : found.path));
  return {
    ...identityOf(recommendation),
    policy_value: value === null ? null : maskSecrets(setting, value),
    enforcement_level: status === "unknown"
      ? null
      : status === "compliant"
      ? "mandatory"
      : "disabled",
    compliance_status: status === "unknown" ? null : status,
    ...(status !== "compliant" && {
      recommendation: `Set ${setting} to ${recommendedInWords(recommended)}: ${reason}`,
    }),
    ...(family !== "sysctl" && { everywhere: true }),
    ...(family === "sysctl" && { kernel_parameter: true }),
    ...(typeof set === "string" && { config_file: set }),
    ...(unit !== undefined && { systemd_unit: unit }),
    ...(status === "unknown" && { gap: found?.gap ?? "not_collected" }),
    more: { setting, ...(!found && byDefault !== undefined && { by_default: true }) },
  };
}

/** Of defaults of sudo the last line counts; the others have one. */
function lastLine(family: string, value: string | null): string | null {
  return family === "sudoers" ? value?.split("\n").at(-1) ?? null : value;
}
