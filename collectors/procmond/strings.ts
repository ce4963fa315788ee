import { decode } from "../proc/files.ts";

const NUL = 0;

/** What `/proc/<pid>/cmdline` says. */
export interface Arguments {
  /** The arguments joined by spaces. */
  readonly command_line: string;
  /** The arguments one by one, as JSON. */
  readonly json: string;
}

/**
 * Reads `/proc/<pid>/cmdline`. A process may overwrite its arguments (setproctitle) and then leaves zeros behind, so
 * empty arguments at the end are not shown.
 */
export function parseArguments(bytes: Uint8Array): Arguments {
  const end = trimmedLength(bytes);
  if (end === 0) return { command_line: "", json: "[]" };
  const text = decode(bytes.subarray(0, end));
  return { command_line: text.replaceAll("\0", " "), json: JSON.stringify(text.split("\0")) };
}

/**
 * Reads the text of `/proc/<pid>/environ` into the JSON text of an object. The first of several entries with one name
 * wins, as getenv(3) has it; what is no assignment is left out.
 */
export function parseEnvironment(text: string): string {
  const variables: Record<string, string> = Object.create(null);
  for (const entry of text.split("\0")) {
    const equals = entry.indexOf("=");
    if (equals <= 0) continue;
    const name = entry.slice(0, equals);
    if (!(name in variables)) variables[name] = entry.slice(equals + 1);
  }
  return JSON.stringify(variables);
}

function trimmedLength(bytes: Uint8Array): number {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === NUL) end--;
  return end;
}
