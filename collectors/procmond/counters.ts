/** Reads `io` (proc_pid_io(5)): a name and a number a line. */
export function parseCounters(content: string): Record<string, number> {
  const counters: Record<string, number> = {};
  for (const [, name, value] of content.matchAll(/^(\w+): (\d+)$/gm)) {
    counters[name!] = Number(value);
  }
  return counters;
}

/** A resource limit; `null` is none. */
export interface Limit {
  /** What holds. */
  readonly soft: number | null;
  /** What the process may raise it to. */
  readonly hard: number | null;
}

/** Reads `limits` (proc_pid_limits(5)): a table with columns at fixed places; the first holds names with spaces. */
export function parseLimits(content: string): Record<string, Limit> {
  const limits: Record<string, Limit> = {};
  for (
    const [, name, soft, hard] of content.matchAll(
      /^Max ([a-z ]+?) {2,}(unlimited|\d+) +(unlimited|\d+)/gm,
    )
  ) {
    limits[name!.replaceAll(" ", "_")] = { soft: limit(soft!), hard: limit(hard!) };
  }
  return limits;
}

function limit(value: string): number | null {
  return value === "unlimited" ? null : Number(value);
}

/** Kinds of memory by the bits of `coredump_filter` (core(5)). */
const DUMPED = [
  "anonymous_private",
  "anonymous_shared",
  "file_private",
  "file_shared",
  "elf_headers",
  "hugetlb_private",
  "hugetlb_shared",
  "dax_private",
  "dax_shared",
];

/** Reads `coredump_filter`, a hexadecimal number; empty for what has no memory. */
export function parseCoredumpFilter(
  content: string,
): { readonly mask: number; readonly kinds: readonly string[] } | undefined {
  if (!/^[0-9a-f]{1,8}\n?$/.test(content)) return undefined;
  const mask = parseInt(content, 16);
  return { mask, kinds: DUMPED.filter((_, bit) => mask >>> bit & 1) };
}

/** Reads `autogroup`, such as `/autogroup-52 nice 0`. */
export function parseAutogroup(
  content: string,
): { readonly id: number; readonly nice: number } | undefined {
  const [, id, nice] = /^\/autogroup-(\d+) nice (-?\d+)/.exec(content) ?? [];
  return id === undefined ? undefined : { id: Number(id), nice: Number(nice) };
}
