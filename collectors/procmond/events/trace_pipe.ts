import { closeSync, constants, openSync, readSync } from "node:fs";

/** Reads the records of a `trace_pipe` (https://docs.kernel.org/trace/ftrace.html#the-file-system). */
export interface TracePipe {
  /**
   * Waits for a record. Whoever is behind gets with it those that have come meanwhile, at most {@linkcode MAX_RECORDS}.
   */
  next(isBehind: boolean): Promise<readonly Uint8Array[]>;
}

/** Records that are taken at once: then others have their turn. */
export const MAX_RECORDS = 256;

/**
 * Opens a `trace_pipe`.
 *
 * Names of files stand in it as they are, so a line break in one could begin a line that looks like a record. What tells
 * records apart is the kernel's own way to fill a reader's buffer: it adds records until there is as much as was asked
 * for, and then hands out what is left before it adds another. So a single byte is asked for, which makes it take one
 * record, and then all that is left, which is the rest of that record.
 *
 * Waiting keeps a thread busy for each record. What has come meanwhile is read without it, through an opening that does
 * not block; the kernel allows only one opening at a time.
 */
export function openTracePipe(path: string): TracePipe {
  let file: Deno.FsFile | undefined;
  let waiting: Promise<Uint8Array> | undefined;

  const wait = async (): Promise<Uint8Array> => {
    file ??= Deno.openSync(path);
    const first = new Uint8Array(1);
    if (await file.read(first) === null) throw new Error("the kernel has closed the trace");
    return joined(first, file.readSync(buffer) ?? 0);
  };
  const isWaiting = () => waiting !== undefined;
  const close = () => {
    file?.close();
    file = undefined;
  };

  return {
    async next(isBehind) {
      // Whoever stopped to wait has left the waiting to the next one.
      waiting ??= wait().finally(() => waiting = undefined);
      const record = await waiting.catch((error) => {
        close();
        throw error;
      });
      // Closing would end the waiting of somebody who has begun meanwhile.
      if (!isBehind || isWaiting()) return [record];
      close();
      return [record, ...readWaiting(path)];
    },
  };
}

/** No record is longer: the kernel gives up what does not fit into two pages. */
const buffer = new Uint8Array(65_536);

function readWaiting(path: string): Uint8Array[] {
  const records: Uint8Array[] = [];
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    while (records.length < MAX_RECORDS) {
      const first = new Uint8Array(1);
      if (readSync(file, first, 0, 1, null) === 0) break;
      records.push(joined(first, readSync(file, buffer, 0, buffer.length, null)));
    }
  } catch (error) {
    if ((error as { readonly code?: string }).code !== "EAGAIN") throw error;
  } finally {
    closeSync(file);
  }
  return records;
}

function joined(first: Uint8Array, length: number): Uint8Array {
  const record = new Uint8Array(1 + length);
  record.set(first);
  record.set(buffer.subarray(0, length), 1);
  return record;
}
