import type { Host } from "../../regmond/host.ts";
import { FAMILIES } from "../families/mod.ts";
import type { Family } from "../setting.ts";

/** Tells which families may have changed, as the kernel tells of files (inotify(7)). */
export interface Notifications extends Disposable {
  /** Whether the kernel tells anything. */
  readonly told: boolean;
  /** Resolves when something has happened since it was last taken. */
  happened(): Promise<void>;
  /** The families whose files were touched; from then on they are not. */
  take(): readonly Family[];
}

/** The folders in which the files of all families lie, those in others of them left out, as one can open them here. */
export function foldersOf(host: Host): readonly string[] {
  const folders = FAMILIES.flatMap(({ places }) => places)
    .filter((place) => !place.startsWith("/proc/"))
    .map((place) => place.startsWith("/etc/") ? "/etc" : place.replace(/\/$/, ""));
  return [...new Set(folders.flatMap((folder) => host.locate(folder) ?? []))];
}

/** The families that have a file, or a folder above theirs. What nobody knows may be included by others. */
export function familiesOf(path: string): readonly Family[] {
  const knowing = FAMILIES.filter(({ places }) =>
    places.some((place) => path.startsWith(place) || place.startsWith(`${path}/`))
  );
  return knowing.length > 0 ? knowing : FAMILIES.filter(({ includes }) => includes);
}

/** Subscribes to what happens to the files of all families. Folders that are not there yet are not watched. */
export function openNotifications(host: Host, filesRoot: string): Notifications {
  const root = filesRoot === "/" ? "" : filesRoot;
  const touched = new Set<Family>();
  let wake = () => {};
  let watcher: Deno.FsWatcher | undefined;
  try {
    watcher = Deno.watchFs([...foldersOf(host)], { recursive: true });
  } catch {
    // The kernel allows each user only so many folders; the host is then looked at again and again.
  }
  const follow = async (events: Deno.FsWatcher) => {
    for await (const { kind, paths } of events) {
      // Reading is told, too, and it is what this process does.
      if (kind === "access") continue;
      // Without a path the kernel has lost some.
      const families = paths.length === 0
        ? FAMILIES
        : paths.flatMap((path) => familiesOf(path.slice(root.length)));
      for (const family of families) touched.add(family);
      if (touched.size > 0) wake();
    }
  };
  if (watcher) follow(watcher).catch(() => {});
  return {
    told: watcher !== undefined,
    happened: () => touched.size > 0 ? Promise.resolve() : new Promise((resolve) => wake = resolve),
    take() {
      const families = FAMILIES.filter((family) => touched.has(family));
      touched.clear();
      return families;
    },
    [Symbol.dispose]: () => watcher?.close(),
  };
}
