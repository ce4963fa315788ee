import type { groups } from "../../profiles/groups.ts";
import type { users } from "../../profiles/users.ts";
import type { GapReason } from "../../schema/batch.ts";
import type { Row } from "../../schema/row.ts";
import type { Reading } from "../core/collector.ts";
import { decode, Failure } from "../proc/files.ts";
import type { Host } from "./host.ts";

/** A row of `users`. */
export type User = Omit<Row<typeof users, "linux">, "platform_data">;
/** A row of `groups`. */
export type Group = Omit<Row<typeof groups, "linux">, "platform_data">;

const DAY = 86_400_000;

/** Shells that end at once, or that are no shells. */
const NO_SHELLS = new Set(["nologin", "false", "true", "sync", "halt", "shutdown", "reboot"]);

/** Groups whose members can become root without a password or a flaw, by what the group may do. */
const PRIVILEGED = new Set([
  ...["root", "wheel", "sudo", "admin", "adm-root"],
  // Each of these may read and write the whole disk, or start containers with the host's root in them.
  ...["disk", "docker", "lxd", "incus", "incus-admin", "libvirt", "podman", "shadow"],
]);

/** Lines of a file of fields that are parted by colons; what is too short is no entry. */
function entries(text: string, fields: number): string[][] {
  return text.split("\n").map((line) => line.split(":"))
    .filter(({ length, 0: name }) => length >= fields && name !== "" && !/^[+#-]/.test(name!));
}

/** A decimal number that is a safe integer; `null` for anything else. */
function number(text: string | undefined): number | null {
  const value = /^\d{1,15}$/.test(text ?? "") ? Number(text) : NaN;
  return Number.isNaN(value) ? null : value;
}

/** What the second field of passwd(5) or shadow(5) says of the password. */
export function passwordStatus(field: string): "set" | "empty" | "locked" | "none" {
  if (field === "") return "empty";
  if (/^[!*]+$/.test(field)) return "none";
  return field.startsWith("!") ? "locked" : "set";
}

/** The accounts of passwd(5), with what shadow(5) says of them. */
export function* readUsers(host: Host, wanted: ReadonlySet<string>): Generator<Reading> {
  const shadow = host.bytes("/etc/shadow");
  const secret = new Map(
    entries(shadow instanceof Failure ? "" : decode(shadow), 2).map((entry) => [entry[0]!, entry]),
  );
  const days = (text: string | undefined) => {
    const count = number(text);
    return count === null ? null : count * DAY;
  };
  for (
    const [name, password, uid, gid, comment, home, shell] of entries(host.text("/etc/passwd"), 7)
  ) {
    const user_id = number(uid);
    if (user_id === null) continue;
    const entry = secret.get(name!);
    const gaps: Record<string, GapReason> = {};
    if (shadow instanceof Failure && password === "x") {
      const reason = shadow.reason === "gone" ? "not_collected" : shadow.reason;
      for (const column of ["password_status", "password_changed", "account_expires"]) {
        gaps[column] = reason;
      }
    }
    const field = password === "x" ? entry?.[1] : password;
    const keys = wanted.has("authorized_keys") ? countKeys(host, home!) : null;
    if (keys instanceof Failure) {
      gaps.authorized_keys = keys.reason === "gone" ? "not_collected" : keys.reason;
    }
    const row: User = {
      user_id,
      user_name: name!,
      group_id: number(gid),
      full_name: comment!.split(",")[0] || null,
      home_directory: home || null,
      shell: shell || null,
      can_login: !NO_SHELLS.has(shell!.split("/").at(-1)!),
      password_status: field === undefined ? null : passwordStatus(field),
      password_changed: days(entry?.[2]),
      account_expires: days(entry?.[7]),
      authorized_keys: keys instanceof Failure ? null : keys,
      security_id: null,
    };
    yield { row, gaps };
  }
}

/** Keys in the files that sshd(8) looks at where its configuration names no others, or why they cannot be counted. */
function countKeys(host: Host, home: string): number | Failure {
  let count = 0;
  for (const name of home.startsWith("/") ? ["authorized_keys", "authorized_keys2"] : []) {
    const bytes = host.bytes(`${home}/.ssh/${name}`);
    if (!(bytes instanceof Failure)) {
      count += decode(bytes).split("\n").filter((line) => /^\s*[^#\s]/.test(line)).length;
    } else if (bytes.reason !== "gone") return bytes;
  }
  return count;
}

/** The groups of group(5). */
export function* readGroups(host: Host): Generator<Reading> {
  for (const [name, , gid, list] of entries(host.text("/etc/group"), 4)) {
    const group_id = number(gid);
    if (group_id === null) continue;
    const members = list!.split(",").map((member) => member.trim()).filter(Boolean);
    const row: Group = {
      group_id,
      group_name: name!,
      members: JSON.stringify(members),
      member_count: members.length,
      privileged: group_id === 0 || PRIVILEGED.has(name!),
      security_id: null,
    };
    yield { row };
  }
}
