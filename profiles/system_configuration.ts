import type { TableSpec } from "../schema/types.ts";

/** The table of settings. */
export const system_configuration = {
  name: "system_configuration",
  description:
    "Settings of the host, one row for each setting of a configuration file, registry key or property list.",
  collector: "configmond",
  kind: "triggerable",
  requires: ["config_path", "category"],
  columns: {
    config_path: ["string", "File, registry key or property list that holds the setting", {
      key: true,
      lookup: true,
    }],
    config_type: ["string", "What kind of place that is", {
      values: ["file", "registry", "plist", "sysctl"],
    }],
    setting_name: ["string", "Name of the setting, with its section where there is one", {
      key: true,
    }],
    setting_value: ["string", "Value as text", { optional: true }],
    setting_type: ["string", "What the value is", {
      values: ["string", "integer", "boolean", "json"],
    }],
    category: ["string", "What the setting is about", {
      lookup: true,
      values: ["security", "network", "system", "authentication", "logging", "other"],
    }],
    modified_time: ["timestamp", "When the place last changed", { optional: true }],
    modified_by: ["string", "Who changed it, where the host keeps that", { optional: true }],
    backup_available: ["boolean", "Whether an earlier version lies beside it", {
      optional: true,
    }],
    compliance_status: ["string", "Whether the value is the recommended one", {
      values: ["compliant", "non_compliant", "unknown"],
    }],
    analysis_time: ["timestamp", "When it was read", { volatile: true }],
  },
  examples: [
    "SELECT setting_value, modified_time FROM system_configuration WHERE config_path = '/etc/ssh/sshd_config' AND setting_name = 'PermitRootLogin' AND setting_value = 'yes'",
    "SELECT config_path, setting_name, setting_value FROM system_configuration WHERE category = 'security' AND compliance_status = 'non_compliant'",
  ],
} as const satisfies TableSpec;
