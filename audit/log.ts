import { basename, dirname } from "@std/path";
import { findEnd, lastLine } from "./end.ts";
import { type AuditEvent, type AuditKind, type Link, renderEntry } from "./entry.ts";
import { headPath, logFiles, renderHead, rotatedPath } from "./files.ts";

/** An audit log that is written to. There is one writer: whoever holds the store's lock. */
export interface AuditLog {
  /** Writes an entry. Resolves once it is on the disk; where it cannot be written, that is told, and it never rejects. */
  append(kind: AuditKind, data: AuditEvent["data"]): Promise<void>;
  /** The newest entry on the disk. */
  head(): Link;
  /** Entries that wait because the disk does not take them, and those that are lost for good. */
  unwritten(): { readonly waiting: number; readonly lost: number };
  /** Writes what waits, and closes the files. */
  close(): Promise<void>;
}

/** How an audit log is kept. */
export interface AuditOptions {
  /** The file; full ones, and the anchor, lie beside it. */
  readonly path: string;
  /** A file that would become longer is full; bytes, 10 MB if absent. */
  readonly maxSize?: number;
  /** So many full files are kept; 10 if absent. */
  readonly keep?: number;
  /** Told, in words, what keeps the log from being whole. */
  readonly onProblem: (message: string) => void;
  /** The time, replaced in tests. */
  readonly now?: () => number;
}

const MAX_SIZE = 10_000_000;
const KEEP = 10;

/** Files that an entry names, the newest, where many are removed together. */
const MAX_NAMES = 20;

/** Entries that are written together, and beyond which they are lost while the disk takes none. */
const MAX_WAITING = 1_000;

/** The file and its anchor, opened. */
interface Files {
  readonly log: Deno.FsFile;
  readonly head: Deno.FsFile;
}

/**
 * Opens an audit log and makes it whole: a line that a crash has torn is taken away, and an entry tells of it. Where more is
 * missing, or the end is not what was written, an entry keeps that for good.
 *
 * @throws {Error} where the files cannot be opened
 */
export async function openAuditLog(options: AuditOptions): Promise<AuditLog> {
  const { path, maxSize = MAX_SIZE, keep = KEEP, onProblem, now = Date.now } = options;
  await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
  let { last, size, findings } = await findEnd(path);
  const files = await open(path);
  /** Bytes with which the file that is written to continues a full one. */
  let begun = 0;
  const waiting: AuditEvent[] = [];
  let lost = 0;
  let healthy = true;
  let writing: Promise<void> | undefined;

  async function rotate(): Promise<void> {
    const full = rotatedPath(path, last.seq);
    await Deno.rename(path, full);
    const next = await openLog(path).catch(async (error) => {
      await Deno.rename(full, path);
      throw error;
    });
    files.log.close();
    files.log = next;
    size = begun = 0;
    await begin(full);
    begun = size;
  }

  /** Begins the file after a full one: says what it continues, and removes what is too much. */
  async function begin(before: string): Promise<void> {
    const full = (await logFiles(path)).filter((file) => file !== path);
    const surplus = full.slice(0, Math.max(0, full.length - keep));
    const { seq, hash } = last;
    // First the entry, then the deed: what is missing without an entry was taken by somebody else.
    await write([
      { kind: "continued", time: now(), data: { file: basename(before), seq, hash } },
      ...surplus.length > 0 ? [await removal(surplus, now())] : [],
    ]);
    for (const file of surplus) await Deno.remove(file);
  }

  async function write(events: readonly AuditEvent[]): Promise<void> {
    let end = last;
    let text = "";
    for (const event of events) {
      const { line, link } = renderEntry(event, end.seq + 1, end.hash);
      text += line + "\n";
      end = link;
    }
    const bytes = new TextEncoder().encode(text);
    // What no file has room for makes one longer than it should be.
    if (size > begun && size + bytes.length > maxSize) {
      await rotate();
      return await write(events);
    }
    try {
      await writeAll(files.log, bytes);
      await files.log.syncData();
    } catch (error) {
      await files.log.truncate(size).catch(() => {});
      throw error;
    }
    size += bytes.length;
    last = end;
    // The anchor never runs ahead of what it speaks of.
    await writeAnchor();
  }

  async function writeAnchor(): Promise<void> {
    await files.head.seek(0, Deno.SeekMode.Start);
    await writeAll(files.head, new TextEncoder().encode(renderHead(last)));
  }

  async function writeWaiting(): Promise<void> {
    while (waiting.length + lost > 0) {
      const events = waiting.slice(0, MAX_WAITING);
      // More may be lost while this is written.
      const count = lost;
      const missing: AuditEvent[] = count > 0
        ? [{ kind: "lost", time: now(), data: { count } }]
        : [];
      try {
        await write([...missing, ...events]);
      } catch (error) {
        if (healthy) onProblem(`the audit log cannot be written: ${inWords(error)}`);
        healthy = false;
        break;
      }
      waiting.splice(0, events.length);
      lost -= count;
      healthy = true;
    }
    writing = undefined;
  }

  async function append(kind: AuditKind, data: AuditEvent["data"]): Promise<void> {
    // While the disk takes them, those who append wait themselves.
    if (healthy || waiting.length < MAX_WAITING) waiting.push({ kind, time: now(), data });
    else lost++;
    await (writing ??= writeWaiting());
  }

  if (size < (await files.log.stat()).size) await files.log.truncate(size);
  if (last.seq === 0) await writeAnchor();
  const full = (await logFiles(path)).findLast((file) => file !== path);
  // A crash has come between the full file and the one after it.
  if (size === 0 && full !== undefined && findings.length === 0) await begin(full).catch(() => {});
  for (const { kind, data } of findings) {
    if (kind === "gap") onProblem(`the audit log is not whole: ${data["reason"]}`);
    await append(kind, data);
  }
  return {
    append,
    head: () => last,
    // What is just being written does not wait.
    unwritten: () => ({ waiting: healthy ? 0 : waiting.length, lost }),
    async close() {
      await writing;
      if (waiting.length + lost > 0) await writeWaiting();
      files.log.close();
      files.head.close();
    },
  };
}

async function removal(surplus: readonly string[], time: number): Promise<AuditEvent> {
  const newest = surplus.at(-1)!;
  const end = lastLine(await Deno.readFile(newest));
  return {
    kind: "removed",
    time,
    data: {
      until: Number(newest.slice(-12)),
      files: surplus.slice(-MAX_NAMES).map((file) => basename(file)),
      ...(typeof end !== "string" && { hash: end.hash }),
    },
  };
}

async function open(path: string): Promise<{ log: Deno.FsFile; readonly head: Files["head"] }> {
  const log = await openLog(path);
  try {
    const options = { write: true, create: true, mode: 0o600 } as const;
    return { log, head: await Deno.open(headPath(path), options) };
  } catch (error) {
    log.close();
    throw error;
  }
}

function openLog(path: string): Promise<Deno.FsFile> {
  return Deno.open(path, { read: true, append: true, create: true, mode: 0o600 });
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
}

function inWords(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
