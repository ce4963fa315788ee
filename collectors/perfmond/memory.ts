/** What a process has of the host's memory, bytes. */
export interface MemoryUse {
  /** Resident. */
  readonly rss: number;
  /** The most that was ever resident; `null` for what has no memory of its own. */
  readonly peak: number | null;
  /** Of what is resident, what lies in files or is shared memory. */
  readonly shared: number;
  /** Of what is resident, what belongs to no file. */
  readonly private: number;
  /** Context switches of its first thread; `null` where the kernel does not say. */
  readonly switches: number | null;
}

/**
 * Reads `/proc/<pid>/status` (proc_pid_status(5)) for memory and context switches. The kernel escapes line breaks in the
 * name, so that no line can be forged.
 */
export function parseMemoryUse(text: string): MemoryUse {
  const kib = (label: string) => {
    const value = numberAfter(text, `\n${label}:\t`);
    return value === null ? null : value * 1024;
  };
  return {
    rss: kib("VmRSS") ?? 0,
    peak: kib("VmHWM"),
    shared: (kib("RssFile") ?? 0) + (kib("RssShmem") ?? 0),
    private: kib("RssAnon") ?? 0,
    switches: parseSwitches(text),
  };
}

/** Reads how often a thread stopped to run, of itself or not; `null` where the kernel does not say. */
export function parseSwitches(status: string): number | null {
  const voluntary = numberAfter(status, "\nvoluntary_ctxt_switches:\t");
  const other = numberAfter(status, "\nnonvoluntary_ctxt_switches:\t");
  return voluntary === null || other === null ? null : voluntary + other;
}

/** The number after a label, which may be set off by spaces. */
function numberAfter(text: string, label: string): number | null {
  const at = text.indexOf(label);
  const digits = at < 0 ? undefined : /^ *(\d+)/.exec(text.slice(at + label.length, at + 64))?.[1];
  return digits === undefined ? null : Number(digits);
}
