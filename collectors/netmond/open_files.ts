import { Failure, type ProcFiles } from "../proc/files.ts";
import { namesIn } from "../proc/list.ts";
import { livingFolder, parseStat } from "../proc/stat.ts";

/** Links after which the time is looked at. */
const SLICE = 1024;

/**
 * Hands out the sockets that a process has open, by inode number, with the links that lead to them, until the deadline.
 * Answers why the reading ended early; `undefined` where it did not.
 */
export function readSocketLinks(
  files: ProcFiles,
  pid: number,
  deadline: number,
  take: (inode: number, link: string) => void,
): Failure | undefined {
  let folder = `${pid}/fd`;
  let names = namesIn(files, folder);
  if (!(names instanceof Failure) && names.length === 0) {
    // A process whose first thread has ended shows no files there, while others may still have theirs.
    const bytes = files.read(`${pid}/stat`);
    const stat = bytes instanceof Failure ? undefined : parseStat(bytes);
    if (stat?.state !== "Z") return undefined;
    folder = `${livingFolder(files, pid, stat)}/fd`;
    names = namesIn(files, folder);
  }
  if (names instanceof Failure) return names;
  for (const [index, name] of names.entries()) {
    const link = `${folder}/${name}`;
    const target = files.link(link);
    if (target === Failure.DENIED) return target;
    if (index % SLICE === SLICE - 1 && performance.now() > deadline) return Failure.OTHER;
    if (target instanceof Failure || !target.startsWith("socket:[")) continue;
    take(Number(target.slice(8, -1)), link);
  }
  return undefined;
}
