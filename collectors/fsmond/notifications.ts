import { lstatSync } from "node:fs";
import type { FileEventType } from "../core/fanotify/told.ts";
import { type FileStat, fromStats } from "../files/attributes.ts";
import type { FileSource, Happening } from "./happening.ts";
import { bytesOf } from "./path_text.ts";

/** ms in which what happens to one file is one thing: each write is told, and a move several times. */
const TOGETHER = 100;
/** ms after which places are looked for that were not there, or are others than those that are watched. */
const LOOK_AGAIN = 2_000;

/** What was told of a path and not yet passed on. */
interface Pending {
  readonly types: Set<FileEventType | "renamed" | "changed">;
  readonly at: number;
  old?: string;
}

/** A place that is watched. */
interface Place {
  readonly watcher: Deno.FsWatcher;
  /** The file that it is. */
  readonly file: string;
}

/**
 * Tells of files as the kernel tells any user (inotify(7)), through Deno: without who did it. Only files that this user
 * can read are told of, and as many folders as the kernel's `fs.inotify.max_user_watches` allows; places that cannot be
 * watched are counted as lost.
 */
export function openNotifications(
  paths: readonly string[],
  lost: (count: number, reason: string) => void,
): FileSource {
  const places = new Map<string, Place>();
  const refused = new Set<string>();
  const pending = new Map<string, Pending>();
  let due: ReturnType<typeof setTimeout> | undefined;
  let ready: Happening[] = [];
  let wake = () => {};
  let closed = false;

  const note = (path: string, type: FileEventType | "renamed" | "changed", old?: string) => {
    const known = pending.get(path);
    const entry = known ?? { types: new Set(), at: Date.now() };
    entry.types.add(type);
    if (old !== undefined) entry.old = old;
    if (!known) pending.set(path, entry);
    due ??= setTimeout(flush, TOGETHER);
  };
  const take = ({ kind, paths: [path, to] }: Deno.FsEvent) => {
    if (path === undefined) return lost(1, "the kernel's queue of file events was full");
    if ((kind as string) === "rename" && to !== undefined) {
      // Its two halves were told, too; the first looks like a deletion.
      pending.get(path)?.types.delete("delete");
      note(to, "move", path);
    } else if ((kind as string) === "rename") note(path, "renamed");
    else if (kind === "create") note(path, "create");
    else if (kind === "remove") {
      note(path, "delete");
      // What comes in its place may have the same number, and is not watched.
      places.get(path)?.watcher.close();
      places.delete(path);
    } else if (kind === "modify") note(path, "changed");
    else if (kind === "other") lost(1, "the kernel's queue of file events was full");
  };
  const flush = () => {
    due = undefined;
    for (const [path, { types, at, old }] of pending) {
      const stat = statusOf(path);
      const happened = inOrder(types, stat);
      if (happened.length === 0) continue;
      ready.push({
        at,
        types: happened,
        path: bytesOf(path),
        ...(old !== undefined && { old: bytesOf(old) }),
        ...(stat && { stat }),
      });
    }
    pending.clear();
    wake();
  };
  const follow = async (path: string, watcher: Deno.FsWatcher) => {
    try {
      for await (const event of watcher) take(event);
    } catch {
      if (!closed) lost(1, `${path} could not be watched any longer`);
    }
  };
  const look = () => {
    for (const path of paths) {
      const stat = statusOf(path);
      const file = stat && `${stat.dev}:${stat.ino}`;
      const place = places.get(path);
      if (place?.file === file || !file && !place) continue;
      place?.watcher.close();
      places.delete(path);
      if (!file) continue;
      try {
        const watcher = Deno.watchFs(path);
        places.set(path, { watcher, file });
        follow(path, watcher);
        if (place || began) note(path, "create");
      } catch (error) {
        if (refused.has(path)) continue;
        refused.add(path);
        lost(1, `${path} cannot be watched: ${error instanceof Error ? error.message : error}`);
      }
    }
  };

  let began = false;
  look();
  began = true;
  const looking = setInterval(look, LOOK_AGAIN);
  return {
    async next() {
      if (ready.length === 0) await new Promise<void>((resolve) => wake = resolve);
      const happenings = ready;
      ready = [];
      return happenings;
    },
    close() {
      closed = true;
      clearInterval(looking);
      clearTimeout(due);
      for (const { watcher } of places.values()) watcher.close();
    },
  };
}

/** What can have happened, in that order. A change that the content has no part in is one of attributes. */
function inOrder(types: Pending["types"], stat: FileStat | undefined): FileEventType[] {
  const moved = types.has("renamed") || types.has("move");
  const isNew = types.has("create");
  const attribOnly = stat !== undefined && stat.ctime !== stat.mtime;
  return [
    ...isNew ? ["create" as const] : [],
    ...types.has("changed") ? [attribOnly && !isNew ? "attrib" as const : "modify" as const] : [],
    ...moved && stat ? ["move" as const] : [],
    ...types.has("delete") || moved && !stat ? ["delete" as const] : [],
  ];
}

function statusOf(path: string): FileStat | undefined {
  try {
    return fromStats(lstatSync(path, { bigint: true }));
  } catch {
    return undefined;
  }
}
