import { assertEquals } from "@std/assert";
import { readPolicies } from "../../../collectors/configmond/policies/mod.ts";
import type { TaskKeys } from "../../../model/collection.ts";
import { type Content, makeHost } from "../regmond/support.ts";

async function policies(
  files: Readonly<Record<string, Content>>,
  keys: TaskKeys = { column: "policy_id", globs: ["*"] },
): Promise<Record<string, string>> {
  await using made = await makeHost({ "etc/x": "", ...files });
  const found = [...readPolicies(made.host, keys, () => {}, () => 1)];
  return Object.fromEntries(found.map(({ row, gaps }) => [
    String(row.policy_id),
    [
      row.policy_value,
      row.enforcement_level,
      row.compliance_status,
      row.config_file,
      gaps?.policy_value ?? "",
    ].join(" | "),
  ]));
}

Deno.test("readPolicies() compares what is in force with the baseline", async () => {
  const found = await policies({
    "proc/sys/kernel/randomize_va_space": "1\n",
    "proc/sys/kernel/yama/ptrace_scope": "1\n",
    "etc/sysctl.d/x.conf": "kernel.randomize_va_space=2\n",
    "etc/ssh/sshd_config":
      "PermitRootLogin yes\nMaxAuthTries 3\nMatch all\nMaxAuthTries 99\nMatch User x\nPermitEmptyPasswords yes\n",
    "etc/sudoers": "Defaults !authenticate\nDefaults:x !env_reset\n",
    "etc/login.defs": "ENCRYPT_METHOD DES\n",
    "etc/pam.d/a": "auth required pam_unix.so\n",
    "etc/pam.d/b": "auth required pam_unix.so nullok\n",
  });
  const some = (...ids: string[]) => ids.map((id) => `${id}: ${found[id]}`);
  assertEquals(
    some(
      "sysctl.aslr",
      "sysctl.ptrace_scope",
      "sysctl.dmesg_restrict",
      "sshd.root_login",
      "sshd.auth_tries",
      "sshd.empty_passwords",
      "sudoers.authenticate",
      "sudoers.env_reset",
      "login.defs.encrypt_method",
      "pam.nullok",
    ),
    [
      "sysctl.aslr: 1 | disabled | non_compliant | /etc/sysctl.d/x.conf | ",
      "sysctl.ptrace_scope: 1 | mandatory | compliant |  | ",
      "sysctl.dmesg_restrict: undefined",
      "sshd.root_login: yes | disabled | non_compliant | /etc/ssh/sshd_config | ",
      "sshd.auth_tries: 99 | disabled | non_compliant | /etc/ssh/sshd_config | ",
      "sshd.empty_passwords: no | mandatory | compliant |  | ",
      "sudoers.authenticate: false | disabled | non_compliant | /etc/sudoers | ",
      "sudoers.env_reset: true | mandatory | compliant |  | ",
      "login.defs.encrypt_method: DES | disabled | non_compliant | /etc/login.defs | ",
      "pam.nullok: required pam_unix.so nullok | disabled | non_compliant | /etc/pam.d/b | ",
    ],
  );
});

Deno.test("readPolicies() tells of SELinux, AppArmor, lockdown, secure boot and modules", async () => {
  const system = (files: Readonly<Record<string, Content>>) =>
    policies({ "proc/sys/kernel/modules_disabled": "0\n", ...files }, {
      column: "policy_category",
      values: ["process", "kernel"],
    });
  assertEquals(
    await system({
      "sys/fs/selinux/enforce": "0",
      "sys/module/apparmor/parameters/enabled": "Y\n",
      "sys/kernel/security/apparmor/profiles": "/usr/bin/man (enforce)\nlsb (complain)\nbroken\n",
      "sys/kernel/security/lockdown": "none [integrity] confidentiality\n",
      "sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c": new Uint8Array([
        6,
        0,
        0,
        0,
        1,
      ]),
      "sys/module/module/parameters/sig_enforce": "Y\n",
      "proc/sys/kernel/core_pattern": "|/lib/systemd/systemd-coredump %P\n",
    }),
    {
      "mac.selinux": "permissive | advisory | non_compliant | /etc/selinux/config | ",
      "mac.apparmor": "enabled | mandatory | compliant |  | ",
      "mac.apparmor./usr/bin/man": "enforce | mandatory | compliant |  | ",
      "mac.apparmor.lsb": "complain | advisory | non_compliant |  | ",
      "kernel.lockdown": "integrity | mandatory | compliant |  | ",
      "boot.secure_boot": "on | mandatory | compliant |  | ",
      "kernel.module_signatures": "required | mandatory | compliant |  | ",
      "kernel.core_dumps": "|/lib/systemd/systemd-coredump %P | mandatory | compliant |  | ",
    },
  );
  assertEquals(
    await system({
      "etc/selinux/config": "SELINUX=disabled\n",
      "sys/module/apparmor/parameters/enabled": "Y\n",
      "sys/firmware/efi/fw_platform_size": "64\n",
      "proc/sys/kernel/core_pattern": "core\n",
    }),
    {
      "mac.selinux": "disabled | disabled | non_compliant | /etc/selinux/config | ",
      // Without securityfs nobody can tell what AppArmor and lockdown do.
      "mac.apparmor": "enabled |  |  |  | ",
      "kernel.lockdown": " |  |  |  | not_collected",
      "boot.secure_boot": " |  |  |  | not_collected",
      "kernel.module_signatures": "not required | disabled | non_compliant |  | ",
      "kernel.core_dumps": "core | disabled | non_compliant |  | ",
    },
  );
});

Deno.test("readPolicies() tells of audit rules, packet filters and passwords", async () => {
  const some = async (files: Readonly<Record<string, Content>>) => {
    const found = await policies(files);
    return ["audit.rules", "network.firewall", "password.quality", "password.lockout"]
      .map((id) => found[id]);
  };
  assertEquals(
    await some({
      "etc/audit/auditd.conf": "log_format = ENRICHED\n",
      "etc/audit/rules.d/a.rules": "-D\n-w /etc/passwd -p wa\n",
      "proc/1/net/ip_tables_names": "filter\nnat\n",
      "etc/pam.d/common-password": "password requisite pam_pwquality.so retry=3\n",
      "etc/security/pwquality.conf": "minlen = 14\n",
      "etc/pam.d/common-auth": "auth required pam_faillock.so preauth\n",
    }),
    [
      "1 rules | mandatory | compliant | /etc/audit/rules.d/a.rules | ",
      "tables of iptables: ip filter, ip nat | mandatory | unknown |  | ",
      "minlen 14 | mandatory | compliant | /etc/pam.d/common-password | ",
      "on | mandatory | compliant | /etc/pam.d/common-auth | ",
    ],
  );
  assertEquals(
    await some({
      "etc/nftables.conf": "flush ruleset\n",
      "etc/pam.d/common-password": "password requisite pam_unix.so\n",
    }),
    [
      "no auditd | disabled | non_compliant |  | ",
      " |  |  | /etc/nftables.conf | not_collected",
      "not checked | disabled | non_compliant | /etc/pam.d/common-password | ",
      "off | disabled | non_compliant |  | ",
    ],
  );
});

Deno.test("readPolicies() answers for an id, a name or a category", async () => {
  const files = { "proc/sys/kernel/randomize_va_space": "2\n" };
  const ids = async (keys: TaskKeys) => Object.keys(await policies(files, keys));
  assertEquals(await ids({ column: "policy_id", values: ["sysctl.aslr"] }), ["sysctl.aslr"]);
  assertEquals(await ids({ column: "policy_name", values: ["Audit rules"] }), ["audit.rules"]);
  assertEquals(await ids({ column: "policy_category", values: ["privacy"] }), []);
});

Deno.test("what lies in files that cannot be read is not taken for a default", async () => {
  // Folders in the place of files cannot be read by anybody, root among them.
  await using made = await makeHost({
    "etc/sudoers/x": "",
    "etc/ssh/sshd_config/x": "",
    "etc/login.defs": "ENCRYPT_METHOD SHA512\n",
    "etc/audit/auditd.conf/x": "",
    "etc/audit/rules.d/x.rules/y": "",
    "etc/audit/audit.rules/x": "",
    "etc/pam.d/x": "auth required pam_faillock.so\n",
    "etc/pam.conf/x": "",
    "proc/sys/kernel/core_pattern": "core\n",
    "etc/security/limits.conf/x": "",
  });
  const found = [...readPolicies(made.host, { column: "policy_id", globs: ["*"] }, () => {})];
  const known = found.filter(({ row }) => row.compliance_status !== null)
    .map(({ row }) => row.policy_id);
  assertEquals(known, ["login.defs.encrypt_method", "boot.secure_boot"]);
  assertEquals(
    found.filter(({ row }) => String(row.policy_id).startsWith("sudoers."))
      .map(({ row, gaps }) => [row.policy_value, gaps?.compliance_status]),
    Array(4).fill([null, "not_collected"]),
  );
});
