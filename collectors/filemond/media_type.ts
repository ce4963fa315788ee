import process from "node:process";
import { isBinary } from "./text_encoding.ts";

type Detect = (bytes: Uint8Array) => Promise<{ readonly mime: string } | undefined>;

let detect: Promise<Detect> | undefined;

/** Loads what knows formats, once it is needed. */
async function load(): Promise<Detect> {
  // A library below looks for its settings in the environment, which this process may not read. It gets an empty one.
  process.env = {};
  return (await import("file-type")).fileTypeFromBuffer;
}

/** Interpreters whose scripts have a media type of their own, by the beginning of their names. */
const SCRIPTS: readonly (readonly [string, string])[] = [
  ["python", "text/x-script.python"],
  ["perl", "text/x-perl"],
  ["ruby", "text/x-ruby"],
  ["php", "text/x-php"],
  ["node", "application/javascript"],
  ["awk", "text/x-awk"],
  ["", "text/x-shellscript"],
];

/**
 * The media type of a content, by its first bytes; `application/octet-stream` for what nothing is known of.
 *
 * @throws {Error} where the library that knows formats cannot be loaded
 */
export async function mediaTypeOf(head: Uint8Array): Promise<string> {
  if (head.length === 0) return "inode/x-empty";
  const known = await (detect ??= load());
  try {
    const found = await known(head);
    if (found) return found.mime;
  } catch {
    // What makes the library fail is no file of a format that it knows.
  }
  if (isBinary(head)) return "application/octet-stream";
  const line = /^#! *(?:\S*\/)?([^\s/]+)(?: +(?:-S +)?(\S+))?/.exec(
    String.fromCharCode(...head.subarray(0, 256)).split("\n", 1)[0]!,
  );
  if (!line) return "text/plain";
  const interpreter = line[1] === "env" ? line[2] ?? "" : line[1]!;
  return SCRIPTS.find(([name]) => interpreter.startsWith(name))![1];
}
