/** The fields of `/proc/<pid>/status` that are used here. */
export interface Status {
  /** Real user id. */
  readonly uid: number | null;
  /** Effective user id. */
  readonly effectiveUid: number | null;
  /** Real group id. */
  readonly gid: number | null;
  /** Effective group id. */
  readonly effectiveGid: number | null;
  /** Bytes; 0 for what has no memory of its own. */
  readonly rss: number;
  /** How often its first thread has stopped to run, of itself or not; `null` where the kernel does not say. */
  readonly switches: number | null;
}

/**
 * Reads `/proc/<pid>/status` (proc_pid_status(5)). The name, which the process chooses, comes first; the kernel escapes
 * line breaks in it, so no other line can be forged.
 */
export function parseStatus(text: string): Status {
  const [uid = null, effectiveUid = null] = numbersAfter(text, "\nUid:");
  const [gid = null, effectiveGid = null] = numbersAfter(text, "\nGid:");
  const [rss = 0] = numbersAfter(text, "\nVmRSS:");
  const [voluntary] = numbersAfter(text, "\nvoluntary_ctxt_switches:");
  const [nonvoluntary] = numbersAfter(text, "\nnonvoluntary_ctxt_switches:");
  const switches = voluntary === undefined || nonvoluntary === undefined
    ? null
    : voluntary + nonvoluntary;
  return { uid, effectiveUid, gid, effectiveGid, rss: rss * 1024, switches };
}

/** The first two numbers of a line. */
function numbersAfter(text: string, label: string): number[] {
  const numbers: number[] = [];
  let at = text.indexOf(label);
  if (at < 0) return numbers;
  at += label.length;
  while (numbers.length < 2 && at < text.length) {
    const code = text.charCodeAt(at);
    if (code === 0x0a) break;
    if (code < 0x30 || code > 0x39) {
      at++;
      continue;
    }
    let value = 0;
    for (; at < text.length; at++) {
      const digit = text.charCodeAt(at) - 0x30;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    numbers.push(value);
  }
  return numbers;
}
