import { decode, Failure } from "../../proc/files.ts";
import { type Policy, type PolicySources, unknown, unreadBelow } from "./policy.ts";

/** Audit rules: whether the files of auditd(8) have any. What the kernel has of them takes netlink to ask. */
export function* auditRules({ settings, host }: PolicySources): Generator<Policy> {
  const rules = settings("audit").filter(({ name, path }) =>
    name.startsWith("rule ") && path !== "/etc/audit/audit.rules" && /^rule -[aAw]\s/.test(name)
  );
  const compiled = settings("audit").filter(({ path, name }) =>
    path === "/etc/audit/audit.rules" && /^rule -[aAw]\s/.test(name)
  );
  const found = compiled.length > 0 ? compiled : rules;
  const installed = host.info("/etc/audit/auditd.conf") !== undefined;
  const good = installed && found.length > 0;
  const policy = {
    policy_id: "audit.rules",
    policy_name: "Audit rules",
    policy_category: "audit",
  } as const;
  const gap = unreadBelow(host, ["/etc/audit"]);
  if (gap) return yield unknown(policy, gap);
  yield {
    ...policy,
    policy_value: installed ? `${found.length} rules` : "no auditd",
    enforcement_level: good ? "mandatory" : "disabled",
    compliance_status: good ? "compliant" : "non_compliant",
    ...(!good && {
      recommendation:
        "Install auditd and load rules for logins, identities and privileged commands.",
    }),
    ...(found[0] && { config_file: found[0].path }),
    systemd_unit: "auditd.service",
    everywhere: true,
    more: { rules: found.length },
  };
}

/**
 * Whether the host filters packets. The rules themselves take netlink to ask, which this collector does not do: it tells
 * of tables of iptables that are loaded, and of nothing else.
 */
export function* firewall({ host }: PolicySources): Generator<Policy> {
  const tables: string[] = [];
  for (const version of ["ip", "ip6"]) {
    const bytes = host.proc.readPieces(`1/net/${version}_tables_names`);
    if (bytes instanceof Failure) continue;
    tables.push(...decode(bytes).split("\n").filter(Boolean).map((name) => `${version} ${name}`));
  }
  const filters = tables.some((name) => name.endsWith(" filter"));
  const config = ["/etc/nftables.conf", "/etc/firewalld/firewalld.conf", "/etc/ufw/ufw.conf"]
    .find((path) => host.info(path)?.isFile);
  yield {
    policy_id: "network.firewall",
    policy_name: "Packet filter",
    policy_category: "network",
    policy_value: filters ? `tables of iptables: ${tables.join(", ")}` : null,
    enforcement_level: filters ? "mandatory" : null,
    compliance_status: filters ? "unknown" : null,
    recommendation: "Look at `nft list ruleset`: which rules there are takes netlink to ask.",
    ...(config !== undefined && { config_file: config }),
    everywhere: true,
    ...(!filters && { gap: "not_collected" }),
  };
}

/** Where core dumps go (core(5)): into files beside programs, to a program, or nowhere. */
export function* coreDumps({ host, settings }: PolicySources): Generator<Policy> {
  const bytes = host.proc.read("sys/kernel/core_pattern");
  const policy = {
    policy_id: "kernel.core_dumps",
    policy_name: "Core dumps",
    policy_category: "process",
    kernel_parameter: true,
  } as const;
  if (bytes instanceof Failure) {
    if (bytes.reason === "gone") return;
    return yield unknown(policy, bytes.reason);
  }
  const pattern = decode(bytes).trim();
  const limit = settings("limits").findLast(({ name }) => /^\* (?:hard|-) core$/.test(name));
  const forbidden = limit?.value === "0";
  const good = forbidden || pattern.startsWith("|");
  const gap = unreadBelow(host, ["/etc/security/limits"]);
  if (gap && !good) return yield unknown(policy, gap);
  yield {
    ...policy,
    policy_value: forbidden ? "forbidden by limits" : pattern,
    enforcement_level: good ? "mandatory" : "disabled",
    compliance_status: good ? "compliant" : "non_compliant",
    ...(limit && { config_file: limit.path }),
    ...(!good && {
      recommendation:
        "Set `* hard core 0` in /etc/security/limits.conf, or hand dumps to systemd-coredump(8): the memory of programs holds passwords and keys.",
    }),
  };
}

/** What PAM asks of new passwords, and when it closes accounts to those who guess. */
export function* passwordRules({ settings, host }: PolicySources): Generator<Policy> {
  if (!host.info("/etc/pam.d") && !unreadBelow(host, ["/etc/pam"])) return;
  const pam = settings("pam");
  const uses = (pattern: RegExp) => pam.find(({ value }) => pattern.test(value ?? ""));
  const quality = uses(/\bpam_(?:pwquality|cracklib|passwdqc)[.]so\b/);
  const minimum = quality &&
    (/\bminlen=(\d{1,4})/.exec(quality.value!)?.[1] ??
      settings("passwords").findLast(({ name }) => name === "minlen")?.value ?? "8");
  const long = minimum !== undefined && Number(minimum) >= 12;
  const strength = {
    policy_id: "password.quality",
    policy_name: "Strength of new passwords",
    policy_category: "authentication",
  } as const;
  const lockout = {
    policy_id: "password.lockout",
    policy_name: "Closing of accounts after failed logins",
    policy_category: "authentication",
  } as const;
  const gap = unreadBelow(host, ["/etc/pam", "/etc/security/pwquality"]);
  if (gap) {
    yield unknown(strength, gap);
    return yield unknown(lockout, gap);
  }
  yield {
    ...strength,
    policy_value: minimum === undefined ? "not checked" : `minlen ${minimum}`,
    enforcement_level: minimum === undefined ? "disabled" : "mandatory",
    compliance_status: long ? "compliant" : "non_compliant",
    ...(!long && { recommendation: "Use pam_pwquality(8) with minlen of at least 12." }),
    config_file: quality ? quality.path : "/etc/pam.d/common-password",
    everywhere: true,
  };
  const lock = uses(/\bpam_(?:faillock|tally2?)[.]so\b/);
  yield {
    ...lockout,
    policy_value: lock ? "on" : "off",
    enforcement_level: lock ? "mandatory" : "disabled",
    compliance_status: lock ? "compliant" : "non_compliant",
    ...(lock
      ? { config_file: lock.path }
      : { recommendation: "Use pam_faillock(8): passwords can be tried without end." }),
    everywhere: true,
  };
}
