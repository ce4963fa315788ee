import { basename } from "@std/path";
import { type AuditEntry, GENESIS, type Link, readEntry } from "./entry.ts";
import { logFiles, readHead } from "./files.ts";

/** What is wrong with a log, and where. */
export interface AuditFault {
  readonly file: string;
  /** From 1; `null` where it is nothing in a line. */
  readonly line: number | null;
  /** In words. */
  readonly message: string;
}

/** What looking through a log came to. */
export interface AuditReport {
  /** The files that were read, oldest first. */
  readonly files: readonly string[];
  /** Entries that are whole. */
  readonly entries: number;
  /** The first and the last of them; `null` where there is none. */
  readonly first: Link & { readonly time: number } | null;
  readonly last: Link & { readonly time: number } | null;
  /** What somebody has done to the log; at most 100. */
  readonly faults: readonly AuditFault[];
  /** What a crash or rotation has done to it, and no more. */
  readonly notes: readonly AuditFault[];
}

/** More would say no more. */
const MAX_FAULTS = 100;

const NEWLINE = 0x0a;

/**
 * Looks through an audit log with all its files. Every edit, cut, move and insertion is a fault where it stands, or at the
 * line after it. Without keys it cannot be found that somebody has written the whole log anew from some entry on, and the
 * anchor with it, or has added entries at the end: for that a hash that was noted elsewhere is looked for.
 *
 * @param known the hash of an entry that has to be there
 */
export async function verifyAudit(path: string, known?: string): Promise<AuditReport> {
  // The anchor first: what is written meanwhile only makes the log longer.
  const head = await readHead(path);
  const files = await logFiles(path);
  const faults: AuditFault[] = [];
  const notes: AuditFault[] = [];
  const fault = (file: string, line: number | null, message: string) =>
    void (faults.length < MAX_FAULTS && faults.push({ file, line, message }));
  let entries = 0;
  let removed = 0;
  let first: { entry: AuditEntry; file: string; line: number } | undefined;
  let last: AuditEntry | undefined;
  /** What the next entry has to follow; `undefined` where that is not known. */
  let before: Link | undefined;
  let seen = false;
  let former: string | undefined;
  for (const file of files) {
    const bytes = await Deno.readFile(file);
    for (const { number, line, whole } of lines(bytes)) {
      const entry = readEntry(line);
      if (!whole && file === path && (last?.seq ?? 0) >= (head?.seq ?? 0)) {
        const begun = typeof entry !== "string" || begins(line, before);
        if (begun) notes.push({ file, line: number, message: TORN });
        else fault(file, number, "this is the beginning of no entry");
        continue;
      }
      if (!whole) fault(file, number, "its end is missing");
      if (typeof entry === "string") {
        if (whole) fault(file, number, entry);
        before = undefined;
        continue;
      }
      const wrong = (first ? before && whyNotAfter(entry, before) : undefined) ??
        whyNotContinued(entry, former);
      if (wrong) fault(file, number, standing(wrong, entry, former));
      if (entry.kind === "gap") fault(file, number, gapOf(entry));
      if (entry.kind === "mended") {
        notes.push({ file, line: number, message: "a crash had torn a line; it was taken away" });
      }
      if (entry.kind === "lost") {
        notes.push({
          file,
          line: number,
          message: `${entry.data["count"]} entries are lost: the disk took none`,
        });
      }
      if (entry.kind === "removed") removed = Math.max(removed, Number(entry.data["until"]));
      if (head && entry.seq === head.seq && entry.hash !== head.hash) {
        fault(file, number, "it is not the entry that the anchor speaks of");
      }
      seen ||= entry.hash === known;
      entries++;
      first ??= { entry, file, line: number };
      last = before = entry;
    }
    former = basename(file);
  }
  if (first) {
    const { entry, file, line } = first;
    const missing = whyNotFirst(entry, removed);
    if (missing) fault(file, line, standing(missing, entry, undefined));
    else if (entry.seq > 1) {
      notes.push({
        file,
        line,
        message: `entries up to ${entry.seq - 1} were removed by rotation`,
      });
    }
  }
  const end = last?.seq ?? 0;
  if (head === null) fault(path, null, "the anchor is damaged: a cut at the end cannot be noticed");
  else if (!head) fault(path, null, "the anchor is missing: a cut at the end cannot be noticed");
  else if (head.seq > end) {
    fault(path, null, `${entriesFrom(end + 1, head.seq)} missing at the end`);
  } else if (head.seq < end) {
    notes.push({ file: path, line: null, message: `the anchor is ${end - head.seq} behind` });
  }
  if (known !== undefined && !seen) fault(path, null, `there is no entry with the hash ${known}`);
  const place = (entry: AuditEntry | undefined) =>
    entry ? { seq: entry.seq, hash: entry.hash, time: entry.time } : null;
  return { files, entries, first: place(first?.entry), last: place(last), faults, notes };
}

const TORN = "the last line is not whole: a crash has torn it; the next start mends that";

function* lines(
  bytes: Uint8Array,
): Generator<{ readonly number: number; readonly line: Uint8Array; readonly whole: boolean }> {
  let number = 0;
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(NEWLINE, start);
    const line = bytes.subarray(start, end < 0 ? bytes.length : end);
    yield { number: ++number, line, whole: end >= 0 };
    start += line.length + 1;
  }
}

/** Whether bytes are how the next entry would begin. */
function begins(line: Uint8Array, before: Link | undefined): boolean {
  const text = new TextDecoder().decode(line);
  const beginning = before ? `{"seq":${before.seq + 1},"time":` : '{"seq":';
  return text.startsWith(beginning) || beginning.startsWith(text);
}

function whyNotAfter({ kind, seq, previous }: AuditEntry, before: Link): string | undefined {
  if (kind === "gap") return undefined;
  if (seq <= before.seq) return `entry ${seq} stands after entry ${before.seq}: moved, or repeated`;
  if (seq > before.seq + 1) return `${entriesFrom(before.seq + 1, seq - 1)} missing before it`;
  return previous === before.hash
    ? undefined
    : `it does not follow entry ${before.seq}: one of the two was changed`;
}

function whyNotFirst({ kind, seq, previous }: AuditEntry, removed: number): string | undefined {
  if (kind === "gap") return undefined;
  if (seq - 1 > removed) return `${entriesFrom(removed + 1, seq - 1)} missing before it`;
  return seq === 1 && previous !== GENESIS.hash ? "the first entry follows another one" : undefined;
}

/** An entry that says which file stands before this one has to stand behind that file. */
function whyNotContinued({ kind, data }: AuditEntry, former: string | undefined) {
  return kind === "continued" && former !== undefined && data["file"] !== former
    ? `it continues ${data["file"]}, not ${former}`
    : undefined;
}

/** A fault, with the file that is missing where an entry knows it. */
function standing(fault: string, { kind, data }: AuditEntry, former: string | undefined): string {
  return kind === "continued" && data["file"] !== former && fault.includes("missing")
    ? `${fault}; the file ${data["file"]} is not there`
    : fault;
}

function gapOf({ data, time }: AuditEntry): string {
  return `found at a start on ${new Date(time).toISOString()}: ${data["reason"]}`;
}

function entriesFrom(from: number, to: number): string {
  return from === to ? `entry ${from} is` : `entries ${from} to ${to} are`;
}
