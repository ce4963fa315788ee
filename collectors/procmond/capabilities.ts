/** The bits of a capability set, by linux/capability.h. */
// deno-fmt-ignore
const CAPABILITIES = [
  "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
  "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER", "SYS_MODULE",
  "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE", "SYS_RESOURCE", "SYS_TIME",
  "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP", "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG",
  "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF", "CHECKPOINT_RESTORE",
];

const SETS = {
  inheritable: "CapInh",
  permitted: "CapPrm",
  effective: "CapEff",
  bounding: "CapBnd",
  ambient: "CapAmb",
} as const;

/** One of the sets that a thread has. */
export type CapabilitySet = keyof typeof SETS;

/** Reads all capability sets of `status`. */
export function parseCapabilities(status: string): Record<CapabilitySet, string[]> {
  const sets = Object.keys(SETS) as CapabilitySet[];
  return Object.fromEntries(sets.map((set) => [set, parseCapabilitySet(status, set)])) as Record<
    CapabilitySet,
    string[]
  >;
}

/** Reads one capability set of `status`. Bits that have no name yet are `CAP_<number>`. */
export function parseCapabilitySet(status: string, set: CapabilitySet): string[] {
  const digits = new RegExp(`^${SETS[set]}:\\s+([0-9a-f]{1,16})$`, "m").exec(status)?.[1] ?? "0";
  return capabilityNames(BigInt(`0x${digits}`));
}

/** Names of the bits of a capability set, in their order. Those that have none yet are `CAP_<number>`. */
export function capabilityNames(mask: bigint): string[] {
  return Array.from({ length: 64 }, (_, bit) => bit)
    .filter((bit) => mask >> BigInt(bit) & 1n)
    .map((bit) => `CAP_${CAPABILITIES[bit] ?? bit}`);
}
