import { statfsSync } from "node:fs";
import { dirname } from "@std/path";

/** The room that a store takes and has, bytes. */
export interface Space {
  /** Of the files of the store. */
  readonly store: number;
  /** What is left of the disk for this user, and its size; absent where the system does not say. */
  readonly disk?: { readonly free: number; readonly size: number };
}

/** Measures the room of a store. */
export function measureSpace(state: string): Space {
  const store = ["", "-wal", "-shm"].reduce((sum, suffix) => sum + sizeOf(state + suffix), 0);
  try {
    const { bavail, blocks, bsize } = statfsSync(dirname(state));
    return { store, disk: { free: bavail * bsize, size: blocks * bsize } };
  } catch {
    return { store };
  }
}

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch {
    return 0;
  }
}
