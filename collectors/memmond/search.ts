import { Buffer } from "node:buffer";
import { MAX_SEARCHED } from "./limits.ts";
import type { Memory, Run } from "./pages.ts";
import { PAGE } from "./smaps.ts";

/** Something that is searched for. */
export interface Finder {
  /**
   * The next match at a place or after it, in bytes as characters, each of its own code from 0 to 255. An empty text is none.
   */
  find(text: string, from: number): { readonly start: number; readonly end: number } | undefined;
}

/** A text that was found. */
export interface Found<F extends Finder> {
  /** What found it. */
  readonly finder: F;
  /** Its bytes as characters. */
  readonly text: string;
  /** Where it begins. */
  readonly address: number;
  /** The bytes before it, a few. */
  readonly before: string;
}

/** Sizes in bytes; see {@linkcode searchRun}. */
export interface SearchSizes {
  /** What is searched at a time. */
  readonly window: number;
  /** How long a text may be that is surely found whole, wherever a window ends. */
  readonly overlap: number;
}

/** The sizes in force: keys of 16,384 bits fit into the overlap. */
export const SEARCH_SIZES: SearchSizes = { window: 2 ** 20, overlap: 2 ** 14 };

/** Bytes before a place that a pattern may look at: it does not know where windows begin. */
const BEFORE = 64;

/** How many bytes of a process may be searched yet, and until when; `spend` takes of them. */
export interface Allowance {
  /** Takes bytes; `undefined` where they may be read, else why not. */
  spend(bytes: number): "budget" | "deadline" | undefined;
}

/** What may be searched: of one process until a time, and of all of a task together, which `task` counts down. */
export function createAllowance(deadline: number, task: { left: number }): Allowance {
  let left: number = MAX_SEARCHED.process;
  return {
    spend(bytes) {
      left -= bytes;
      task.left -= bytes;
      if (left < 0 || task.left < 0) return "budget";
      return performance.now() > deadline ? "deadline" : undefined;
    },
  };
}

/** A finder for a native expression with the flag `g`. */
export function nativeFinder(regexp: RegExp): Finder {
  return {
    find(text, from) {
      regexp.lastIndex = from;
      for (let match = regexp.exec(text); match; match = regexp.exec(text)) {
        if (match[0]) return { start: match.index, end: regexp.lastIndex };
        regexp.lastIndex++;
      }
      return undefined;
    },
  };
}

/** How a finder gets along without trying each place: around something rare that each match holds. */
export interface Anchor {
  /** What each match holds, with the flag `g`: the first of it in the match, or the last that it may end with. */
  readonly at: RegExp;
  /** The characters that may stand in the match before it, and how many. */
  readonly before: readonly [characters: RegExp, most: number];
  /** The characters that may stand in the match from there on, and how many. */
  readonly after: readonly [characters: RegExp, most: number];
}

/** A finder that finds what {@linkcode nativeFinder} finds, many times faster where the anchor is rare. */
export function anchoredFinder(regexp: RegExp, { at, before, after }: Anchor): Finder {
  const [isBefore, isAfter] = [setOf(before[0]), setOf(after[0])];
  return {
    find(text, from) {
      at.lastIndex = from;
      for (let anchor = at.exec(text); anchor; anchor = at.exec(text)) {
        const place = anchor.index;
        let start = place;
        const first = Math.max(from, place - before[1]);
        while (start > first && isBefore[text.charCodeAt(start - 1)]) start--;
        let end = place + 1;
        const last = Math.min(text.length, place + after[1]);
        while (end < last && isAfter[text.charCodeAt(end)]) end++;
        // One character more on each side tells where words begin and end.
        const cut = Math.max(0, start - 1);
        regexp.lastIndex = start - cut;
        const match = regexp.exec(text.slice(cut, end + 1));
        if (match && cut + match.index <= place) {
          return { start: cut + match.index, end: cut + match.index + match[0].length };
        }
        at.lastIndex = place + 1;
      }
      return undefined;
    },
  };
}

/** Which of the 256 characters that bytes are belong to a class. */
function setOf(characters: RegExp): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, code) => +characters.test(String.fromCharCode(code)));
}

/** Searches everything in the memory of a process; what is left out is noted there. */
export function* searchMemory<F extends Finder>(
  memory: Memory,
  finders: readonly F[],
  allowance: Allowance,
  sizes: SearchSizes = SEARCH_SIZES,
): Iterable<Found<F>> {
  for (const run of memory.runs()) {
    for (let { start } = run; start < run.end;) {
      const state = { at: start };
      yield* searchRun(memory, { start, end: run.end }, finders, allowance, sizes, state);
      if (state.at >= run.end) break;
      const stop = allowance.spend(0);
      if (stop) return memory.lack(stop);
      if (!memory.isAlive()) break;
      // What was given back meanwhile is not memory of the process any more. What is still there cannot be read.
      if (memory.isPresent(state.at)) memory.lack("not_collected");
      start = (Math.floor(state.at / PAGE) + 1) * PAGE;
    }
  }
  if (!memory.isAlive()) memory.lack("not_collected");
}

let buffer = Buffer.alloc(0);

/**
 * Searches addresses window by window. Windows overlap: a text that begins in the last part of one is searched for in the
 * next, which begins with that part. So each finder finds what it would find in the whole, as long as a text is no longer
 * than the overlap.
 *
 * @param state is told up to where it could be read
 */
export function* searchRun<F extends Finder>(
  { read }: Pick<Memory, "read">,
  { start, end }: Run,
  finders: readonly F[],
  allowance: Allowance,
  { window, overlap }: SearchSizes,
  state: { at: number },
): Iterable<Found<F>> {
  const size = BEFORE + overlap + window;
  if (buffer.length < size) buffer = Buffer.alloc(size);
  const ends = finders.map(() => start);
  /** Address of the first byte in the buffer, and how many are there. */
  let base = start;
  let kept = 0;
  let from = 0;
  for (let last = false; !last;) {
    const wanted = Math.min(window, end - base - kept);
    const count = allowance.spend(0) ? 0 : read(buffer.subarray(kept, kept + wanted), base + kept);
    allowance.spend(count);
    const length = kept + count;
    state.at = base + length;
    last = count < wanted || state.at >= end;
    const text = buffer.toString("latin1", 0, length);
    const limit = last ? length : Math.max(from, length - overlap);
    for (const [index, finder] of finders.entries()) {
      for (let at = Math.max(from, ends[index]! - base); at < limit;) {
        const match = finder.find(text, at);
        if (!match || match.start >= limit) break;
        at = match.end;
        ends[index] = base + match.end;
        yield {
          finder,
          text: text.slice(match.start, match.end),
          address: base + match.start,
          before: text.slice(Math.max(0, match.start - BEFORE), match.start),
        };
        if (allowance.spend(0)) {
          state.at = base + match.start;
          return;
        }
      }
    }
    const cut = Math.max(0, limit - BEFORE);
    buffer.copyWithin(0, cut, length);
    base += cut;
    kept = length - cut;
    from = limit - cut;
  }
}
