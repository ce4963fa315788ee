import type { FileHappening } from "../core/fanotify/told.ts";
import type { StatxStat } from "../core/fanotify/statx.ts";
import type { FileStat } from "../files/attributes.ts";

/** Something that happened to a file, as a source tells it. */
export interface Happening extends Pick<FileHappening, "at" | "types" | "path" | "old" | "start"> {
  /** The process that did it; absent where the source does not know. */
  readonly pid?: number;
  /** The program that it ran last, as far as the source knows. */
  readonly program?: string;
  /** The file right after; absent where it was gone. */
  readonly stat?: FileStat & Partial<Pick<StatxStat, "flags">>;
  /** How often the inode was reused. */
  readonly generation?: number;
}

/** Tells of files. Paths have a character for each of their bytes. */
export interface FileSource {
  /** Waits for what happens next. Throws `Error`, in words, where nothing will come any more. */
  next(): Promise<readonly Happening[]>;
  /** Ends it. */
  close(): void;
}
