import type { configuration_changes } from "../../profiles/configuration_changes.ts";
import type { security_policies } from "../../profiles/security_policies.ts";
import type { Row } from "../../schema/row.ts";

/** How much a setting matters. */
export type Impact = Row<typeof configuration_changes, "linux">["impact_level"];
/** What a policy is about. */
export type PolicyCategory = Row<typeof security_policies, "linux">["policy_category"];

/** Values that are recommended: one of a list, or a number that is large or small enough, or text without a word. */
export type Recommended =
  | readonly [string, ...string[]]
  | { readonly atLeast: number }
  | { readonly atMost: number }
  | { readonly without: string };

/** A recommendation for a setting, which is a policy, too. */
export interface Recommendation {
  /** Identity of the policy. */
  readonly id: string;
  /** Name of the policy. */
  readonly name: string;
  /** The family of settings. */
  readonly family: string;
  /** The setting's name, without section of a match. */
  readonly setting: string;
  /** What the policy is about. */
  readonly category: PolicyCategory;
  /** What to set. */
  readonly recommended: Recommended;
  /** What holds where no file sets it; absent where that depends on how the program was built. */
  readonly byDefault?: string;
  /** How much it matters. */
  readonly impact: Impact;
  /** Why, in a sentence. */
  readonly reason: string;
}

type Brief = readonly [
  id: string,
  name: string,
  setting: string,
  recommended: Recommended,
  impact: Impact,
  reason: string,
  byDefault?: string,
];

function of(
  family: string,
  category: PolicyCategory,
  recommendations: readonly Brief[],
): Recommendation[] {
  return recommendations.map(([id, name, setting, recommended, impact, reason, byDefault]) => ({
    id: `${family}.${id}`,
    name,
    family,
    setting,
    category,
    recommended,
    impact,
    reason,
    ...(byDefault !== undefined && { byDefault }),
  }));
}

/**
 * The baseline that settings are compared with: what most hosts can set without losing anything. It follows the documents
 * of the Linux kernel (`Documentation/admin-guide/sysctl`, `networking/ip-sysctl`), sshd_config(5), sudoers(5),
 * login.defs(5), pam_unix(8) and journald.conf(5).
 */
export const BASELINE: readonly Recommendation[] = [
  // deno-fmt-ignore
  ...of("sysctl", "kernel", [
    ["aslr", "Randomised addresses of programs", "kernel.randomize_va_space", ["2"], "high", "Exploits have to guess where code and data lie."],
    ["ptrace_scope", "Reading the memory of other processes", "kernel.yama.ptrace_scope", { atLeast: 1 }, "medium", "A process of a user cannot take passwords and keys out of that user's other processes."],
    ["kptr_restrict", "Addresses of the kernel", "kernel.kptr_restrict", { atLeast: 1 }, "low", "Exploits of the kernel have to find its addresses first."],
    ["dmesg_restrict", "Reading the log of the kernel", "kernel.dmesg_restrict", ["1"], "low", "The log tells users addresses and faults of the kernel."],
    ["unprivileged_bpf", "BPF programs of ordinary users", "kernel.unprivileged_bpf_disabled", { atLeast: 1 }, "medium", "The verifier of BPF has had flaws by which users became root."],
    ["bpf_jit_harden", "Hardening of compiled BPF programs", "net.core.bpf_jit_harden", { atLeast: 1 }, "low", "Code that users place in the kernel cannot be chosen byte by byte."],
    ["perf_event_paranoid", "Performance events for ordinary users", "kernel.perf_event_paranoid", { atLeast: 2 }, "low", "They measure the kernel, and their code has had flaws."],
    ["kexec", "Loading another kernel", "kernel.kexec_load_disabled", ["1"], "low", "Root cannot replace the running kernel by one that checks nothing."],
    ["mmap_min_addr", "Memory at the lowest addresses", "vm.mmap_min_addr", { atLeast: 4096 }, "medium", "Null pointers of the kernel do not lead into memory of users."],
  ]),
  // deno-fmt-ignore
  ...of("sysctl", "file", [
    ["protected_symlinks", "Links in folders that all may write", "fs.protected_symlinks", ["1"], "medium", "Programs of root are not led to other files through links in /tmp."],
    ["protected_hardlinks", "Hard links to files of others", "fs.protected_hardlinks", ["1"], "medium", "Users cannot keep set-user-id programs with old flaws, nor lead root to other files."],
    ["protected_fifos", "Pipes in folders that all may write", "fs.protected_fifos", { atLeast: 1 }, "low", "Programs do not write into pipes that others prepared."],
    ["protected_regular", "Files in folders that all may write", "fs.protected_regular", { atLeast: 1 }, "low", "Programs do not write into files that others prepared."],
    ["suid_dumpable", "Core dumps of privileged programs", "fs.suid_dumpable", ["0", "2"], "medium", "The memory of programs that run as root does not become readable."],
  ]),
  // deno-fmt-ignore
  ...of("sysctl", "network", [
    ["syncookies", "Protection from floods of connections", "net.ipv4.tcp_syncookies", { atLeast: 1 }, "low", "Half-open connections cannot keep out others."],
    ["rp_filter", "Packets with forged senders", "net.ipv4.conf.all.rp_filter", { atLeast: 1 }, "low", "Packets have to come from where answers would go."],
    ["accept_redirects", "Redirects of IPv4", "net.ipv4.conf.all.accept_redirects", ["0"], "low", "Neighbours cannot lead traffic through themselves."],
    ["accept_redirects_6", "Redirects of IPv6", "net.ipv6.conf.all.accept_redirects", ["0"], "low", "Neighbours cannot lead traffic through themselves."],
    ["send_redirects", "Sending redirects", "net.ipv4.conf.all.send_redirects", ["0"], "low", "Only routers have to tell others of better ways."],
    ["source_route", "Routes that senders choose", "net.ipv4.conf.all.accept_source_route", ["0"], "low", "Senders cannot lead packets around filters."],
    ["echo_broadcasts", "Answers to broadcast pings", "net.ipv4.icmp_echo_ignore_broadcasts", ["1"], "low", "The host does not help to flood others."],
  ]),
  // deno-fmt-ignore
  ...of("sshd", "authentication", [
    ["root_login", "Root's login by SSH", "PermitRootLogin", ["no", "prohibit-password", "without-password", "forced-commands-only"], "high", "Root's password can be guessed from the network.", "prohibit-password"],
    ["password_login", "Passwords for SSH", "PasswordAuthentication", ["no"], "medium", "Passwords can be guessed from the network, keys cannot.", "yes"],
    ["empty_passwords", "Empty passwords for SSH", "PermitEmptyPasswords", ["no"], "critical", "Who knows the name of an account without a password is in.", "no"],
    ["host_based", "Trust in other hosts", "HostbasedAuthentication", ["no"], "medium", "Who holds another host is in here, too.", "no"],
    ["ignore_rhosts", "Lists of trusted hosts in homes", "IgnoreRhosts", ["yes", "shosts-only"], "medium", "Users do not decide which hosts are trusted.", "yes"],
    ["strict_modes", "Checks of who may write a user's keys", "StrictModes", ["yes"], "medium", "Keys in files that others may write are theirs.", "yes"],
    ["user_environment", "Environment that users bring", "PermitUserEnvironment", ["no"], "medium", "Users get around restrictions by LD_PRELOAD and the like.", "no"],
    ["auth_tries", "Attempts to log in for each connection", "MaxAuthTries", { atMost: 6 }, "low", "Guessing takes connections, which are logged.", "6"],
    ["log_level", "What sshd logs", "LogLevel", ["INFO", "VERBOSE", "DEBUG", "DEBUG1", "DEBUG2", "DEBUG3"], "medium", "Logins are written down.", "INFO"],
    ["gateway_ports", "Forwarded ports for everybody", "GatewayPorts", ["no"], "low", "What users forward is not open to the network.", "no"],
    ["x11_forwarding", "Forwarding of X11", "X11Forwarding", ["no"], "low", "The host does not reach the displays of those who log in.", "no"],
  ]),
  // deno-fmt-ignore
  ...of("sudoers", "authentication", [
    ["authenticate", "Passwords for sudo", "Defaults.authenticate", ["true"], "high", "Who takes over a session is not root at once.", "true"],
    ["env_reset", "Environment of commands by sudo", "Defaults.env_reset", ["true"], "high", "Variables of users do not change what runs as root.", "true"],
    ["visiblepw", "Passwords for sudo without terminal", "Defaults.visiblepw", ["false"], "low", "Passwords are not shown while they are typed.", "false"],
    ["use_pty", "A terminal of its own for sudo", "Defaults.use_pty", ["true"], "low", "What runs by sudo cannot type into the user's terminal, nor others into its own."],
  ]),
  // deno-fmt-ignore
  ...of("login.defs", "authentication", [
    ["encrypt_method", "How passwords are hashed", "ENCRYPT_METHOD", ["YESCRYPT", "SHA512", "SHA256", "BCRYPT"], "medium", "DES and MD5 are tried out in hours."],
  ]),
  // deno-fmt-ignore
  ...of("pam", "authentication", [
    ["nullok", "Accounts without password", "auth pam_unix.so", { without: "nullok" }, "medium", "An account without a password cannot be used."],
  ]),
  // deno-fmt-ignore
  ...of("systemd", "audit", [
    ["journal_storage", "Whether the journal is kept", "Journal.Storage", ["persistent", "auto"], "low", "What happened before a restart can be read.", "auto"],
  ]),
];

/** What is wrong with a value, or nothing: `unknown` where there is no value, or it cannot be compared. */
export function judge(
  recommended: Recommended,
  value: string | null,
): "compliant" | "non_compliant" | "unknown" {
  if (value === null) return "unknown";
  const verdict = (good: boolean) => good ? "compliant" : "non_compliant";
  if ("without" in recommended) {
    return verdict(!value.split(/\s+/).includes(recommended.without));
  }
  if ("length" in recommended) {
    const lower = value.toLowerCase();
    return verdict(recommended.some((one) => one.toLowerCase() === lower));
  }
  if (!/^-?\d{1,15}$/.test(value)) return "unknown";
  const number = Number(value);
  return verdict(
    "atLeast" in recommended ? number >= recommended.atLeast : number <= recommended.atMost,
  );
}

/** Recommended values in words. */
export function recommendedInWords(recommended: Recommended): string {
  if ("without" in recommended) return `no \`${recommended.without}\``;
  if ("atLeast" in recommended) return `at least ${recommended.atLeast}`;
  if ("atMost" in recommended) return `at most ${recommended.atMost}`;
  return recommended.map((value) => `\`${value}\``).join(" or ");
}

const BY_SETTING: ReadonlyMap<string, Recommendation> = new Map(
  BASELINE.map((one) => [`${one.family}\0${one.setting}`, one]),
);

/** The recommendation for a setting; `undefined` where there is none. */
export function recommendationFor(family: string, setting: string): Recommendation | undefined {
  return BY_SETTING.get(`${family}\0${setting}`);
}
