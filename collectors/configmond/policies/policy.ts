import type { security_policies } from "../../../profiles/security_policies.ts";
import type { GapReason } from "../../../schema/batch.ts";
import type { Row } from "../../../schema/row.ts";
import type { Host } from "../../regmond/host.ts";
import type { Merged } from "../configuration.ts";

/** A row of `security_policies`. */
export type PolicyRow = Row<typeof security_policies, "linux">;

/** A policy as it is found. What is left out is NULL, or false. */
export interface Policy {
  /** Its identity. */
  readonly policy_id: string;
  /** Its name. */
  readonly policy_name: string;
  /** What it is about. */
  readonly policy_category: PolicyRow["policy_category"];
  /** What is in force; `null` where nobody can tell. */
  readonly policy_value: string | null;
  /** What happens to those who break it; `null` where that cannot be told. */
  readonly enforcement_level: PolicyRow["enforcement_level"] | null;
  /** Whether that is recommended; `null` where it cannot be told. */
  readonly compliance_status: PolicyRow["compliance_status"] | null;
  /** What to set instead; nothing where all is well. */
  readonly recommendation?: string;
  /** Whether other systems have the like. */
  readonly everywhere?: true;
  /** File that sets it. */
  readonly config_file?: string;
  /** Unit of systemd that it is about. */
  readonly systemd_unit?: string;
  /** AppArmor profile that it is about. */
  readonly apparmor_profile?: string;
  /** Whether it is a parameter of the kernel. */
  readonly kernel_parameter?: true;
  /** Why what is `null` is not known. */
  readonly gap?: GapReason;
  /** What else is known of it. */
  readonly more?: Readonly<Record<string, string | number | boolean>>;
}

/** What policies are found from. */
export interface PolicySources {
  /** The host. */
  readonly host: Host;
  /** The settings of a family; read once. */
  readonly settings: (family: string) => readonly Merged[];
  /** A file below /sys as text; why there is none. */
  readonly sys: (path: string) => string | { readonly gap: GapReason | "gone" };
}

/** Finds policies. */
export type PolicyFinder = (sources: PolicySources) => Iterable<Policy>;

/** Why files below one of these beginnings were not read, so that what they would say is not known. */
export function unreadBelow(
  { unread }: Pick<Host, "unread">,
  beginnings: readonly string[],
): GapReason | undefined {
  const words = unread.find((path) => beginnings.some((beginning) => path.startsWith(beginning)));
  if (words === undefined) return undefined;
  return words.endsWith("(denied)") ? "denied" : "not_collected";
}

/** A policy about which nothing can be told, and why. */
export function unknown(
  policy: Pick<Policy, "policy_id" | "policy_name" | "policy_category">,
  gap: GapReason | "gone",
): Policy {
  return {
    ...policy,
    policy_value: null,
    enforcement_level: null,
    compliance_status: null,
    gap: gap === "gone" ? "not_collected" : gap,
  };
}
