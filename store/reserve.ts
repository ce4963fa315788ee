import { statfsSync } from "node:fs";
import { dirname } from "@std/path";
import type { Database, Mutation } from "./database.ts";
import { StoreError } from "./error.ts";
import { ballastKey } from "./keys.ts";
import type { SpaceKeeper } from "./space.ts";

/**
 * Room on the disk that rows cannot take, for alerts, states and removals on a full disk:
 *
 * - ballast within the database, whose pages are free for others once it is removed, and a log of SQLite that is as large:
 *   both are there already, so that whoever fills the disk cannot have them;
 * - a file beside the store, without which it could not be opened on a full disk.
 */
export interface Reserve {
  /** Whether alerts would still find room after some rows. */
  hasRoom(): boolean;
  /** Puts rows that were written in their place: later there may be no room for them. */
  settle(): void;
  /** Gives the reserve up. Says whether that may have made room. */
  release(): Promise<boolean>;
  /** Takes it again, where there is room. */
  restore(): Promise<void>;
}

/** How large each part of a reserve is, in bytes: a log of SQLite, but little of a small disk. */
const LARGEST = 4 * 1024 * 1024;
const SMALLEST = 1024 * 1024;
const SHARE = 0.02;

/** No reserve: rows are kept from filling the disk, that is all. */
export function noReserve(path: string): Reserve {
  return {
    hasRoom: () => path === ":memory:" || hasRoom(dirname(path)),
    settle: () => {},
    release: () => Promise.resolve(false),
    restore: () => Promise.resolve(),
  };
}

/** Takes the reserve of the store at a path, where there is room for it. */
export async function openReserve(
  path: string,
  database: Database,
  space: SpaceKeeper,
): Promise<Reserve> {
  let laid = false;

  async function release(): Promise<boolean> {
    releaseFile(path);
    // What is in the log is written to its place, and the log, whose room is taken already, begins anew.
    space.flush();
    if (laid) {
      laid = false;
      await database.commit(...ballast(LARGEST, () => null));
      space.flush();
    }
    return true;
  }

  async function restore(): Promise<void> {
    const disk = diskOf(dirname(path));
    if (!disk || disk.free < 6 * sizeFor(disk)) return;
    const size = sizeFor(disk);
    if (!laid) {
      const bytes = randomBytes(BALLAST_BYTES);
      await unlessFull(async () => {
        await database.commit(...ballast(size, () => bytes));
        laid = true;
        space.flush();
      });
    }
    takeFile(path, size);
  }

  await restore();
  return { hasRoom: () => hasRoom(dirname(path)), settle: space.flush, release, restore };
}

/** The size of a piece of ballast. */
const BALLAST_BYTES = 60 * 1024;

function ballast(size: number, value: () => Uint8Array | null): Mutation[][] {
  const pieces = Math.ceil(size / BALLAST_BYTES);
  return Array.from({ length: pieces }, (_, piece) => [{ key: ballastKey(piece), value: value() }]);
}

/** Gives up the file beside a store. Says whether there was one. */
export function releaseFile(path: string): boolean {
  try {
    Deno.removeSync(`${path}.reserve`);
    return true;
  } catch {
    return false;
  }
}

function takeFile(path: string, size: number): void {
  try {
    if (Deno.lstatSync(`${path}.reserve`).size >= size) return;
  } catch {
    // There is none.
  }
  releaseFile(path);
  try {
    using file = Deno.openSync(`${path}.reserve`, { write: true, createNew: true, mode: 0o600 });
    const bytes = randomBytes(65_536);
    for (let left = size; left > 0;) left -= file.writeSync(bytes.subarray(0, left));
  } catch {
    releaseFile(path);
  }
}

/** File systems that compress would keep no room for anything else. */
function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(length));
}

/**
 * A database whose changes may use up the reserve: what is committed through it must not be lost for want of room.
 */
export function withReserve(database: Database, { release }: Reserve): Database {
  return {
    ...database,
    async commit(...groups) {
      try {
        await database.commit(...groups);
      } catch (error) {
        if (!isDiskFault(error) || !await release().catch(() => false)) throw error;
        // Others may have gone ahead: groups that are functions are made anew.
        await database.commit(...groups);
      }
    },
  };
}

/** Whether the disk is full or cannot be written: nothing is wrong with the store itself. */
export function isDiskFault(error: unknown): error is StoreError {
  return error instanceof StoreError && (error.kind === "full" || error.kind === "unreadable");
}

/** Does what can be done again another time. */
export async function unlessFull(writing: () => Promise<void>): Promise<void> {
  try {
    await writing();
  } catch (error) {
    if (!isDiskFault(error)) throw error;
  }
}

interface Disk {
  /** Bytes. */
  readonly size: number;
  /** Bytes that this user may still take. */
  readonly free: number;
}

function hasRoom(folder: string): boolean {
  const disk = diskOf(folder);
  return !disk || disk.free >= 2 * sizeFor(disk);
}

function diskOf(folder: string): Disk | undefined {
  try {
    const { bsize, blocks, bavail } = statfsSync(folder);
    return { size: blocks * bsize, free: bavail * bsize };
  } catch {
    return undefined;
  }
}

function sizeFor({ size }: Disk): number {
  return Math.min(LARGEST, Math.max(SMALLEST, Math.floor(size * SHARE)));
}
