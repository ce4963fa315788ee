import type { configuration_changes } from "../../profiles/configuration_changes.ts";
import type { security_policies } from "../../profiles/security_policies.ts";
import type { system_configuration } from "../../profiles/system_configuration.ts";
import type { ColumnSources } from "../../schema/sources.ts";

const BASELINE = "the [baseline](../baseline.md)";
const CLOCK = "the clock when it was read";

/** Where `system_configuration` has its columns from on Linux. */
export const configurationSources: ColumnSources<typeof system_configuration, "linux"> = {
  config_path:
    "the file with the line; below `/proc/sys/` the parameter that is in force. It is written as the program finds it: `/usr/lib/…`, not `/lib/…`. A path that is asked for is looked for by those who know it; one that nobody knows by sshd and sudo, whose files may include others",
  config_type: "`sysctl` below `/proc/sys/`, else `file`",
  setting_name:
    "sysctl(8): the name with dots; sshd_config(5): the keyword as the manual writes it, after `Match <criteria>: ` within one; sudoers(5): `Defaults.<option>`, `Defaults:<user>.<option>`, `Cmnd_Alias <name>`, `User <users>`; pam.conf(5): `<type> <module>`; systemd, journald.conf(5) and others: `<section>.<name>`; limits.conf(5): `<domain> <type> <item>`; modprobe.d(5): `<command> <module>`; hosts(5): the name; the keyword in login.defs(5), pwquality.conf(5), faillock.conf(5), resolv.conf(5), nsswitch.conf(5), auditd.conf(5), rsyslog.conf(5); `preload <library>` of ld.so(8); `rule <rule>` of audit.rules(7)",
  setting_value:
    "the same; what several lines add up to has a line each. Passwords, tokens and keys are `[masked]`, by the name of the setting and by what they look like. Of units drop-ins for whole types are not read. NULL with its reason for parameters that only root itself reads, as `net.core.bpf_jit_harden`, and those of which each IPC or UTS namespace has its own",
  setting_type: "what the value looks like",
  category:
    "`net.…` network, `kernel.…` and `fs.…` security, other parameters system; sshd, sudo, PAM, passwords and logind authentication; names and resolved network; journald, auditd, rsyslog logging; preloaded libraries, modprobe and core dumps security; units and limits system",
  modified_time: "mtime of the file; NULL for parameters, which have none",
  modified_by: { always_null: "files do not keep it; `file_events` tells who writes them" },
  backup_available:
    "a file of the same name with `~`, `-`, `.bak`, `.old`, `.orig`, `.dpkg-old`, `.rpmsave` or the like beside it",
  compliance_status:
    `${BASELINE}; \`unknown\` for what it does not have, and for what another line overrides (\`effective\` in \`platform_data\`)`,
  analysis_time: CLOCK,
};

/** Where `security_policies` has its columns from on Linux. */
export const policySources: ColumnSources<typeof security_policies, "linux"> = {
  policy_id:
    `${BASELINE}; \`mac.\`, \`boot.\`, \`audit.\`, \`password.\`, \`network.firewall\` and some of \`kernel.\` beside it`,
  policy_name: "the same",
  policy_category: "the same",
  policy_value:
    "`/proc/sys/`; what counts of sshd_config(5), sudoers(5), login.defs(5), pam.conf(5), journald.conf(5), or their default (`by_default` in `platform_data`); `/sys/fs/selinux/enforce`; `/sys/module/apparmor/parameters/enabled` and `/sys/kernel/security/apparmor/profiles`; `/sys/kernel/security/lockdown`; the variable `SecureBoot` of the firmware; `/sys/module/module/parameters/sig_enforce`; rules in `/etc/audit/`; `/proc/1/net/ip_tables_names`, as rules of packet filters take netlink to ask; `kernel.core_pattern` and limits.conf(5); modules of PAM",
  enforcement_level:
    "`mandatory` where the value is recommended, SELinux or a profile of AppArmor enforces; `advisory` where those only report; else `disabled`",
  compliance_status: `${BASELINE}; NULL with its reason where the value is not known`,
  last_checked: CLOCK,
  violation_count: { always_null: "no file has it" },
  recommendation: `${BASELINE}; NULL where the value is the recommended one`,
  platform_specific: "false for SSH, sudo, passwords, logs and firewalls, which others have, too",
  config_file:
    "the file with the line that counts; of a parameter the one in sysctl.d(5) that sets it",
  systemd_unit: "the service that it is about, by its usual name",
  selinux_context: { always_null: "no policy that is told of is about one context" },
  apparmor_profile: "`/sys/kernel/security/apparmor/profiles`",
  kernel_parameter: "whether it stands below `/proc/sys/` or on the kernel's command line",
};

const COMPARED =
  "two looks at what `system_configuration` tells, compared where inotify(7) says that a file was touched; at `/proc/sys/` every 30 seconds; at everything every 10 minutes, which also finds what lies in places that did not exist before or are included from afar. The first look is compared with nothing, so that what changed while nobody watched is not told: a detection in differential mode over `system_configuration` finds it";

/** Where `configuration_changes` has its columns from on Linux. */
export const changeSources: ColumnSources<typeof configuration_changes, "linux"> = {
  change_id: "made up",
  config_path: COMPARED,
  setting_name: "as in `system_configuration`",
  old_value: "as in `system_configuration`, with secrets `[masked]`",
  new_value: "as in `system_configuration`, with secrets `[masked]`",
  change_type:
    "whether the setting was there, and is; parameters of the kernel, which come and go with interfaces and modules, are only modified",
  change_time: "mtime of the file where it lies between the two looks, else when it was noticed",
  changed_by:
    "who was the last to write the file between the two looks, as fanotify(7) tells, which takes root: the user by `/proc/<pid>/loginuid` or `status`, program and process id; `platform_data` has `process_pid`, `process_key`, `process_name` and `executable_path`. NULL where nobody tells: of parameters of the kernel, which are no files, and of what the agent's own processes write",
  change_reason: { always_null: "files do not keep it" },
  impact_level:
    `${BASELINE}; beside it critical for preloaded libraries, high for sudo and PAM, medium for sshd, units, modprobe and audit, else low`,
  rollback_available: "the value before is known, and not masked",
};
