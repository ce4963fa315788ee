import { createHash } from "node:crypto";
import { type MatchedRule, MAX_STRINGS } from "../../dialect/yara/types.ts";
import { readRuleHeads, type RuleHead } from "../../dialect/yara/rule_heads.ts";
import type { Resource } from "../../model/collection.ts";
import type { Cell } from "../../schema/batch.ts";
import type { CollectorContext, Reading } from "../core/collector.ts";
import type { TaskMessage } from "../core/messages.ts";
import { createContentCache } from "../files/content_cache.ts";
import { CACHE, MAX_SCANNED } from "./limits.ts";
import { type OpenFile, openTargets, type Target } from "./targets.ts";
import { createScanner, type Scanner } from "./yara/scanner.ts";

/** Ms that one file may take. */
const MAX_TIME = 10_000;

/** Bytes of a string that are shown. */
const MAX_DATA = 256;

/** What is told of a rule that a file matches, whatever the file is called. */
type Match = Readonly<Record<string, Cell>>;

/** What was found in a content by the rules of a digest, and when. */
interface Known {
  readonly matches: readonly Match[];
  readonly time: number;
}

const known = createContentCache<ReadonlyMap<string, Known>>(CACHE);

/** Files that could not be scanned are asked for again alone, and would take the same time again. */
const failures = new Map<string, { readonly reason: string; readonly until: number }>();
const FAILURE_TTL = 60_000;
const MAX_FAILURES = 1000;

let scanner: Scanner | undefined;

/** The rows of the files that a task means: one for each rule that a file matches. */
export async function* matchRules(
  { keys, resources = [] }: TaskMessage,
  context: CollectorContext,
): AsyncIterable<Reading> {
  const heads = resources.map(({ text }) =>
    new Map(readRuleHeads(text).map((head) => [head.name, head]))
  );
  const digest = createHash("sha256").update(JSON.stringify(resources)).digest("hex");
  for (const target of openTargets(keys, context)) {
    const { pid, process_key, path, file } = target;
    const found = typeof file === "string"
      ? `it cannot be opened (${file})`
      : await scan(target, file, { resources, heads, digest }, context);
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
          ...match,
          scan_time: found.time,
        },
      };
    }
  }
}

/** Rules, what stands at their heads, and their digest. */
interface Rules {
  readonly resources: readonly Resource[];
  readonly heads: readonly ReadonlyMap<string, RuleHead>[];
  readonly digest: string;
}

/** What rules find in a file; why that cannot be told, in words. */
async function scan(
  { process_key, path }: Target,
  file: OpenFile,
  { resources, heads, digest }: Rules,
  { deadline, filesRoot }: CollectorContext,
): Promise<Known | string> {
  const before = file.identity && known.get(file.identity);
  const scanned = before?.get(digest);
  if (scanned) return scanned;
  if (file.size > MAX_SCANNED) {
    return `it has ${file.size} bytes; at most ${MAX_SCANNED} are scanned`;
  }
  const name = JSON.stringify([process_key ?? path, file.size, file.modified, digest]);
  const failed = failures.get(name);
  if (failed && failed.until > performance.now()) return failed.reason;
  try {
    const bytes = readAll(file);
    const time = Date.now();
    const patience = Math.min(MAX_TIME, (deadline - performance.now()) / 2);
    scanner ??= createScanner(filesRoot !== undefined && filesRoot !== "/");
    const found = await scanner.scan(bytes, resources, patience);
    if (!file.isUnchanged()) return "it changed while it was read";
    const matches = found.flatMap((matched, index) =>
      matched.map((match) =>
        describe(match, heads[index]!.get(match.rule), resources[index]!, bytes)
      )
    );
    if (file.identity) {
      known.set(file.identity, new Map([...before ?? [], [digest, { matches, time }]]));
    }
    return { matches, time };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    failures.set(name, { reason, until: performance.now() + FAILURE_TTL });
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

function describe(
  { rule, count, strings }: MatchedRule,
  head: RuleHead | undefined,
  { name }: Resource,
  bytes: Uint8Array,
): Match {
  const meta = head?.meta ?? {};
  const text = (key: string) => meta[key] === undefined ? null : String(meta[key]);
  return {
    rule_name: rule,
    rule_namespace: name,
    rule_category: text("category") ?? head?.tags[0] ?? null,
    rule_severity: text("severity"),
    match_count: count,
    match_strings: JSON.stringify(
      strings.slice(0, MAX_STRINGS).map(({ identifier, offset, length }) => ({
        identifier,
        offset,
        length,
        data: escapeBytes(bytes.subarray(offset, offset + Math.min(length, MAX_DATA))),
      })),
    ),
    rule_metadata: JSON.stringify(meta),
  };
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
