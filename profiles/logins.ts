import type { TableSpec } from "../schema/types.ts";

/** The table of logins. */
export const logins = {
  name: "logins",
  description:
    "Sessions and attempts that the host has on record, one row each: open ones, ended ones and failed ones.",
  collector: "regmond",
  kind: "monitor",
  columns: {
    login_id: ["string", "Identity of the record: kind, user, terminal and time", { key: true }],
    login_type: ["string", "What the record is about", {
      values: ["interactive", "remote", "service", "failed", "boot", "shutdown"],
    }],
    user_name: ["string", "Login name; for a failed attempt the name that was tried", {
      optional: true,
    }],
    terminal: ["string", "Terminal, such as `pts/0`", { optional: true }],
    remote_host: ["string", "Where the user came from, as recorded: an address or a name", {
      optional: true,
    }],
    remote_address: ["string", "Address that the user came from", { optional: true }],
    pid: ["integer", "Process that keeps the session, or kept it", {
      lookup: true,
      optional: true,
    }],
    login_time: ["timestamp", "When it began, or was tried"],
    logout_time: ["timestamp", "When it ended; NULL while it lasts", { optional: true }],
    active: ["boolean", "Whether it lasts"],
    session_id: ["string", "Id of the session at the session manager", { optional: true }],
  },
  examples: [
    "SELECT user_name, terminal, remote_address, login_time FROM logins WHERE active AND user_name = 'root'",
    "SELECT remote_address, count(*) AS attempts, count(DISTINCT user_name) AS names FROM logins WHERE login_type = 'failed' AND login_time > :now - 3600000 GROUP BY remote_address HAVING count(*) > 10",
    "SELECT l.user_name, l.remote_address, p.command_line FROM logins l JOIN processes p ON p.pid = l.pid WHERE l.active AND l.login_type = 'remote'",
  ],
} as const satisfies TableSpec;
