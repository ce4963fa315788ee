/** A file or folder as the kernel names it: which filesystem, and `struct file_handle` (open_by_handle_at(2)). */
export interface FileHandle {
  /** Filesystem and handle as text, a character for each byte; equal for the same file only. */
  readonly key: string;
  /** The filesystem's id, a character for each byte. */
  readonly filesystem: string;
  /** `struct file_handle`. */
  readonly handle: Uint8Array<ArrayBuffer>;
}

/** A name in a folder. */
export interface Entry {
  /** The folder. */
  readonly folder: FileHandle;
  /** The name, a character for each byte; `.` for the folder itself. */
  readonly name: string;
}

/** Something that happened to a file (fanotify(7)). */
export interface FanotifyEvent {
  /** What happened: {@linkcode FAN}. Several things that one process did to one file may be told as one. */
  readonly mask: number;
  /** The process that did it, as the reader's process namespace counts; 0 where it is outside. */
  readonly pid: number;
  /** Where; absent where the kernel does not say, as of files that have no name any more. */
  readonly entry?: Entry;
  /** Where it was before it was moved. */
  readonly old?: Entry;
  /** The file itself. */
  readonly target?: FileHandle;
}

/** Events of linux/fanotify.h. */
export const FAN = {
  ATTRIB: 0x4,
  CLOSE_WRITE: 0x8,
  CREATE: 0x100,
  DELETE: 0x200,
  OPEN_EXEC: 0x1000,
  Q_OVERFLOW: 0x4000,
  RENAME: 0x1000_0000,
  ONDIR: 0x4000_0000,
} as const;

/** `FANOTIFY_METADATA_VERSION`. */
const VERSION = 3;
const HEADER = 24;
/** Header of an information record, id of the filesystem, `handle_bytes` and `handle_type`. */
const INFO_HEADER = 4;
const FSID = 8;
const HANDLE_HEADER = 8;

/** `FAN_EVENT_INFO_TYPE_*`. */
const FID = 1;
const DFID_NAME = 2;
const OLD_DFID_NAME = 10;
const NEW_DFID_NAME = 12;

/**
 * Reads what one read of a fanotify group gave (`struct fanotify_event_metadata` and the information records that follow
 * each). What is cut short, or of another version, ends the reading; records that are not known are left out.
 */
export function parseFanotify(bytes: Uint8Array): FanotifyEvent[] {
  const events: FanotifyEvent[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let start = 0; start + HEADER <= bytes.length;) {
    const length = view.getUint32(start, true);
    const isWhole = length >= HEADER && start + length <= bytes.length;
    if (!isWhole || bytes[start + 4] !== VERSION) break;
    const records = view.getUint16(start + 6, true);
    events.push({
      // No event lies beyond 32 bits; the first word is read without a sign.
      mask: view.getUint32(start + 8, true),
      pid: view.getInt32(start + 20, true),
      ...parseInfo(bytes, view, start + Math.max(HEADER, records), start + length),
    });
    start += length;
  }
  return events;
}

function parseInfo(
  bytes: Uint8Array,
  view: DataView,
  start: number,
  end: number,
): Pick<FanotifyEvent, "entry" | "old" | "target"> {
  const info: { entry?: Entry; old?: Entry; target?: FileHandle } = {};
  for (let at = start; at + INFO_HEADER <= end;) {
    const length = view.getUint16(at + 2, true);
    if (length < INFO_HEADER || at + length > end) break;
    const named = at + INFO_HEADER + FSID + HANDLE_HEADER <= at + length
      ? parseHandle(bytes, view, at + INFO_HEADER, at + length)
      : undefined;
    const type = bytes[at];
    if (named) {
      const { folder, name } = named;
      if (type === FID) info.target = folder;
      else if (name !== "" && (type === DFID_NAME || type === NEW_DFID_NAME)) info.entry = named;
      else if (name !== "" && type === OLD_DFID_NAME) info.old = { folder, name };
    }
    at += length;
  }
  return info;
}

/** A handle and the name after it, which ends with a zero byte. */
function parseHandle(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  end: number,
): Entry | undefined {
  const handle = at + FSID;
  const after = handle + HANDLE_HEADER + view.getUint32(handle, true);
  if (after > end) return undefined;
  const zero = bytes.subarray(after, end).indexOf(0);
  return {
    folder: {
      key: bytesToText(bytes.subarray(at, after)),
      filesystem: bytesToText(bytes.subarray(at, handle)),
      handle: bytes.slice(handle, after),
    },
    name: bytesToText(bytes.subarray(after, zero < 0 ? end : after + zero)),
  };
}

/** Arguments that a function may have. */
const MAX_ARGUMENTS = 4096;

/** Text with a character for each byte: names of files are any bytes, and none may be lost. */
export function bytesToText(bytes: Uint8Array): string {
  if (bytes.length <= MAX_ARGUMENTS) return String.fromCharCode(...bytes);
  return bytesToText(bytes.subarray(0, MAX_ARGUMENTS)) + bytesToText(bytes.subarray(MAX_ARGUMENTS));
}

/** The bytes of {@linkcode bytesToText}. */
export function textToBytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
