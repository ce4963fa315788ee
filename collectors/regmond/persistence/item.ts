import type { persistence_items } from "../../../profiles/persistence_items.ts";
import type { Row } from "../../../schema/row.ts";
import type { Host } from "../host.ts";

/** A row of `persistence_items`. */
export type Item = Omit<Row<typeof persistence_items, "linux">, "platform_data">;

/** What is peculiar to an item; what is left out is NULL, and `enabled` is true. */
export type Found = Pick<Item, "kind" | "path" | "name"> & Partial<Item>;

/** A way in which hosts start things by themselves: finds what there is. */
export type Finder = (host: Host, homes: readonly Home[]) => Iterable<Found>;

/** A user's home. */
export interface Home {
  /** Login name. */
  readonly user: string;
  /** Absolute path. */
  readonly path: string;
}

/** The row of an item. */
export function itemOf(host: Host, found: Found): Item {
  return {
    command: null,
    user_name: null,
    enabled: true,
    schedule: null,
    modified_time: host.info(found.path)?.modified ?? null,
    ...found,
  };
}

/** The homes that passwd(5) names, each once; `/` and what is no folder are none. */
export function homesOf(host: Host): readonly Home[] {
  const homes = new Map<string, Home>();
  for (const line of host.text("/etc/passwd").split("\n")) {
    const [user, , , , , path = ""] = line.split(":");
    if (!user || !/^\/./.test(path) || homes.has(path)) continue;
    homes.set(path, { user, path });
  }
  return [...homes.values()].filter(({ path }) => host.info(path)?.isFolder);
}

/** Files of a folder, with their whole paths. */
export function filesIn(host: Host, folder: string, name = /^[^.]/): readonly string[] {
  return host.list(folder).filter((file) => name.test(file)).map((file) => `${folder}/${file}`)
    .filter((path) => host.info(path)?.isFile);
}

/** Lines that say something, with their numbers from 1: neither empty nor comments. */
export function* meaningful(
  text: string,
  comment = /^\s*(#|$)/,
): Generator<readonly [line: string, number: number]> {
  for (const [index, line] of text.split("\n").entries()) {
    if (!comment.test(line)) yield [line.trim(), index + 1];
  }
}

/** Whether anybody may run it. */
export function isExecutable(host: Host, path: string): boolean {
  return ((host.info(path)?.mode ?? 0) & 0o111) !== 0;
}

/** The last part of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
