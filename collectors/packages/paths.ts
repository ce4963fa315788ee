import type { HostPaths } from "../binmond/paths.ts";
import { Failure } from "../proc/files.ts";

/** The last part of a path. */
export function lastName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Whether two paths lead to the same name in the same folder, as `/bin/ls` and `/usr/bin/ls` where `/bin` is a link. */
export function isSamePath(one: string, other: string, paths: HostPaths): boolean {
  return one === other ||
    lastName(one) === lastName(other) && folderOf(one, paths) === folderOf(other, paths);
}

function folderOf(path: string, paths: HostPaths): string {
  const folder = path.slice(0, path.lastIndexOf("/")) || "/";
  const resolved = paths.resolve(folder);
  return resolved instanceof Failure ? folder : paths.onHost(resolved);
}
