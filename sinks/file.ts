import { escapeJson } from "../diagnostics/escape.ts";
import type { Sink } from "../model/sink.ts";
import { SinkError } from "./error.ts";
import { mend } from "./mend.ts";
import { sinkName } from "./name.ts";
import type { FileSinkOptions } from "./options.ts";

/** A file that is written to. */
interface Target {
  readonly file: Deno.FsFile;
  readonly inode: number | null;
  /** When it was begun, ms since the epoch. */
  readonly begun: number;
  /** Bytes of whole lines. */
  size: number;
}

/** How long a file may stay in memory with the fsync policy `interval`, ms. */
const SYNC_INTERVAL = 1_000;

/**
 * Appends alerts to a file, a JSON object a line. Only whole lines stay: what a full disk or a crash has torn is taken
 * away before the next one is written. Where somebody has moved the file away, a new one is begun.
 */
export function createFileSink(options: FileSinkOptions): Sink & AsyncDisposable {
  const { path, max_size, max_age = Infinity, keep, fsync } = options;
  let target: Target | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function release(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const open = target;
    target = undefined;
    if (!open) return;
    try {
      if (fsync === "interval") await open.file.syncData();
    } finally {
      open.file.close();
    }
  }

  /** The file to write a line of some length to. */
  async function prepare(length: number): Promise<Target> {
    if (target && (await status(path))?.ino !== target.inode) await release();
    target ??= await openTarget(path);
    const full = target.size + length > max_size || Date.now() - target.begun > max_age;
    if (target.size === 0 || !full) return target;
    await release();
    await rotate(path, keep);
    return target = await openTarget(path);
  }

  async function append(line: Uint8Array): Promise<void> {
    const open = await prepare(line.length);
    try {
      for (let at = 0; at < line.length;) at += await open.file.write(line.subarray(at));
      if (fsync === "always") await open.file.syncData();
    } catch (error) {
      await open.file.truncate(open.size).catch(() => {});
      throw error;
    }
    open.size += line.length;
    if (fsync === "interval" && timer === undefined) {
      timer = setTimeout(() => {
        timer = undefined;
        open.file.syncData().catch(() => {});
      }, SYNC_INTERVAL);
      Deno.unrefTimer(timer);
    }
  }

  return {
    name: sinkName(options),
    async send(alert) {
      try {
        await append(new TextEncoder().encode(escapeJson(alert) + "\n"));
      } catch (error) {
        await release().catch(() => {});
        throw asSinkError(error);
      }
    },
    async healthCheck() {
      try {
        // It is not mended: what looks torn may be a line that is just being written.
        (await openFile(path)).close();
        return { healthy: true };
      } catch (error) {
        return { healthy: false, reason: asSinkError(error).message };
      }
    },
    [Symbol.asyncDispose]: release,
  };
}

async function openFile(path: string): Promise<Deno.FsFile> {
  const before = await status(path);
  if (before && !before.isFile) {
    throw new SinkError("unavailable", `${path} is no regular file, so nothing is written to it`);
  }
  return await Deno.open(path, { read: true, append: true, create: true, mode: 0o600 });
}

async function openTarget(path: string): Promise<Target> {
  const file = await openFile(path);
  try {
    const size = await mend(file);
    const { ino, birthtime } = await file.stat();
    const begun = size === 0 ? Date.now() : birthtime?.getTime() ?? Date.now();
    return { file, inode: ino, begun, size };
  } catch (error) {
    file.close();
    throw error;
  }
}

/** What stands at a path; links are not followed, since whoever made one would choose what is written to. */
async function status(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Makes `path` `path.1`, `path.1` `path.2` and so on; the oldest is overwritten. */
async function rotate(path: string, keep: number): Promise<void> {
  if (keep === 0) return await Deno.remove(path);
  for (let number = keep - 1; number >= 0; number--) {
    const from = number === 0 ? path : `${path}.${number}`;
    if (await status(from)) await Deno.rename(from, `${path}.${number + 1}`);
  }
}

function asSinkError(error: unknown): SinkError {
  if (error instanceof SinkError) return error;
  return new SinkError("unavailable", error instanceof Error ? error.message : String(error));
}
