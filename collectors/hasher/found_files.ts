import { type BigIntStats, closeSync, fstatSync, openSync } from "node:fs";
import type { Progress } from "./digest.ts";

/** A file that was found and may have to be hashed; it is open, so that it outlives its process. */
export interface Held {
  readonly file: number;
  readonly stats: BigIntStats;
  /** How far it has been hashed, where the time was too short for all of it. */
  progress?: Progress | undefined;
}

/** The files that were found lately, by identity. */
export interface FoundFiles {
  /** Begins a find: what was not found by the last ones is closed. */
  begin(): void;
  /** Opens a file for hashing, unless the process has become another program meanwhile. */
  hold(identity: string, link: string, stats: BigIntStats): void;
  /** A file that is held. */
  get(identity: string): Held | undefined;
}

/** Finds that a file is held for: between somebody's find and the question for hashes there may be others'. */
const KEPT = 8;

/** Files that are open at most. What finds for one batch has fewer, and usually a process may open 1,024. */
const MAX_OPEN = 800;

/** Makes a {@linkcode FoundFiles}. */
export function createFoundFiles(): FoundFiles {
  /** In the order in which they were found last. */
  const held = new Map<string, Held & { readonly find: number }>();
  let find = 0;

  const closeOldest = (mayClose: (last: number) => boolean) => {
    for (const [identity, { file, find }] of held) {
      if (!mayClose(find)) return;
      closeSync(file);
      held.delete(identity);
    }
  };

  return {
    begin() {
      find++;
      closeOldest((last) => last <= find - KEPT);
    },
    hold(identity, link, stats) {
      const known = held.get(identity);
      if (known?.find === find) return;
      if (known) {
        held.delete(identity);
        held.set(identity, { ...known, find });
        return;
      }
      closeOldest(() => held.size >= MAX_OPEN);
      try {
        const file = openSync(link, "r");
        if (isUnchanged(file, stats)) held.set(identity, { file, stats, find });
        else closeSync(file);
      } catch {
        // What is not held is answered as not collected.
      }
    },
    get: (identity) => held.get(identity),
  };
}

/** Whether an open file is the one that was found, as it was then. Losing its name meanwhile is no change. */
export function isUnchanged(file: number, { dev, ino, size, mtimeNs }: BigIntStats): boolean {
  const now = fstatSync(file, { bigint: true });
  return now.dev === dev && now.ino === ino && now.size === size && now.mtimeNs === mtimeNs;
}
