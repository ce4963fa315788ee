import type { TableSpec } from "../schema/types.ts";

/** The table of changes to settings. */
export const configuration_changes = {
  name: "configuration_changes",
  description: "Changes of the host's settings, one row for each setting that changed.",
  collector: "changemond",
  kind: "monitor",
  events: true,
  columns: {
    change_id: ["string", "Identity of the change", { key: true }],
    config_path: ["string", "File, registry key or property list that holds the setting", {
      lookup: true,
    }],
    setting_name: ["string", "Name of the setting, with its section where there is one"],
    old_value: ["string", "Value before; NULL where there was none", { optional: true }],
    new_value: ["string", "Value after; NULL where there is none", { optional: true }],
    change_type: ["string", "What happened", { values: ["create", "modify", "delete"] }],
    change_time: ["timestamp", "When it happened, or was noticed"],
    changed_by: ["string", "Who did it, where that is known", { optional: true }],
    change_reason: ["string", "Why, where a package manager or tool says so", {
      optional: true,
    }],
    impact_level: ["string", "How much the setting matters to the host's security", {
      values: ["low", "medium", "high", "critical"],
    }],
    rollback_available: ["boolean", "Whether the value before can be put back"],
  },
  examples: [
    "SELECT change_time, setting_name, old_value, new_value, changed_by FROM configuration_changes WHERE config_path = '/etc/ssh/sshd_config' AND change_type <> 'delete'",
    "SELECT config_path, count(*) AS changes FROM configuration_changes WHERE impact_level IN ('high', 'critical') AND change_reason IS NULL GROUP BY config_path",
  ],
} as const satisfies TableSpec;
