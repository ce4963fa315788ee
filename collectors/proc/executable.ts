/** What the link `/proc/<pid>/exe` says. */
export interface ExecutableLink {
  /** The file's path, without the mark. */
  readonly path: string;
  /** Whether the kernel marks the file as one without a name. */
  readonly deleted: boolean;
}

/** What the kernel appends, once, to the name of a file that has lost it. */
export const DELETED_MARK = " (deleted)";

/**
 * Reads the text of the link. A file that is really called `x (deleted)` looks the same as a deleted `x`; only who can
 * open files can tell them apart.
 */
export function parseExecutableLink(text: string): ExecutableLink {
  const deleted = text.endsWith(DELETED_MARK);
  return { path: deleted ? text.slice(0, -DELETED_MARK.length) : text, deleted };
}
