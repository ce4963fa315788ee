import { type Folders, joinPath } from "./folders.ts";
import type { WatchedPlaces } from "./places.ts";
import { type Entry, FAN, type FanotifyEvent, type FileHandle } from "./records.ts";
import type { FileEventType, FileHappening, Said } from "./told.ts";

/** What is done with what fanotify tells. */
export interface HappeningsOptions {
  /** The paths of folders. */
  readonly folders: Folders;
  /** The process whose own files are none of anybody's business; what its descendants do is left out later. */
  readonly agent: number;
  /** When a process started, in clock ticks since the start of the host; absent where it has ended. */
  startOf(pid: number): number | undefined;
  /** Looks at a file, by itself where the kernel tells it; absent where it is gone. */
  look(
    file: { readonly entry: Entry; readonly target?: FileHandle },
  ): FileHappening["status"] | undefined;
}

/** Makes out of what fanotify tells what is to be said. */
export interface Happenings {
  /** Takes events that were read together, at a time in ms since the epoch. */
  take(events: readonly FanotifyEvent[], at: number): Said[];
  /** From now on these places are watched, and whether programs that are started count. */
  watch(places: WatchedPlaces | undefined, access: boolean): void;
}

/** What a bit of the mask means, in the order in which things that were told as one can have happened. */
const TYPES: readonly (readonly [number, FileEventType])[] = [
  [FAN.CREATE, "create"],
  [FAN.CLOSE_WRITE, "modify"],
  [FAN.ATTRIB, "attrib"],
  [FAN.OPEN_EXEC, "access"],
  [FAN.RENAME, "move"],
  [FAN.DELETE, "delete"],
];

/** Processes whose last program is remembered. */
const MAX_PROGRAMS = 8192;
/** ms after which a process with the same id may be another one. */
const PROGRAM_BELIEVED = 10_000;

/** What loads programs is opened like a program after each one. */
const LOADER = /^ld[-.].*\.so(\.\d+)*$|^ld-linux|^ld-musl/;

/** `FILEID_INO32_GEN`: inode and generation. */
const INO32_GEN = 1;

/** Makes {@linkcode Happenings}; nothing is watched yet. */
export function createHappenings({ folders, agent, startOf, look }: HappeningsOptions): Happenings {
  let places: WatchedPlaces | undefined;
  let withAccess = false;
  /** What is of a folder that is gone: that its end is told, too, may be next. */
  let held: { readonly event: FanotifyEvent; readonly since: number }[] = [];
  const programs = new Map<
    number,
    { readonly entry: Entry; readonly at: number; readonly start: number | undefined }
  >();

  const noteProgram = (pid: number, entry: Entry, at: number) => {
    if (LOADER.test(entry.name)) return;
    programs.delete(pid);
    programs.set(pid, { entry, at, start: startOf(pid) });
    if (programs.size > MAX_PROGRAMS) programs.delete(programs.keys().next().value!);
  };
  const pathOf = ({ folder, name }: Entry) => {
    const path = folders.pathOf(folder);
    return path === undefined ? undefined : joinPath(path, name);
  };
  const programOf = (pid: number, at: number) => {
    const program = programs.get(pid);
    if (!program || at - program.at >= PROGRAM_BELIEVED) return { start: startOf(pid) };
    return { path: pathOf(program.entry), start: program.start ?? startOf(pid) };
  };
  const happening = (
    { mask, pid, entry, old, target }: FanotifyEvent,
    at: number,
  ): Said | "unknown" | undefined => {
    if (!entry || !places || pid === agent) return undefined;
    const types = TYPES.filter(([bit, type]) => mask & bit && (withAccess || type !== "access"))
      .map(([, type]) => type);
    if (types.length === 0) return undefined;
    const before = old && pathOf(old);
    const path = pathOf(entry);
    if (path === undefined) return "unknown";
    if (!places.covers(path) && !(before !== undefined && places.covers(before))) return undefined;
    const { path: program, start } = programOf(pid, at);
    const file = target ?? (entry.name === "." ? entry.folder : undefined);
    const status = types.at(-1) === "delete"
      ? undefined
      : look({ entry, ...(file && { target: file }) });
    const generation = file && generationOf(file.handle);
    return {
      said: "event",
      at,
      types,
      pid,
      path,
      ...(before !== undefined && { old: before }),
      ...(program !== undefined && { program }),
      ...(start !== undefined && { start }),
      ...(status && { status }),
      ...(generation !== undefined && { generation }),
    };
  };

  return {
    take(events, at) {
      // A folder that is gone when its files are looked for is known by its own beginning or end.
      for (const { mask, entry, target } of events) {
        if (!entry || !target || (mask & FAN.ONDIR) === 0) continue;
        if (mask & FAN.RENAME) folders.forget();
        if (entry.name !== ".") folders.learn(target, entry);
      }
      const said: Said[] = [];
      const again = held;
      held = [];
      let unknown = 0;
      for (const { event, since } of again) {
        const one = happening(event, since);
        if (one === "unknown") unknown++;
        else if (one) said.push(one);
      }
      for (const event of events) {
        const { mask, pid, entry } = event;
        if (mask & FAN.Q_OVERFLOW) {
          const reason = "the kernel's queue of file events was full";
          said.push({ said: "lost", count: 1, reason });
        }
        if (mask & FAN.OPEN_EXEC && entry) noteProgram(pid, entry, at);
        const one = happening(event, at);
        if (one === "unknown") held.push({ event, since: at });
        else if (one) said.push(one);
      }
      if (unknown > 0) {
        const reason = "their folder was gone before anybody could tell where it was";
        said.push({ said: "lost", count: unknown, reason });
      }
      return said;
    },
    watch(next, access) {
      places = next;
      withAccess = access;
    },
  };
}

/** How often the inode was reused, where the handle has it. */
function generationOf(handle: Uint8Array): number | undefined {
  const view = new DataView(handle.buffer, handle.byteOffset, handle.byteLength);
  const isOfInode = handle.length === 16 && view.getInt32(4, true) === INO32_GEN;
  return isOfInode ? view.getUint32(12, true) : undefined;
}
