import { type ActorColumns, type Actors, createActors } from "../../fsmond/actors.ts";
import type { FileSource, Happening } from "../../fsmond/happening.ts";
import { openKernelEvents } from "../../fsmond/kernel.ts";
import { pathText } from "../../fsmond/path_text.ts";
import { decode, Failure, openProcFiles, type ProcFiles } from "../../proc/files.ts";
import { parseUsers, readHost } from "../../procmond/host.ts";
import { parseStatus } from "../../procmond/status.ts";
import type { Host } from "../../regmond/host.ts";

/** Who wrote a file. */
export interface Writer {
  /** When, ms since the epoch. */
  readonly at: number;
  /** Id of the user who had logged in, as the kernel's audit keeps it, else of whom the process acted for. */
  readonly uid?: number;
  /** The process, as far as it could be looked at before it ended. */
  readonly process: ActorColumns;
}

/** Knows who has written files lately. */
export interface Writers extends Disposable {
  /** Who was the last to write, move or remove what stands at a path of the host; `undefined` where nobody was told of. */
  of(path: string): Writer | undefined;
}

/** Files of which the last writer is remembered. */
const MAX_KNOWN = 4096;
/** A login id that nobody has set: who did it belongs to no session. */
const UNSET = 0xffff_ffff;

/**
 * Follows what the kernel tells of files in some folders, with who did it. Where it tells nothing, which takes root,
 * nobody is known.
 */
export async function openWriters(
  fileEventsRoot: string | undefined,
  procRoot: string,
  folders: readonly string[],
): Promise<Writers> {
  if (fileEventsRoot === undefined) return { of: () => undefined, [Symbol.dispose]() {} };
  // What the kernel could not tell is found by looking all the same, only not who did it.
  const source = await openKernelEvents(
    fileEventsRoot,
    { paths: folders, access: false },
    () => {},
  );
  const files = openProcFiles(procRoot);
  return followWriters(source, files, createActors(files, readHost(files), source.agent));
}

/** Follows a source of what happens to files. */
export function followWriters(source: FileSource, files: ProcFiles, actors: Actors): Writers {
  const known = new Map<string, Writer>();
  let closed = false;
  const follow = async () => {
    while (!closed) {
      for (const happening of await source.next()) {
        const writer = writerOf(happening, files, actors);
        if (!writer) continue;
        const { path, old } = happening;
        for (const one of old === undefined ? [path] : [path, old]) {
          const { text } = pathText(one);
          known.delete(text);
          known.set(text, writer);
        }
        while (known.size > MAX_KNOWN) known.delete(known.keys().next().value!);
      }
    }
  };
  follow().catch(() => known.clear());
  return {
    of: (path) => known.get(path),
    [Symbol.dispose]() {
      closed = true;
      source.close();
    },
  };
}

function writerOf(happening: Happening, files: ProcFiles, actors: Actors): Writer | undefined {
  const process = actors.of(happening);
  if (typeof process?.process_pid !== "number") return undefined;
  const uid = userOf(files, process.process_pid);
  return { at: happening.at, ...(uid !== undefined && { uid }), process };
}

function userOf(files: ProcFiles, pid: number): number | undefined {
  const login = files.read(`${pid}/loginuid`);
  const id = login instanceof Failure ? NaN : parseInt(decode(login), 10);
  if (id >= 0 && id !== UNSET) return id;
  const status = files.read(`${pid}/status`);
  return status instanceof Failure
    ? undefined
    : parseStatus(decode(status)).effectiveUid ?? undefined;
}

/** A writer in words: the user, the program, the process id, as far as they are known. */
export function inWords(
  { uid, process: { process_pid, process_name, executable_path } }: Writer,
  host: Host,
): string {
  const user = uid === undefined
    ? undefined
    : parseUsers(host.text("/etc/passwd")).get(uid) ?? String(uid);
  const program = executable_path ?? process_name ?? "a process";
  return `${user === undefined ? "" : `${user}: `}${program} (${process_pid})`;
}
