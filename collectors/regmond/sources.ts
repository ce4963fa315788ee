import type { groups } from "../../profiles/groups.ts";
import type { kernel_modules } from "../../profiles/kernel_modules.ts";
import type { logins } from "../../profiles/logins.ts";
import type { mounts } from "../../profiles/mounts.ts";
import type { packages } from "../../profiles/packages.ts";
import type { persistence_items } from "../../profiles/persistence_items.ts";
import type { users } from "../../profiles/users.ts";
import type { ColumnSources } from "../../schema/sources.ts";

const PASSWD = "`/etc/passwd`, passwd(5)";
const SHADOW = "`/etc/shadow`, shadow(5)";
const GROUP = "`/etc/group`, group(5)";
const NO_SID = { always_null: "Linux has no such identity" };

/** Where the columns of `users` come from on Linux. Accounts of directories (LDAP, SSSD) are in none of these files. */
export const userSources: ColumnSources<typeof users, "linux"> = {
  user_id: PASSWD,
  user_name: PASSWD,
  group_id: PASSWD,
  full_name: `${PASSWD}: the comment up to its first comma`,
  home_directory: PASSWD,
  shell: PASSWD,
  can_login: `${PASSWD}: the shell is none of nologin(8), false(1) and the like`,
  password_status: `${SHADOW}, field 2`,
  password_changed: `${SHADOW}, field 3`,
  account_expires: `${SHADOW}, field 8`,
  authorized_keys:
    "lines of `.ssh/authorized_keys` and `authorized_keys2` in the home, sshd(8); other places that sshd_config(5) may name are not looked at",
  security_id: NO_SID,
};

/** Where the columns of `groups` come from on Linux. */
export const groupSources: ColumnSources<typeof groups, "linux"> = {
  group_id: GROUP,
  group_name: GROUP,
  members: GROUP,
  member_count: GROUP,
  privileged:
    "group 0, and names that by custom let their members become root: `sudo`, `wheel`, `admin`, `disk`, `docker`, `lxd`, …",
  security_id: NO_SID,
};

const RECORD = "`/var/log/wtmp` and `/var/log/btmp`, utmp(5)";

/** Where the columns of `logins` come from on Linux. */
export const loginSources: ColumnSources<typeof logins, "linux"> = {
  login_id: `${RECORD}: kind, user, terminal, pid and time`,
  login_type: `${RECORD}: which file, and whether a host is given`,
  user_name: RECORD,
  terminal: RECORD,
  remote_host: RECORD,
  remote_address: RECORD,
  pid: RECORD,
  process_key: { always_null: "the records do not say when the process was started" },
  login_time: RECORD,
  logout_time: "`/var/log/wtmp`: the next record of the terminal, or of a shutdown or boot",
  active: "`/run/utmp` has the session, and `/var/log/wtmp` does not end it",
  session_id: RECORD,
};

const LISTED =
  "`/proc/modules`, proc_modules(5); of a module that hides from it, `/sys/module/<name>/`";

/** Where the columns of `kernel_modules` come from on Linux. */
export const moduleSources: ColumnSources<typeof kernel_modules, "linux"> = {
  name: LISTED,
  size: LISTED,
  state: LISTED,
  reference_count: LISTED,
  used_by: "`/proc/modules`, proc_modules(5)",
  version: "`/sys/module/<name>/version`",
  file_path: "`/lib/modules/<release>/modules.dep`, depmod(8)",
  signer: { always_null: "`code_signing` tells it of the module's file" },
  out_of_tree: "`O` in `/sys/module/<name>/taint`",
  unsigned: "`E` in `/sys/module/<name>/taint`",
  taints: "`/sys/module/<name>/taint`",
};

const MOUNTINFO = "`/proc/1/mountinfo`, proc_pid_mountinfo(5)";

/** Where the columns of `mounts` come from on Linux. */
export const mountSources: ColumnSources<typeof mounts, "linux"> = {
  mount_id: MOUNTINFO,
  mount_point: MOUNTINFO,
  source: MOUNTINFO,
  filesystem_type: MOUNTINFO,
  root: MOUNTINFO,
  options: `${MOUNTINFO}: those of the mount, then those of the filesystem`,
  read_only: MOUNTINFO,
  no_exec: MOUNTINFO,
  no_suid: MOUNTINFO,
  propagation: `${MOUNTINFO}, mount_namespaces(7)`,
  total_bytes: "statfs(2); not of filesystems behind a network, which may never answer",
  free_bytes: "statfs(2); not of filesystems behind a network, which may never answer",
};

const RECORDS =
  "`/var/lib/dpkg/status`, `rpmdb.sqlite` of rpm, `/lib/apk/db/installed`, `/var/lib/pacman/local/*/desc`";

/** Where the columns of `packages` come from on Linux. Of rpm before 4.16 only a gap is told. */
export const packageSources: ColumnSources<typeof packages, "linux"> = {
  name: RECORDS,
  version: RECORDS,
  architecture: RECORDS,
  manager: RECORDS,
  status: RECORDS,
  source: RECORDS,
  maintainer: RECORDS,
  installed_time:
    "when `/var/lib/dpkg/info/<package>.list` was written; `INSTALLTIME` of rpm; `INSTALLDATE` of pacman; NULL for apk, which does not keep it",
  installed_size: RECORDS,
};

/** Where the columns of `persistence_items` come from on Linux. */
export const persistenceSources: ColumnSources<typeof persistence_items, "linux"> = {
  kind: "which of the mechanisms below has it",
  path: "the file",
  name:
    "name of the unit, script or desktop entry; the number of the line; the value where that tells items apart; fingerprint and comment of a key, as ssh-keygen(1) shows them",
  command:
    "`ExecStart` with drop-ins, systemd.service(5); crontab(5); last line of a job of at(1); `Exec` of desktop entries; `RUN` and `PROGRAM` of udev(7); the forced command of a key, sshd(8); hooks of apt.conf(5)",
  user_name: "`User` of the unit; crontab(5); owner of the file or the home; else root",
  enabled:
    "linked from a `.wants` or `.requires` folder and not masked, systemd.unit(5); linked from a run level; executable, where that decides",
  schedule: "`On…` of systemd.timer(5); crontab(5)",
  modified_time: "mtime of the file",
};
