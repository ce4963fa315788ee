import { type SqlValue, textOf } from "./text.ts";

/**
 * The last part of a path, trailing separators aside; NULL of NULL. A path that begins with `/` is a POSIX one, in
 * which a backslash is an ordinary character; any other path is split at both separators.
 */
export function basename(path: SqlValue): string | null {
  const text = textOf(path);
  if (text === null) return null;
  const { trimmed, cut } = split(text);
  return trimmed === "" ? text.slice(0, 1) : trimmed.slice(cut + 1);
}

/**
 * What stands before a path's last part, `.` where nothing does; NULL of NULL. Separators are those of
 * {@linkcode basename}; a root keeps its separator (`/`, `C:\`).
 */
export function dirname(path: SqlValue): string | null {
  const text = textOf(path);
  if (text === null) return null;
  const { trimmed, cut, separators } = split(text);
  if (trimmed === "") return text === "" ? "." : text.slice(0, 1);
  if (/^[A-Za-z]:$/.test(trimmed)) return text.slice(0, 3);
  if (cut < 0) return ".";
  const parent = trimEnd(trimmed.slice(0, cut), separators);
  if (parent === "" || /^[A-Za-z]:$/.test(parent)) return trimmed.slice(0, parent.length + 1);
  return parent;
}

/** The path without trailing separators, and where its last separator stands (-1: nowhere). */
function split(path: string): { trimmed: string; cut: number; separators: string } {
  const separators = path.startsWith("/") ? "/" : "/\\";
  const trimmed = trimEnd(path, separators);
  const slash = trimmed.lastIndexOf("/");
  const cut = separators === "/" ? slash : Math.max(slash, trimmed.lastIndexOf("\\"));
  return { trimmed, cut, separators };
}

function trimEnd(path: string, separators: string): string {
  let end = path.length;
  while (end > 0 && separators.includes(path[end - 1]!)) end--;
  return path.slice(0, end);
}
