import { closeSync, openSync, readdirSync, readSync } from "node:fs";
import { decode } from "../proc/files.ts";

const buffer = new Uint8Array(4096);

/** What a file of /sys says, one page at most, without the line break; `undefined` where it cannot be read. */
export function textIn(path: string): string | undefined {
  try {
    const file = openSync(path, "r");
    try {
      return decode(buffer.subarray(0, readSync(file, buffer, 0, buffer.length, null))).trimEnd();
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}

/** The whole number that a file of /sys says; `undefined` where it says none. */
export function numberIn(path: string): number | undefined {
  const text = textIn(path);
  return text !== undefined && /^-?\d{1,18}$/.test(text) ? Number(text) : undefined;
}

/** Names in a folder of /sys that a pattern fits, ordered; none where there is no such folder. */
export function namesIn(path: string, pattern: RegExp): string[] {
  try {
    return readdirSync(path).filter((name) => pattern.test(name)).sort();
  } catch {
    return [];
  }
}
