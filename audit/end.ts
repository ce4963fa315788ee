import { type AuditEvent, GENESIS, type Link, readEntry } from "./entry.ts";
import { logFiles, readHead } from "./files.ts";

/** Where a log ends, and what has to be written down before anything else. */
export interface LogEnd {
  /** What the next entry follows. */
  readonly last: Link;
  /** Bytes of whole lines of the file that is written to. */
  readonly size: number;
  /** What is wrong with the end, as entries. */
  readonly findings: readonly Omit<AuditEvent, "time">[];
}

const NEWLINE = 0x0a;

/** Characters of a torn line that are kept. */
const MAX_TORN = 2_000;

/** Looks where a log ends. The log is not changed. */
export async function findEnd(path: string): Promise<LogEnd> {
  const head = await readHead(path);
  const files = await logFiles(path);
  const bytes = files.at(-1) === path ? await Deno.readFile(path) : new Uint8Array();
  const size = bytes.lastIndexOf(NEWLINE) + 1;
  const findings: Omit<AuditEvent, "time">[] = [];
  if (size < bytes.length) {
    const torn = new TextDecoder().decode(bytes.subarray(size)).slice(0, MAX_TORN);
    findings.push({ kind: "mended", data: { bytes: bytes.length - size, torn } });
  }
  const full = files.filter((file) => file !== path).at(-1);
  const found = size > 0
    ? lastLine(bytes.subarray(0, size))
    : full === undefined
    ? GENESIS
    : lastLine(await Deno.readFile(full));
  const reason = whyGap(found, head);
  if (reason === undefined) return { last: found as Link, size, findings };
  const known = typeof found === "string" ? head ?? GENESIS : found;
  findings.unshift({
    kind: "gap",
    data: { reason, ...(head && { expected: head.seq }), found: known.seq },
  });
  // Numbers that were given are not given again.
  return { last: { ...known, seq: Math.max(known.seq, head?.seq ?? 0) }, size, findings };
}

/** The last entry of a file that is full, or why there is none, in words. */
export function lastLine(bytes: Uint8Array): Link | string {
  const whole = bytes.subarray(0, bytes.lastIndexOf(NEWLINE));
  const line = whole.subarray(whole.lastIndexOf(NEWLINE) + 1);
  return readEntry(line);
}

function whyGap(found: Link | string, head: Link | null | undefined): string | undefined {
  if (typeof found === "string") return `the last line: ${found}`;
  // Before the first entry there is nothing to speak of.
  if (!head && found.seq === 0) return undefined;
  if (head === null) return "the anchor is damaged";
  if (head === undefined) return "the anchor was removed";
  if (head.seq > found.seq) return `entries ${found.seq + 1} to ${head.seq} are missing`;
  if (head.seq === found.seq && head.hash !== found.hash) return "the last entry is another one";
  return undefined;
}
