// Reads what a fanotify group tells and says what happened in the places that somebody watches. The opener starts it with
// the descriptors that it needs, and without the power to open others: it can look at files, and that is all. Its
// arguments are JSON; lines on its standard input name a path of each filesystem.
import { tidyAtRest } from "../../../std/garbage.ts";
import { parseStat } from "../../proc/stat.ts";
import { createFolders } from "./folders.ts";
import { createHappenings } from "./happenings.ts";
import { cString, loadLibc, O, POLL, pollSet } from "./libc.ts";
import { watchedPlaces } from "./places.ts";
import { bytesToText, type FileHandle, parseFanotify, textToBytes } from "./records.ts";
import { parseStatx, STATX_READ, STATX_SIZE, STATX_WANTED } from "./statx.ts";
import type { Asked, Said } from "./told.ts";

/** What the opener hands over. */
export interface ReaderPlaces {
  /** The file of the C library. */
  readonly libc: string;
  /** The descriptor of the fanotify group. */
  readonly group: number;
  /** The descriptor to which to write what happens. */
  readonly events: number;
  /** The descriptor from which to read what is asked. */
  readonly ask: number;
  /** The process for which all of this is done. */
  readonly agent: number;
  /** Process id of who starts it. */
  readonly opener: number;
}

/** A filesystem as the opener names it: its id, and a path on it; both with a character for each byte. */
export interface NamedFilesystem {
  /** The id, as `statfs` tells it. */
  readonly filesystem: string;
  /** A mount point. */
  readonly path: string;
}

/** Bytes that are read at once, and how often before what was read is looked at. */
const BUFFER = 2 ** 18;
const MAX_READS = 16;
/** Bytes of the longest name of a link. */
const MAX_LINK = 65_536;

/** ms: how long to wait for more where so many things were read one by one within so many ms. */
const PAUSE = 1;
const BUSY = { reads: 32, within: 100 };

const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_EMPTY_PATH = 0x1000;
const GONE = " (deleted)";

const { libc, group, events, ask, agent, opener }: ReaderPlaces = JSON.parse(Deno.args[0]!);
const c = loadLibc(libc);
const mounts = new Map<string, string>();
/** Mount points that are open while events are looked at; an open one could not be unmounted. */
const opened = new Map<string, number>();
const buffer = new Uint8Array(BUFFER);
const link = new Uint8Array(MAX_LINK);
const statx = new Uint8Array(STATX_SIZE);

/** Opens a place of a filesystem until {@linkcode closeMounts}. */
function openMount(filesystem: string): number | undefined {
  const known = opened.get(filesystem);
  if (known !== undefined) return known;
  const path = mounts.get(filesystem);
  // What is mounted may be a single file, even a pipe.
  const fd = path === undefined
    ? -1
    : c.open(textToBytes(path + "\0"), O.RDONLY | O.CLOEXEC | O.NONBLOCK);
  if (fd < 0) return undefined;
  opened.set(filesystem, fd);
  return fd;
}

function closeMounts(): void {
  for (const fd of opened.values()) c.close(fd);
  opened.clear();
}

/** Does something with a file or folder, opened by its handle in a way that does nothing to it. */
function within<T>(folder: FileHandle, act: (fd: number) => T): T | undefined {
  const mount = openMount(folder.filesystem);
  if (mount === undefined) return undefined;
  const fd = c.open_by_handle_at(mount, folder.handle, O.PATH | O.CLOEXEC);
  if (fd < 0) return undefined;
  try {
    return act(fd);
  } finally {
    c.close(fd);
  }
}

/** When a process started; the kernel shows that of any process to anybody. */
function startOf(pid: number): number | undefined {
  const fd = c.open(cString(`/proc/${pid}/stat`), O.RDONLY | O.CLOEXEC);
  if (fd < 0) return undefined;
  const length = Number(c.read(fd, link, BigInt(link.length)));
  c.close(fd);
  return length > 0 ? parseStat(link.subarray(0, length))?.starttime : undefined;
}

/** Looks at a name in an open folder: whether it is there, then `statx` holds what it is. */
function isThere(fd: number, name: string): boolean {
  const isItself = name === ".";
  const path = textToBytes((isItself ? "" : name) + "\0");
  const flags = isItself ? AT_EMPTY_PATH : AT_SYMLINK_NOFOLLOW;
  return c.statx(fd, path, flags, STATX_WANTED, statx) === 0;
}

const folders = createFolders((folder) =>
  within(folder, (fd) => {
    const length = Number(c.readlink(cString(`/proc/self/fd/${fd}`), link, BigInt(link.length)));
    if (length <= 0) return undefined;
    const path = bytesToText(link.subarray(0, length));
    const isGone = path.endsWith(GONE) && isThere(fd, ".") && parseStatx(statx).nlink === 0;
    return isGone ? path.slice(0, -GONE.length) : path;
  })
);
const happenings = createHappenings({
  folders,
  agent,
  startOf,
  look({ entry: { folder, name }, target }) {
    const found = target
      ? within(target, (fd) => isThere(fd, "."))
      : within(folder, (fd) => isThere(fd, name));
    return found ? statx.subarray(0, STATX_READ).toBase64() : undefined;
  },
});

/** Writes lines; where nobody reads them this waits, and the kernel's queue fills up and says so. */
function say(lines: readonly Said[]): void {
  const bytes = new TextEncoder().encode(lines.map((line) => JSON.stringify(line) + "\n").join(""));
  for (let at = 0; at < bytes.length;) {
    const written = Number(c.write(events, bytes.subarray(at), BigInt(bytes.length - at)));
    if (written < 0) Deno.exit(1);
    at += written;
  }
}

function readEvents(): void {
  const found = [];
  for (let reads = 0; reads < MAX_READS; reads++) {
    const length = Number(c.read(group, buffer, BigInt(buffer.length)));
    if (length <= 0) break;
    for (const event of parseFanotify(buffer.subarray(0, length))) found.push(event);
  }
  const said = happenings.take(found, Date.now());
  closeMounts();
  if (said.length > 0) say(said);
}

/** Reads lines of JSON from a descriptor. */
function lineReader<T>(fd: number, take: (line: T) => void): () => boolean {
  const bytes = new Uint8Array(65_536);
  const decoder = new TextDecoder();
  let rest = "";
  return () => {
    const length = Number(c.read(fd, bytes, BigInt(bytes.length)));
    if (length <= 0) return false;
    const lines = (rest + decoder.decode(bytes.subarray(0, length), { stream: true })).split("\n");
    rest = lines.pop()!;
    for (const line of lines) take(JSON.parse(line));
    return true;
  };
}

const readAsked = lineReader<Asked>(ask, ({ number, paths, access }) => {
  // What has happened so far is of what was asked before.
  readEvents();
  happenings.watch(paths.length > 0 ? watchedPlaces(paths) : undefined, access);
  say([{ said: "asked", number }]);
});
const readFilesystems = lineReader<NamedFilesystem>(0, ({ filesystem, path }) => {
  mounts.set(filesystem, path);
  folders.forget();
});

if (import.meta.main) {
  // Whoever died before this process was tied to its life would leave it behind.
  if (Deno.ppid !== opener) Deno.exit(1);
  say([{ said: "hello", agent }]);
  const descriptors = pollSet([group, ask, 0].map((fd) => ({ fd, events: POLL.IN })));
  let began = -Infinity;
  let reads = 0;
  const stir = tidyAtRest();
  while (true) {
    await c.poll(descriptors.bytes, 3n, -1);
    stir();
    if (descriptors.returned(2) && !readFilesystems()) Deno.exit(0);
    if (descriptors.returned(1)) readAsked();
    if (descriptors.returned(0)) {
      // To wait takes longer than to read: what comes in crowds is read together.
      const now = performance.now();
      if (now - began > BUSY.within) [began, reads] = [now, 0];
      if (++reads > BUSY.reads) await new Promise((go) => setTimeout(go, PAUSE));
      readEvents();
    }
  }
}
