import { Buffer } from "node:buffer";
import { yara_matches } from "../../../profiles/yara_matches.ts";
import type { TaskKeys } from "../../../model/collection.ts";
import type { CollectorContext, Reading } from "../../core/collector.ts";
import { findExecutable } from "../../hasher/executable_file.ts";
import { type Memory, openMemory } from "../../memmond/pages.ts";
import { missing } from "../../memmond/rest.ts";
import { disclose, tellSecrets } from "../../memmond/secrecy.ts";
import { gapOf, openTargets, type Target } from "../../memmond/targets.ts";
import { PAGE } from "../../memmond/smaps.ts";
import { Failure } from "../../proc/files.ts";
import { MAX_SEARCHED } from "../limits.ts";
import { tryRules } from "./engine.ts";
import { describeMatches, type Place, type Rules } from "./rules.ts";

/**
 * Bytes of nothing before each piece of memory: as many as a regular expression of YARA reaches over (`YR_RE_SCAN_LIMIT`), so
 * that no text is found that begins in one piece and ends in another. They also keep what stands at the beginning of a
 * file, such as `uint32(0)`, from being taken from whatever page comes first. A run that falls into pieces takes no more
 * room for it, because it does so at pages that cannot be read.
 */
const APART = PAGE;

/** Bytes that are read at a time. */
const WINDOW = 2 ** 20;

/** Addresses without a break, and where they stand among what was gathered. */
export interface Piece {
  /** The first address. */
  readonly address: number;
  /** Where its byte stands. */
  readonly offset: number;
  /** How many bytes. */
  readonly length: number;
}

/**
 * The rows of the memory of processes that keys mean: one for each rule that it matches. Where not all of it could be
 * searched, the last row is of those that are missing: nothing is known of it but the process.
 *
 * It is this collector that opens the memory, and not memmond: it holds the same powers already, because it follows the
 * links of other users' processes, and it has the engine. memmond would need the right to run programs for that, and the
 * agent would have to carry memory from one to the other.
 */
export async function* matchMemory(
  keys: TaskKeys,
  rules: Rules,
  context: CollectorContext,
): AsyncIterable<Reading> {
  tellSecrets(context.secrets);
  for (const target of openTargets(keys, context)) {
    const { pid, process_key } = target.identity;
    const identity = { pid, process_key, file_path: pathOf(target), scan_target: "memory" };
    const opened = openMemory(target);
    if (opened === Failure.GONE) continue;
    if (opened instanceof Failure) {
      yield missing(yara_matches, identity, gapOf(opened));
      continue;
    }
    using memory = opened;
    const scan_time = Date.now();
    const { bytes, pieces } = gatherMemory(memory, MAX_SEARCHED, target.deadline);
    if (!target.isSame()) memory.lack("not_collected");
    try {
      const found = pieces.length === 0
        ? rules.resources.map(() => [])
        : await tryRules(bytes, rules.resources, context);
      for (const match of describeMatches(found, rules, secretIn(bytes, pieces))) {
        const row = { ...identity, ...match, scan_time };
        yield identity.file_path === null ? { row, gaps: { file_path: "not_collected" } } : { row };
      }
    } catch (error) {
      // No row would mean that no rule matches.
      const reason = error instanceof Error ? error.message : String(error);
      context.partial?.(`memory of process ${pid}: ${reason}`);
      continue;
    }
    const [gap] = memory.gaps;
    if (gap) yield missing(yara_matches, identity, gap);
  }
}

/** The path of the program, if that can be told. */
function pathOf({ files, identity: { pid, process_key } }: Target): string | null {
  const starttime = Number(process_key?.split(":").at(-1));
  const found = findExecutable(files, pid, starttime);
  return found instanceof Failure ? null : found.path;
}

/**
 * Copies what is in the memory of a process and no mere copy of a file, piece after piece, at most so many bytes; what is
 * left out is noted there. The process is not stopped for it.
 *
 * @param deadline ms as `performance.now()` counts
 */
export function gatherMemory(
  memory: Pick<Memory, "runs" | "read" | "isPresent" | "isAlive" | "lack">,
  most: number,
  deadline: number,
): { readonly bytes: Uint8Array<ArrayBuffer>; readonly pieces: readonly Piece[] } {
  const runs = [...memory.runs()];
  const needed = runs.reduce((sum, { start, end }) => sum + APART + end - start, 0);
  const buffer = Buffer.from(new ArrayBuffer(Math.min(needed, most)));
  const pieces: Piece[] = [];
  let length = 0;
  let stop: "budget" | "deadline" | undefined;
  for (const { start, end } of runs) {
    for (let address = start; address < end && !stop;) {
      const offset = length + APART;
      let at = address;
      while (at < end && !stop) {
        const wanted = Math.min(WINDOW, end - at);
        const room = buffer.length - offset - (at - address);
        if (room <= 0) stop = "budget";
        else if (performance.now() > deadline) stop = "deadline";
        else {
          const count = memory.read(
            buffer.subarray(offset + at - address).subarray(0, Math.min(wanted, room)),
            at,
          );
          if (count === 0) break;
          at += count;
        }
      }
      if (at > address) {
        pieces.push({ address, offset, length: at - address });
        length = offset + at - address;
      }
      if (at >= end || stop || !memory.isAlive()) break;
      // What was given back meanwhile is not memory of the process any more. What is still there cannot be read.
      if (memory.isPresent(at)) memory.lack("not_collected");
      address = (Math.floor(at / PAGE) + 1) * PAGE;
    }
    if (stop || !memory.isAlive()) break;
  }
  if (stop) memory.lack(stop);
  if (!memory.isAlive()) memory.lack("not_collected");
  return { bytes: new Uint8Array(buffer.buffer, 0, length), pieces };
}

/** Tells of places in memory what may be told: the address, and of what stands there enough to recognise it. */
function secretIn(
  bytes: Uint8Array<ArrayBuffer>,
  pieces: readonly Piece[],
): (offset: number, length: number) => Place | undefined {
  return (offset, length) => {
    const piece = pieceAt(pieces, offset);
    if (!piece || offset + length > piece.offset + piece.length) return undefined;
    const text = Buffer.from(bytes.buffer, offset, length).toString("latin1");
    return {
      offset: piece.address + offset - piece.offset,
      data: disclose(text, { kind: "secret" }),
    };
  };
}

/** The piece that a place among what was gathered lies in. */
function pieceAt(pieces: readonly Piece[], offset: number): Piece | undefined {
  let [low, high] = [0, pieces.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (pieces[middle]!.offset + pieces[middle]!.length <= offset) low = middle + 1;
    else high = middle;
  }
  const found = pieces[low];
  return found && found.offset <= offset ? found : undefined;
}
