import type { TaskKeys } from "../../../model/collection.ts";
import type { CollectorContext, Reading } from "../../core/collector.ts";
import { createContentCache } from "../../files/content_cache.ts";
import { CACHE, MAX_SCANNED } from "../limits.ts";
import { type OpenFile, openTargets, type Target } from "../targets.ts";
import { patienceOf, tryRules } from "./engine.ts";
import { describeMatches, type Match, type Rules } from "./rules.ts";

/** Bytes of a string that are shown. */
const MAX_DATA = 256;

/** What was found in a content by the rules of a digest, and when. */
interface Known {
  readonly matches: readonly Match[];
  readonly time: number;
}

const known = createContentCache<ReadonlyMap<string, Known>>(CACHE);

/**
 * Files that could not be scanned are asked for again alone, and would take the same time again: unless there was hardly
 * any, and there is more now.
 */
const failures = new Map<
  string,
  { readonly reason: string; readonly patience: number; readonly until: number }
>();
/** How many times the time of before is more time. */
const MORE = 2;
const FAILURE_TTL = 60_000;
const MAX_FAILURES = 1000;

/** The rows of the files that keys mean: one for each rule that a file matches. */
export async function* matchFiles(
  keys: TaskKeys | undefined,
  rules: Rules,
  context: CollectorContext,
): AsyncIterable<Reading> {
  for (const target of openTargets(keys, context)) {
    const { pid, process_key, path, file } = target;
    const found = typeof file === "string"
      ? `it cannot be opened (${file})`
      : await scan(target, file, rules, context);
    if (typeof found === "string") {
      // No row would mean that no rule matches.
      context.partial?.(`${path ?? `process ${pid}`}: ${found}`);
      continue;
    }
    for (const match of found.matches) {
      yield {
        row: {
          pid: pid ?? null,
          process_key: process_key ?? null,
          file_path: path ?? null,
          scan_target: "file",
          ...match,
          scan_time: found.time,
        },
      };
    }
  }
}

/** What rules find in a file; why that cannot be told, in words. */
async function scan(
  { process_key, path }: Target,
  file: OpenFile,
  rules: Rules,
  context: CollectorContext,
): Promise<Known | string> {
  const before = file.identity && known.get(file.identity);
  const scanned = before?.get(rules.digest);
  if (scanned) return scanned;
  if (file.size > MAX_SCANNED) {
    return `it has ${file.size} bytes; at most ${MAX_SCANNED} are scanned`;
  }
  const name = JSON.stringify([process_key ?? path, file.size, file.modified, rules.digest]);
  const failed = failures.get(name);
  const patience = patienceOf(context);
  if (failed && failed.until > performance.now() && patience < MORE * failed.patience) {
    return failed.reason;
  }
  try {
    const bytes = readAll(file);
    const time = Date.now();
    const found = await tryRules(bytes, rules.resources, context, file);
    if (!file.isUnchanged()) return "it changed while it was read";
    const matches = describeMatches(found, rules, (offset, length) => ({
      offset,
      data: escapeBytes(bytes.subarray(offset, offset + Math.min(length, MAX_DATA))),
    }));
    if (file.identity) {
      known.set(file.identity, new Map([...before ?? [], [rules.digest, { matches, time }]]));
    }
    return { matches, time };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    failures.set(name, { reason, patience, until: performance.now() + FAILURE_TTL });
    if (failures.size > MAX_FAILURES) failures.delete(failures.keys().next().value!);
    return reason;
  }
}

function readAll({ size, readInto, checkTime }: OpenFile): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size;) {
    checkTime();
    const count = readInto(bytes.subarray(at, at + 2 ** 20), at);
    if (count === 0) return bytes.slice(0, at);
    at += count;
  }
  return bytes;
}

/** Bytes as `yara -s` shows them: ASCII, and everything else by its number. */
function escapeBytes(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    text += byte >= 0x20 && byte < 0x7f
      ? String.fromCharCode(byte)
      : `\\x${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return text;
}
