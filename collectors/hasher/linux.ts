import type { GapReason } from "../../schema/batch.ts";
import { type CollectorContext, defineCollector, type Reading } from "../core/collector.ts";
import type { TaskMessage } from "../core/messages.ts";
import { runCollector } from "../core/runtime.ts";
import { Failure, openProcFiles } from "../proc/files.ts";
import { beginDigest, CHUNK, digest } from "./digest.ts";
import { findExecutable, identityOf, isFaithful, type StandingFiles } from "./executable_file.ts";
import { createFoundFiles, type Held, isUnchanged } from "./found_files.ts";
import { hasher } from "./mod.ts";

/** Bytes of one file that are hashed at most. */
const MAX_FILE = 2 ** 31;

const found = createFoundFiles();

function* collect(task: TaskMessage, context: CollectorContext): Iterable<Reading> {
  const keys = task.keys?.values?.map(String) ?? [];
  if (task.table === "executable_files") yield* findFiles(keys, context);
  else yield* hashFiles(keys, context, task.thrifty ? CHUNK.thrifty : CHUNK.usual);
}

/** Finds the file of each process; the key is its `process_key`. */
function* findFiles(keys: readonly string[], { procRoot }: CollectorContext): Iterable<Reading> {
  found.begin();
  const files = openProcFiles(procRoot);
  const faithful = new Map<bigint, boolean>();
  const seen: StandingFiles = new Map();
  for (const process_key of keys) {
    const [, pid, starttime] = process_key.split(":");
    const executable = findExecutable(files, Number(pid), Number(starttime), seen);
    if (executable instanceof Failure) {
      const reason = executable.reason === "gone" ? "not_collected" : executable.reason;
      yield { row: { process_key }, gaps: { identity: reason, file_exists: reason } };
      continue;
    }
    const { link, path, deleted, exists, stats } = executable;
    const gaps: Record<string, GapReason> = {};
    if (typeof exists === "string") gaps.file_exists = exists;
    let identity: string | null = null;
    let cacheable = false;
    if (typeof stats === "string") gaps.identity = stats;
    else if (stats.isFile()) {
      identity = identityOf(stats);
      found.hold(identity, link, stats);
      cacheable = faithful.get(stats.dev) ?? isFaithful(link);
      faithful.set(stats.dev, cacheable);
    }
    yield {
      row: {
        process_key,
        identity,
        cacheable,
        executable_path: path,
        executable_deleted: deleted,
        file_exists: typeof exists === "boolean" ? exists : null,
      },
      gaps,
    };
  }
}

/** Hashes files that were found lately; small ones first, so that one giant does not use up the time of all. */
function* hashFiles(
  keys: readonly string[],
  { deadline }: CollectorContext,
  chunk: number,
): Iterable<Reading> {
  const size = (identity: string) => Number(found.get(identity)?.stats.size ?? 0);
  for (const identity of keys.toSorted((one, other) => size(one) - size(other))) {
    const held = found.get(identity);
    const outcome = held ? hash(held, deadline, chunk) : { missing: "not_collected" as const };
    yield "missing" in outcome
      ? { row: { identity, hash: null }, gaps: { hash: outcome.missing } }
      : { row: { identity, hash: outcome.hash } };
  }
}

type HashOutcome = { readonly hash: string } | { readonly missing: GapReason };

/** Hashes an open file, or goes on with it; what changes while it is read has no hash. */
function hash(held: Held, deadline: number, chunk: number): HashOutcome {
  const { file, stats, progress = beginDigest() } = held;
  if (stats.size > MAX_FILE) return { missing: "budget" };
  held.progress = undefined;
  try {
    const hash = digest(file, deadline, undefined, chunk, progress);
    if (!isUnchanged(file, stats)) return { missing: "not_collected" };
    if (hash !== undefined) return { hash };
    held.progress = progress;
    return { missing: "deadline" };
  } catch {
    return { missing: "not_collected" };
  }
}

if (import.meta.main) await runCollector(defineCollector({ ...hasher, collect }));
