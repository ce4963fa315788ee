import type { TableSpec } from "../schema/types.ts";

/** The table of user accounts. */
export const users = {
  name: "users",
  description: "User accounts in the host's own user database, one row each.",
  collector: "regmond",
  kind: "monitor",
  columns: {
    user_id: ["integer", "User id; on Windows the last part of the SID", { key: true }],
    user_name: ["string", "Login name", { key: true }],
    group_id: ["integer", "Id of the primary group", { optional: true }],
    full_name: ["string", "Name of the person or purpose of the account", { optional: true }],
    home_directory: ["string", "Home directory", { optional: true }],
    shell: ["string", "Program that a login starts", { optional: true }],
    can_login: ["boolean", "Whether the shell is one that lets a user work"],
    password_status: ["string", "What kind of password is set; NULL where that is not readable", {
      optional: true,
      values: ["set", "empty", "locked", "none"],
    }],
    password_changed: ["timestamp", "When the password was last changed, to the day", {
      optional: true,
    }],
    account_expires: ["timestamp", "When the account ends; NULL if never", { optional: true }],
    authorized_keys: ["integer", "SSH keys that may log in as this user", { costly: true }],
    security_id: ["string", "SID on Windows, UUID on macOS", { optional: true }],
  },
  examples: [
    "SELECT user_name, shell, home_directory FROM users WHERE user_id = 0 AND user_name <> 'root'",
    "SELECT user_name, user_id FROM users WHERE password_status = 'empty' AND can_login",
    "SELECT u.user_name, count(*) AS processes FROM users u JOIN processes p ON p.user_id = u.user_id WHERE NOT u.can_login AND p.name IN ('sh', 'bash', 'dash') GROUP BY u.user_name",
  ],
} as const satisfies TableSpec;
