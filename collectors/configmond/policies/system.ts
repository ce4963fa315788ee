import { decode, Failure } from "../../proc/files.ts";
import { type Policy, type PolicySources, unknown, unreadBelow } from "./policy.ts";

/** SELinux, selinux(8): whether it refuses, or only reports. */
export function* selinux({ host, sys }: PolicySources): Generator<Policy> {
  const policy = {
    policy_id: "mac.selinux",
    policy_name: "SELinux",
    policy_category: "process",
  } as const;
  const enforce = sys("/sys/fs/selinux/enforce");
  if (typeof enforce !== "string" && enforce.gap !== "gone") {
    return yield unknown(policy, enforce.gap);
  }
  if (typeof enforce !== "string" && !host.info("/etc/selinux/config")) {
    const gap = unreadBelow(host, ["/etc/selinux"]);
    if (gap) yield unknown(policy, gap);
    return;
  }
  const enforcing = enforce === "1";
  const value = typeof enforce !== "string" ? "disabled" : enforcing ? "enforcing" : "permissive";
  yield {
    ...policy,
    policy_value: value,
    enforcement_level: enforcing ? "mandatory" : value === "permissive" ? "advisory" : "disabled",
    compliance_status: enforcing ? "compliant" : "non_compliant",
    config_file: "/etc/selinux/config",
    ...(!enforcing && { recommendation: "Set SELINUX to `enforcing` in /etc/selinux/config." }),
  };
}

/** AppArmor, apparmor(7), and each of its profiles. */
export function* apparmor({ sys }: PolicySources): Generator<Policy> {
  const policy = {
    policy_id: "mac.apparmor",
    policy_name: "AppArmor",
    policy_category: "process",
  } as const;
  const enabled = sys("/sys/module/apparmor/parameters/enabled");
  if (typeof enabled !== "string") {
    if (enabled.gap !== "gone") yield unknown(policy, enabled.gap);
    return;
  }
  const on = enabled === "Y";
  const listed = on ? sys("/sys/kernel/security/apparmor/profiles") : "";
  const profiles = typeof listed === "string" ? listed.split("\n").filter(Boolean) : [];
  const enforced = profiles.filter((profile) => profile.endsWith("(enforce)")).length;
  const known = !on || typeof listed === "string";
  const level = !on || profiles.length === 0 ? "disabled" : enforced > 0 ? "mandatory" : "advisory";
  yield {
    ...policy,
    policy_value: on ? "enabled" : "disabled",
    enforcement_level: known ? level : null,
    compliance_status: known ? level === "mandatory" ? "compliant" : "non_compliant" : null,
    ...(known && level !== "mandatory" && {
      recommendation: "Load profiles of AppArmor in enforce mode (aa-enforce(8)).",
    }),
    ...(!known && { gap: "denied" }),
    systemd_unit: "apparmor.service",
    more: known ? { profiles: profiles.length, enforced } : {},
  };
  for (const profile of profiles) {
    const [, name, mode] = /^(.*) \(([a-z]+)\)$/.exec(profile) ?? [];
    if (name === undefined) continue;
    const level = /^(?:enforce|kill)$/.test(mode!)
      ? "mandatory"
      : mode === "complain"
      ? "advisory"
      : "disabled";
    yield {
      policy_id: `mac.apparmor.${name}`,
      policy_name: `AppArmor profile ${name}`,
      policy_category: "process",
      policy_value: mode!,
      enforcement_level: level,
      compliance_status: level === "mandatory" ? "compliant" : "non_compliant",
      ...(level !== "mandatory" && { recommendation: `Enforce it: aa-enforce(8) ${name}` }),
      systemd_unit: "apparmor.service",
      apparmor_profile: name,
    };
  }
}

/** Lockdown, kernel_lockdown(7): whether even root is kept from changing the kernel. */
export function* lockdown({ sys }: PolicySources): Generator<Policy> {
  const policy = {
    policy_id: "kernel.lockdown",
    policy_name: "Lockdown of the kernel",
    policy_category: "kernel",
  } as const;
  const text = sys("/sys/kernel/security/lockdown");
  if (typeof text !== "string") {
    // Without securityfs nobody can tell, and a kernel may be built without it.
    return yield unknown(policy, text.gap);
  }
  const mode = /\[(\w+)\]/.exec(text)?.[1] ?? "none";
  const good = mode !== "none";
  yield {
    ...policy,
    policy_value: mode,
    enforcement_level: good ? "mandatory" : "disabled",
    compliance_status: good ? "compliant" : "non_compliant",
    ...(!good && {
      recommendation: "Start the kernel with `lockdown=integrity`, or with secure boot.",
    }),
  };
}

const SECURE_BOOT = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";

/** Secure boot: whether the firmware starts only what is signed (UEFI Specification, 3.3). */
export function* secureBoot({ sys, host }: PolicySources): Generator<Policy> {
  const policy = {
    policy_id: "boot.secure_boot",
    policy_name: "Secure boot",
    policy_category: "kernel",
  } as const;
  const text = sys(SECURE_BOOT);
  // A firmware of EFI whose variables are not shown may have any value.
  const hidden = host.sys === undefined ||
    typeof sys("/sys/firmware/efi/fw_platform_size") === "string";
  if (typeof text !== "string" && (text.gap !== "gone" || hidden)) {
    return yield unknown(policy, text.gap);
  }
  // Four bytes of attributes stand before the one that counts. Without the variable there is no such firmware.
  const value = typeof text !== "string" ? "unavailable" : text.charCodeAt(4) === 1 ? "on" : "off";
  yield {
    ...policy,
    policy_value: value,
    enforcement_level: value === "on" ? "mandatory" : "disabled",
    compliance_status: value === "on" ? "compliant" : value === "off" ? "non_compliant" : "unknown",
    ...(value === "off" && { recommendation: "Switch secure boot on in the firmware." }),
    everywhere: true,
  };
}

/** Whether modules can be loaded, and which (`kernel.modules_disabled`, `module.sig_enforce`). */
export function* modules({ host, sys }: PolicySources): Generator<Policy> {
  const bytes = host.proc.read("sys/kernel/modules_disabled");
  if (bytes instanceof Failure && bytes.reason === "gone") return;
  const disabled = bytes instanceof Failure ? undefined : decode(bytes).trim() === "1";
  const policy = {
    policy_id: "kernel.module_signatures",
    policy_name: "Signatures of kernel modules",
    policy_category: "kernel",
    kernel_parameter: true,
  } as const;
  const enforced = sys("/sys/module/module/parameters/sig_enforce");
  if (disabled === undefined) return yield unknown(policy, "denied");
  const value = disabled
    ? "no module can be loaded"
    : enforced === "Y"
    ? "required"
    : "not required";
  if (typeof enforced !== "string" && enforced.gap !== "gone" && !disabled) {
    return yield unknown(policy, enforced.gap);
  }
  const good = value !== "not required";
  yield {
    ...policy,
    policy_value: value,
    enforcement_level: good ? "mandatory" : "disabled",
    compliance_status: good ? "compliant" : "non_compliant",
    ...(!good && {
      recommendation:
        "Start the kernel with `module.sig_enforce=1`, or set kernel.modules_disabled to 1 once all modules are loaded.",
    }),
  };
}
