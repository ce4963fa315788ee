import { delay } from "@std/async/delay";
import { StoreError } from "./error.ts";

/** Who holds a writer lock. */
export interface Holder {
  /** Process id. */
  readonly pid: number;
  /** What the process is, e.g. `daemoneye scan`. */
  readonly holder: string;
  /** When it took the lock, ms since the epoch. */
  readonly since: number;
}

/**
 * Takes the writer lock, a lock of the operating system on a file of its own, which ends with the process that holds it,
 * however that process dies. The file tells others who it is; it stays when the lock is given back, because removing it
 * would let two processes lock two files of the same name.
 *
 * @returns gives the lock back
 * @throws {StoreError} `locked`, naming the holder; `unreadable` where the file cannot be made
 */
export async function takeLock(path: string, holder: string): Promise<() => void> {
  let file: Deno.FsFile;
  try {
    file = await Deno.open(path, { read: true, write: true, create: true, mode: 0o600 });
  } catch (error) {
    throw new StoreError("unreadable", `cannot make the lock file ${path}: ${reason(error)}`);
  }
  try {
    if (!await lockSoon(file)) throw await heldBy(path);
    await introduce(file, { pid: Deno.pid, holder, since: Date.now() });
  } catch (error) {
    file.close();
    throw error instanceof StoreError
      ? error
      : new StoreError("unreadable", `cannot lock ${path}: ${reason(error)}`);
  }
  return () => file.close();
}

/**
 * A process being started holds copies of the open files of the one that starts it until it runs its program, so a lock
 * just given back may seem taken for some milliseconds.
 */
async function lockSoon(file: Deno.FsFile): Promise<boolean> {
  for (let attempt = 0; attempt < 10; attempt++) {
    if (await file.tryLock(true)) return true;
    await delay(20);
  }
  return false;
}

/** On a full disk nobody is told who holds the lock; it is held nevertheless. */
async function introduce(file: Deno.FsFile, me: Holder): Promise<void> {
  try {
    await file.truncate(0);
    await file.write(new TextEncoder().encode(JSON.stringify(me)));
  } catch (error) {
    if (!/No space left|disk quota/i.test(reason(error))) throw error;
  }
}

async function heldBy(path: string): Promise<StoreError> {
  // The holder locks first and writes its name next, so a file that names nobody yet is read again.
  for (let attempt = 0; attempt < 5; attempt++) {
    const holder = await readHolder(path);
    if (holder) {
      const since = new Date(holder.since).toISOString();
      const message = `${path} is held by ${holder.holder} (pid ${holder.pid}) since ${since}`;
      return new StoreError("locked", message, holder);
    }
    await delay(20);
  }
  return new StoreError("locked", `${path} is held by another process`);
}

async function readHolder(path: string): Promise<Holder | null> {
  try {
    const { pid, holder, since } = JSON.parse(await Deno.readTextFile(path));
    const known = Number.isSafeInteger(pid) && typeof holder === "string" &&
      Number.isSafeInteger(since) && Math.abs(since) < 8.64e15;
    return known ? { pid, holder, since } : null;
  } catch {
    return null;
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
