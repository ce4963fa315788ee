/** What happens to files, as `file_events` names it. */
export type FileEventType = "create" | "modify" | "delete" | "access" | "move" | "attrib";

/** What the reader says, a line of JSON each. A path has a character for each of its bytes. */
export type Said =
  /** First: the process for which all of this is done, and files of whose descendants are not told. */
  | { readonly said: "hello"; readonly agent: number }
  /** What comes next is of the places that were asked for by this number. */
  | { readonly said: "asked"; readonly number: number }
  /** Events were lost: how many, as far as that is known, and why. */
  | { readonly said: "lost"; readonly count: number; readonly reason: string }
  | FileHappening;

/** Something that happened to a file. */
export interface FileHappening {
  /** Tells it from what else is said. */
  readonly said: "event";
  /** When it was read, ms since the epoch. */
  readonly at: number;
  /** What happened, in the order in which it can have. */
  readonly types: readonly FileEventType[];
  /** The process that did it; 0 where it is not one of the host's. */
  readonly pid: number;
  /** The path; after a move the new one. */
  readonly path: string;
  /** The path before a move. */
  readonly old?: string;
  /** The program that the process ran last, where that was told, too. */
  readonly program?: string;
  /** When the process started, in clock ticks since the start of the host, where it was there to be asked. */
  readonly start?: number;
  /** The file right after: what `parseStatx` reads, in base64; absent where it is gone. */
  readonly status?: string;
  /** How often the inode was reused, where the filesystem says so in the handle of the file. */
  readonly generation?: number;
}

/** What the reader is asked, a line of JSON each. */
export interface Asked {
  /** Counts what was asked. */
  readonly number: number;
  /** Places to be told of; none if empty. A path has a character for each of its bytes. */
  readonly paths: readonly string[];
  /** Whether to tell of programs that are started, too. */
  readonly access: boolean;
}
