import { decode, Failure, MAX_FILE } from "../proc/files.ts";
import { type Library, text } from "./library.ts";
import { parseStatx, type Statx, STATX_MASK, STATX_SIZE } from "./statx.ts";

/** An entry of a folder. */
export interface Entry {
  /** Its name, with a zero byte at its end. */
  readonly name: Uint8Array<ArrayBuffer>;
  /** Its name as text; U+FFFD for bytes that are not UTF-8. */
  readonly text: string;
  /** Whether it is a folder; `undefined` where the filesystem does not say. */
  readonly folder: boolean | undefined;
}

/** The host's files. A file that is open by `find` or `enter` can be looked at, not read, and nothing has happened to it. */
export interface HostFiles extends Disposable {
  /** Opens what a path of the host leads to, without following its last link. No link leads out of the host's root. */
  find(path: string): number | Failure;
  /** Opens an entry of a folder that is open, without following it. */
  enter(folder: number, name: Uint8Array<ArrayBuffer>): number | Failure;
  /** What the kernel tells of an open file, or of an entry of an open folder. */
  stat(file: number, name?: Uint8Array<ArrayBuffer>): Statx | Failure;
  /** The entries of an open folder. Ends early where it cannot be read on, with the reason. */
  entries(folder: number): Generator<Entry, Failure | undefined>;
  /** Opens an open regular file or folder for reading. Never waits for anybody, and leaves its times alone if it may. */
  open(file: number, folder?: boolean): number | Failure;
  /** Reads an open file from a place on. Throws `Error` where that fails. */
  read(file: number, into: Uint8Array, at: number): number;
  /** What a file of the host holds, at most so many bytes. */
  content(path: string, most: number): Uint8Array | Failure;
  /** `mountinfo` of this process, whose mounts are those that {@linkcode Statx.mount} means. */
  ownMounts(): Uint8Array | Failure;
  /** Where an open link points. */
  target(link: number): string | Failure;
  /** The names of the extended attributes of an open file. */
  attributeNames(file: number): readonly string[] | Failure;
  /** An extended attribute of an open file. */
  attribute(file: number, name: string): Uint8Array | Failure;
  /** A number that the kernel answers to a request about a file that is open for reading (`FS_IOC_*`). */
  ask(file: number, request: bigint): number | Failure;
  /** Closes a file. */
  close(file: number): void;
}

const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;
const O_NOATIME = 0o1000000;
const O_PATH = 0o10000000;
// These two differ between the architectures that Deno runs on (asm/fcntl.h).
const [O_DIRECTORY, O_NOFOLLOW] = Deno.build.arch === "aarch64"
  ? [0o40000, 0o100000]
  : [0o200000, 0o400000];

const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_NO_AUTOMOUNT = 0x800;
const AT_EMPTY_PATH = 0x1000;

const SYS_OPENAT2 = 437n;
const RESOLVE_NO_MAGICLINKS = 0x02n;
const RESOLVE_IN_ROOT = 0x10n;

const DT_UNKNOWN = 0;
const DT_DIR = 4;

/** Bytes of names that a folder hands out at a time. */
const PAGE = 32_768;
/** The kernel keeps neither a longer list of attributes nor a longer attribute. */
const MAX_ATTRIBUTE = 65_536;

/** Opens the host's files, which stand in this folder. Throws `Error` where there is none. */
export function openHostFiles(library: Library, folder: string): HostFiles {
  const { calls, failure } = library;
  const root = calls.open(text(folder), O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
  if (root < 0) throw new Error(`${folder} cannot be opened`);
  const nothing = text("");
  const statBuffer = new Uint8Array(STATX_SIZE);
  const statView = new DataView(statBuffer.buffer);
  const buffer = new Uint8Array(MAX_ATTRIBUTE);
  const looking = O_PATH | O_NOFOLLOW | O_CLOEXEC;
  /** `struct open_how` of openat2(2). */
  const how = new BigUint64Array([
    BigInt(looking),
    0n,
    RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
  ]);
  const size = BigInt(how.byteLength);
  const own = (file: number) => text(`/proc/self/fd/${file}`);
  const result = (value: number) => value < 0 ? failure() : value;
  const bytes = (count: number | bigint) => count < 0 ? failure() : buffer.slice(0, Number(count));

  const files: HostFiles = {
    find: (path) =>
      result(
        Number(calls.syscall(SYS_OPENAT2, root, text(path), new Uint8Array(how.buffer), size)),
      ),
    enter: (folder, name) => result(calls.openat(folder, name, looking, 0)),
    stat(file, name = nothing) {
      const flags = AT_NO_AUTOMOUNT | (name === nothing ? AT_EMPTY_PATH : AT_SYMLINK_NOFOLLOW);
      return calls.statx(file, name, flags, STATX_MASK, statBuffer) < 0
        ? failure()
        : parseStatx(statView);
    },
    *entries(folder) {
      const file = files.open(folder, true);
      if (file instanceof Failure) return file;
      const page = new Uint8Array(PAGE);
      const view = new DataView(page.buffer);
      try {
        while (true) {
          const count = Number(calls.getdents64(file, page, BigInt(PAGE)));
          if (count < 0) return failure();
          if (count === 0) return undefined;
          // struct linux_dirent64: inode, offset, length, kind, name.
          for (let at = 0; at + 19 < count; at += view.getUint16(at + 16, true)) {
            const end = page.indexOf(0, at + 19);
            const kind = page[at + 18]!;
            const text = decode(page.subarray(at + 19, end));
            if (text === "." || text === "..") continue;
            yield {
              name: page.slice(at + 19, end + 1),
              text,
              folder: kind === DT_UNKNOWN ? undefined : kind === DT_DIR,
            };
          }
        }
      } finally {
        calls.close(file);
      }
    },
    open(file, folder = false) {
      const flags = O_NONBLOCK | O_CLOEXEC | (folder ? O_DIRECTORY : 0);
      const quiet = calls.open(own(file), flags | O_NOATIME, 0);
      return quiet >= 0 ? quiet : result(calls.open(own(file), flags, 0));
    },
    read(file, into, at) {
      const count = Number(
        calls.pread(file, into as Uint8Array<ArrayBuffer>, BigInt(into.length), BigInt(at)),
      );
      if (count < 0) throw new Error("it cannot be read");
      return count;
    },
    content(path, most) {
      const found = files.find(path);
      if (found instanceof Failure) return found;
      try {
        return readWhole(files, files.open(found), most);
      } finally {
        calls.close(found);
      }
    },
    ownMounts: () =>
      readWhole(files, result(calls.open(text("/proc/self/mountinfo"), O_CLOEXEC, 0)), MAX_FILE),
    target(link) {
      const target = bytes(calls.readlinkat(link, nothing, buffer, BigInt(buffer.length)));
      return target instanceof Failure ? target : decode(target);
    },
    attributeNames(file) {
      const names = bytes(calls.listxattr(own(file), buffer, BigInt(buffer.length)));
      return names instanceof Failure ? names : decode(names).split("\0").filter(Boolean);
    },
    attribute: (file, name) =>
      bytes(calls.getxattr(own(file), text(name), buffer, BigInt(buffer.length))),
    ask(file, request) {
      const answer = new Uint32Array(2);
      return calls.ioctl(file, request, new Uint8Array(answer.buffer)) < 0 ? failure() : answer[0]!;
    },
    close: (file) => void calls.close(file),
    [Symbol.dispose]() {
      calls.close(root);
      library[Symbol.dispose]();
    },
  };
  return files;
}

/** Reads a file to its end and closes it. */
function readWhole(
  { read, close }: HostFiles,
  file: number | Failure,
  most: number,
): Uint8Array | Failure {
  if (file instanceof Failure) return file;
  try {
    const whole = new Uint8Array(most);
    for (let length = 0; length < most;) {
      const count = read(file, whole.subarray(length), length);
      if (count === 0) return whole.subarray(0, length);
      length += count;
    }
    return Failure.TOO_BIG;
  } catch {
    return Failure.OTHER;
  } finally {
    close(file);
  }
}
