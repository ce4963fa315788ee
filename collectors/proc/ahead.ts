import { closeSync, openSync, readlinkSync, readSync } from "node:fs";
import { decode, Failure, type ProcFiles } from "./files.ts";

/** What is read of each process, by names within its folder. */
export interface Wanted {
  /** Files that {@linkcode ProcFiles.read} is asked for. */
  readonly files: readonly string[];
  /** Links that {@linkcode ProcFiles.link} is asked for. */
  readonly links: readonly string[];
}

/** Reads the files of many processes while another thread reads those of others. */
export interface Ahead extends Disposable {
  /** Answers from what was read ahead, once and of the process that is had; otherwise reads. */
  readonly files: ProcFiles;
  /** The processes one by one, in the order in which they are read. */
  readonly pids: Iterable<number>;
}

/** Processes that one thread takes at a time. */
const CHUNK = 32;

/** Chunks that may be read ahead, and bytes of each. What does not fit is not read ahead. */
const SLOTS = 8;
const SLOT = 2 ** 18;

/** ms after which a thread that does not answer is not waited for. */
const PATIENCE = 1000;

/** Places in the memory that says how far the threads are; those after these are one for each slot. */
const NEXT = 0;
const STATE = 1;
const COUNT = STATE + SLOTS;
const CHUNK_OF = COUNT + SLOTS;
const WORDS = CHUNK_OF + SLOTS;

const FREE = 0;
const FULL = 1;

/** What another thread is told at its start. */
interface Order extends Wanted {
  readonly root: string;
  readonly pids: Int32Array;
  readonly control: Int32Array;
  readonly bytes: Uint8Array;
  readonly layout: {
    readonly CHUNK: number;
    readonly SLOTS: number;
    readonly SLOT: number;
    readonly HEAD: number;
    readonly STATE: number;
    readonly COUNT: number;
    readonly CHUNK_OF: number;
  };
}

/** Bytes before those of a file: a place in {@linkcode REASONS}, and how many there are. */
const HEAD = 5;
const REASONS = [undefined, Failure.GONE, Failure.DENIED, Failure.OTHER];

/**
 * Begins to read what is wanted of these processes, partly in another thread, which ends with the {@linkcode Ahead}. It
 * takes some 70 ms and 16 MB to start one, so it is worth it for thousands of processes only.
 */
export function readAhead(files: ProcFiles, pids: readonly number[], wanted: Wanted): Ahead {
  const control = new Int32Array(new SharedArrayBuffer(4 * WORDS));
  const shared = new Uint8Array(new SharedArrayBuffer(SLOTS * SLOT));
  const layout = { CHUNK, SLOTS, SLOT, HEAD, STATE, COUNT, CHUNK_OF };
  const order: Order = {
    root: files.root,
    ...wanted,
    pids: Int32Array.from(pids),
    control,
    bytes: shared,
    layout,
  };
  const worker = start(order);

  const chunk = new Uint8Array(SLOT);
  const view = new DataView(chunk.buffer);
  const names = [...wanted.files, ...wanted.links];
  const places = new Map(names.map((name, place) => [name, place]));
  /** Where the files of the process that is had begin in the chunk; -1 where they are not there, or were had. */
  const starts = new Int32Array(names.length).fill(-1);
  let folder = "";

  const take = (path: string): Uint8Array | Failure | undefined => {
    if (folder === "" || !path.startsWith(folder)) return undefined;
    const place = places.get(path.slice(folder.length));
    const start = place === undefined ? -1 : starts[place]!;
    if (start < 0) return undefined;
    starts[place!] = -1;
    const length = view.getUint32(start + 1, true);
    return REASONS[chunk[start]!] ?? chunk.subarray(start + HEAD, start + HEAD + length);
  };

  const chunks = Math.ceil(pids.length / CHUNK);
  const missing = new Set(Array.from({ length: chunks }, (_, index) => index));
  const members = (index: number) => pids.slice(index * CHUNK, (index + 1) * CHUNK);
  function* had(slot: number) {
    const count = control[COUNT + slot]!;
    const index = control[CHUNK_OF + slot]!;
    chunk.set(shared.subarray(slot * SLOT, (slot + 1) * SLOT));
    Atomics.store(control, STATE + slot, FREE);
    Atomics.notify(control, STATE + slot);
    missing.delete(index);
    let at = 0;
    for (const [number, pid] of members(index).entries()) {
      if (number < count) {
        folder = `${pid}/`;
        for (let place = 0; place < names.length; place++) {
          starts[place] = at;
          at += HEAD + view.getUint32(at + 1, true);
        }
      }
      yield pid;
      folder = "";
    }
  }
  function* all() {
    for (let slot = 0; missing.size > 0;) {
      if (Atomics.load(control, STATE + slot) === FULL) {
        yield* had(slot);
        slot = (slot + 1) % SLOTS;
        continue;
      }
      const index = Atomics.add(control, NEXT, 1);
      if (index < chunks) {
        missing.delete(index);
        yield* members(index);
      } else if (Atomics.wait(control, STATE + slot, FREE, PATIENCE) === "timed-out") {
        for (const index of missing) yield* members(index);
        return;
      }
    }
  }

  return {
    files: {
      ...files,
      read: (path) => take(path) ?? files.read(path),
      link(path) {
        const bytes = take(path);
        return bytes === undefined
          ? files.link(path)
          : bytes instanceof Failure
          ? bytes
          : decode(bytes);
      },
    },
    pids: all(),
    [Symbol.dispose]() {
      control[NEXT] = chunks;
      for (let slot = 0; slot < SLOTS; slot++) {
        Atomics.store(control, STATE + slot, FREE);
        Atomics.notify(control, STATE + slot);
      }
      worker?.terminate();
    },
  };
}

/** Starts the other thread; a host that has none to spare is read without. */
function start(order: Order): Worker | undefined {
  try {
    const worker = new Worker(SOURCE, { type: "module" });
    worker.addEventListener("error", (event) => event.preventDefault());
    worker.postMessage(order);
    return worker;
  } catch {
    return undefined;
  }
}

/** Is run in the other thread, where nothing else of this module is to be had. */
function serve(
  { root, files, links, pids, control, bytes, layout }: Order,
  fs: {
    openSync: typeof openSync;
    readSync: typeof readSync;
    closeSync: typeof closeSync;
    readlinkSync: typeof readlinkSync;
  },
): void {
  const { CHUNK, SLOTS, SLOT, HEAD, STATE, COUNT, CHUNK_OF } = layout;
  const encoder = new TextEncoder();
  const buffer = new Uint8Array(SLOT);
  const view = new DataView(buffer.buffer);
  let at = 0;
  /** Writes what was read behind the rest; false where there is no room. */
  const attempt = (read: (from: number) => number): boolean => {
    let reason = 0;
    let length = 0;
    const from = at + HEAD;
    if (from >= SLOT) return false;
    try {
      length = read(from);
    } catch (error) {
      const code = (error as { code?: string }).code;
      reason = code === "ENOENT" || code === "ESRCH"
        ? 1
        : code === "EACCES" || code === "EPERM"
        ? 2
        : 3;
    }
    // Of what fills the room there may be more.
    if (from + length >= SLOT) return false;
    buffer[at] = reason;
    view.setUint32(at + 1, length, true);
    at = from + length;
    return true;
  };
  const readFile = (path: string) => (from: number) => {
    const file = fs.openSync(path, "r");
    try {
      return fs.readSync(file, buffer, from, SLOT - from, null);
    } finally {
      fs.closeSync(file);
    }
  };
  const readLink = (path: string) => (from: number) => {
    const target = fs.readlinkSync(path);
    const { read, written } = encoder.encodeInto(target, buffer.subarray(from));
    return read === target.length ? written : SLOT;
  };

  for (let slot = 0;; slot = (slot + 1) % SLOTS) {
    while (Atomics.load(control, STATE + slot) !== 0) Atomics.wait(control, STATE + slot, 1);
    const index = Atomics.add(control, 0, 1);
    const chunk = pids.subarray(index * CHUNK, (index + 1) * CHUNK);
    if (chunk.length === 0) return;
    at = 0;
    let count = 0;
    for (const pid of chunk) {
      const fits = files.every((name) => attempt(readFile(`${root}/${pid}/${name}`))) &&
        links.every((name) => attempt(readLink(`${root}/${pid}/${name}`)));
      if (!fits) break;
      count++;
    }
    bytes.set(buffer.subarray(0, at), slot * SLOT);
    control[COUNT + slot] = count;
    control[CHUNK_OF + slot] = index;
    Atomics.store(control, STATE + slot, 1);
    Atomics.notify(control, STATE + slot);
  }
}

/** A module that a worker reads from a file would have to be readable for the collector; this one travels in its URL. */
const SOURCE = "data:text/javascript," + encodeURIComponent(
  `import * as fs from "node:fs"; onmessage = ({ data }) => { (${serve})(data, fs); close(); };`,
);
