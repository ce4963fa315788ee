import { closeSync, openSync, readSync } from "node:fs";
import { decode, Failure, failure, type ProcFiles } from "./files.ts";

const NEWLINE = 0x0a;
const buffer = new Uint8Array(65_536);

/**
 * Hands out a file of any length line by line, without the line breaks, as the kernel hands it out piece by piece. What
 * follows the last line break is no line. Answers why the reading ended early; `undefined` where it did not.
 */
export function readLinesOf(
  { root }: Pick<ProcFiles, "root">,
  path: string,
  line: (text: string) => void,
): Failure | undefined {
  const file = attempt(() => openSync(`${root}/${path}`, "r"));
  if (file instanceof Failure) return file;
  try {
    for (let length = 0;;) {
      const count = attempt(() => readSync(file, buffer, length, buffer.length - length, null));
      if (count instanceof Failure) return count;
      length += count;
      if (count > 0 && length < buffer.length) continue;
      const end = buffer.subarray(0, length).lastIndexOf(NEWLINE);
      if (end >= 0) {
        for (const text of decode(buffer.subarray(0, end)).split("\n")) line(text);
        buffer.copyWithin(0, end + 1, length);
        length -= end + 1;
      }
      if (count === 0) return undefined;
      // The kernel writes no line as long as the buffer.
      if (length === buffer.length) return Failure.OTHER;
    }
  } finally {
    closeSync(file);
  }
}

function attempt<T>(what: () => T): T | Failure {
  try {
    return what();
  } catch (error) {
    return failure(error);
  }
}
