import { closeSync, openSync, readdirSync, readlinkSync, readSync } from "node:fs";
import type { GapReason } from "../../schema/batch.ts";

/** Why something of a process could not be read. */
export class Failure {
  private constructor(
    /** Why the value is missing; `gone` where the process, or what it had, is no more. */
    readonly reason: GapReason | "gone",
  ) {}

  /** The process has ended, or never had such a thing. */
  static readonly GONE = new Failure("gone");
  /** The kernel refuses. */
  static readonly DENIED = new Failure("denied");
  /** More than {@linkcode MAX_FILE} bytes. */
  static readonly TOO_BIG = new Failure("budget");
  /** Anything else. */
  static readonly OTHER = new Failure("not_collected");
}

/** Bytes of one file that are read at most. Arguments and environment together have 6 MB at most on Linux. */
export const MAX_FILE = 8 * 2 ** 20;

/** Reads files of the process tree through one buffer. */
export interface ProcFiles {
  /** Where the process tree stands. */
  readonly root: string;
  /**
   * The content of a file whose end a short read marks, as `stat`, `status`, `cmdline` and most others do. The bytes
   * are valid until the next read.
   */
  read(path: string): Uint8Array | Failure;
  /** The content of a file that the kernel hands out piece by piece, as `maps` and `mountinfo`. */
  readPieces(path: string): Uint8Array | Failure;
  /** Where a link leads. */
  link(path: string): string | Failure;
}

/** Makes a {@linkcode ProcFiles}; paths are relative to the root of the process tree. */
export function openProcFiles(root: string): ProcFiles {
  let buffer = new Uint8Array(65_536);

  const read = (path: string, untilEmpty: boolean): Uint8Array | Failure => {
    let file: number;
    try {
      file = openSync(`${root}/${path}`, "r");
    } catch (error) {
      return failure(error);
    }
    try {
      let length = 0;
      while (true) {
        if (length === buffer.length) {
          if (length >= MAX_FILE) return Failure.TOO_BIG;
          const larger = new Uint8Array(2 * length);
          larger.set(buffer);
          buffer = larger;
        }
        const count = readSync(file, buffer, length, buffer.length - length, null);
        length += count;
        if (count === 0 || (!untilEmpty && length < buffer.length)) break;
      }
      return buffer.subarray(0, length);
    } catch (error) {
      return failure(error);
    } finally {
      closeSync(file);
    }
  };

  return {
    root,
    read: (path) => read(path, false),
    readPieces: (path) => read(path, true),
    link(path) {
      try {
        return readlinkSync(`${root}/${path}`);
      } catch (error) {
        return failure(error);
      }
    },
  };
}

/** Names in one folder that are read at most. */
const MAX_NAMES = 65_536;

/** The names in a folder whose names are numbers, such as `fd` and `task`, in their order. */
export function listFolder(
  { root }: Pick<ProcFiles, "root">,
  path: string,
): readonly string[] | Failure {
  try {
    const names = readdirSync(`${root}/${path}`);
    if (names.length > MAX_NAMES) return Failure.TOO_BIG;
    return names.sort((one, other) => Number(one) - Number(other));
  } catch (error) {
    return failure(error);
  }
}

/** What an error of the operating system means for a value. */
export function failure(error: unknown): Failure {
  switch ((error as { readonly code?: string }).code) {
    case "ENOENT":
    case "ESRCH":
      return Failure.GONE;
    case "EACCES":
    case "EPERM":
      return Failure.DENIED;
    default:
      return Failure.OTHER;
  }
}

/** Decodes text of a host: U+FFFD for bytes that are not UTF-8. */
export function decode(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
