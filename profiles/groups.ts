import type { TableSpec } from "../schema/types.ts";

/** The table of user groups. */
export const groups = {
  name: "groups",
  description: "Groups in the host's own user database, one row each.",
  collector: "regmond",
  kind: "monitor",
  columns: {
    group_id: ["integer", "Group id; on Windows the last part of the SID", { key: true }],
    group_name: ["string", "Name", { key: true }],
    members: ["json", "Login names of the members, apart from those whose primary group it is", {
      shape: '["alice", "bob"]',
    }],
    member_count: ["integer", "Number of `members`"],
    privileged: ["boolean", "Whether membership amounts to being the administrator"],
    security_id: ["string", "SID on Windows, UUID on macOS", { optional: true }],
  },
  examples: [
    "SELECT group_name, members FROM groups WHERE privileged AND member_count > 0",
    "SELECT u.user_name, g.group_name FROM users u JOIN groups g ON g.group_id = u.group_id WHERE g.group_name IN ('docker', 'lxd', 'disk')",
  ],
} as const satisfies TableSpec;
