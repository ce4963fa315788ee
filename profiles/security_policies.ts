import type { TableSpec } from "../schema/types.ts";

/** The table of rules that the host is set to keep. */
export const security_policies = {
  name: "security_policies",
  description: "Rules that the host is set to keep, one row each, with what is in force.",
  collector: "configmond",
  kind: "triggerable",
  requires: ["policy_id", "policy_name", "policy_category"],
  columns: {
    policy_id: ["string", "Identity of the policy", { key: true, lookup: true }],
    policy_name: ["string", "Name of the policy", { lookup: true }],
    policy_category: ["string", "What the policy is about", {
      lookup: true,
      values: [
        "authentication",
        "network",
        "file",
        "process",
        "kernel",
        "audit",
        "privacy",
        "other",
      ],
    }],
    policy_value: ["string", "Value in force, as text", { optional: true }],
    enforcement_level: ["string", "What happens to those who break it", {
      values: ["mandatory", "advisory", "disabled"],
    }],
    compliance_status: ["string", "Whether the value is the recommended one", {
      values: ["compliant", "non_compliant", "unknown"],
    }],
    last_checked: ["timestamp", "When it was read", { volatile: true }],
    violation_count: ["integer", "Violations that the host has recorded", {
      optional: true,
      volatile: true,
    }],
    recommendation: ["string", "What to set instead", { optional: true }],
    platform_specific: ["boolean", "Whether only this platform has it"],
  },
  extensions: {
    windows: {
      registry_hive: ["string", "Hive, such as `HKEY_LOCAL_MACHINE`", { optional: true }],
      registry_key: ["string", "Path of the key in its hive", { optional: true }],
      registry_value: ["string", "Name of the value in its key", { optional: true }],
      registry_type: ["string", "Type of the value, such as `REG_DWORD`", { optional: true }],
      group_policy: ["boolean", "Whether Group Policy sets it", { optional: true }],
      security_descriptor: ["json", "Owner and access control entries of the key", {
        costly: true,
        shape: '{"owner": "S-1-5-18", "sddl": "O:SYG:SYD:(A;;KA;;;SY)"}',
      }],
    },
    macos: {
      plist_domain: ["string", "Domain of the property list", { optional: true }],
      launchd_service: ["boolean", "Whether it is about a service of launchd"],
      sandbox_entitlement: ["boolean", "Whether it is an entitlement of the sandbox"],
      privacy_setting: ["boolean", "Whether it grants or denies access to private data"],
      system_integrity: ["boolean", "Whether it is about System Integrity Protection"],
    },
    linux: {
      config_file: ["string", "File that sets it", { optional: true }],
      systemd_unit: ["string", "Unit of systemd that it is about", { optional: true }],
      selinux_context: ["string", "SELinux context that it is about", { optional: true }],
      apparmor_profile: ["string", "AppArmor profile that it is about", { optional: true }],
      kernel_parameter: ["boolean", "Whether it is a parameter of the kernel"],
    },
  },
  examples: [
    "SELECT policy_name, policy_value, recommendation FROM security_policies WHERE policy_category = 'kernel' AND compliance_status = 'non_compliant'",
    "SELECT policy_name, enforcement_level, violation_count FROM security_policies WHERE policy_category IN ('authentication', 'audit') AND enforcement_level <> 'mandatory'",
  ],
} as const satisfies TableSpec;
