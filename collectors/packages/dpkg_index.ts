/** Which lists have a path that ends in a name, without the paths themselves. */
export interface NameIndex {
  /** Paths that were counted. */
  readonly paths: number;
  /** Numbers of the lists in which a path with this last part may stand; there may be too many, never too few. */
  listsWith(name: string): readonly number[];
}

/** Builds a {@linkcode NameIndex}. */
export interface NameIndexBuilder {
  /**
   * Takes the paths of the next list, one a line.
   *
   * @throws {RangeError} where there are more than {@linkcode MAX_PATHS} altogether
   */
  add(list: Uint8Array): void;
  /** The index; nothing can be added afterwards. */
  finish(): NameIndex;
}

/** Paths at most; a large desktop has 700,000. Each takes eight bytes. */
export const MAX_PATHS = 4_000_000;

const encoder = new TextEncoder();
/** More than there are lists: an entry is the hash of a name times this, and the number of its list. */
const LISTS = 2 ** 20;
const NEW_LINE = 10;
const SLASH = 47;
const BASIS = 0x811c_9dc5;
const PRIME = 0x0100_0193;

/** Makes a {@linkcode NameIndexBuilder}. */
export function buildNameIndex(): NameIndexBuilder {
  let entries = new Float64Array(65_536);
  let paths = 0;
  let lists = 0;
  const push = (hash: number) => {
    if (paths === MAX_PATHS) throw new RangeError(`more than ${MAX_PATHS} paths`);
    if (paths === entries.length) {
      const larger = new Float64Array(2 * paths);
      larger.set(entries);
      entries = larger;
    }
    entries[paths++] = (hash >>> 0) * LISTS + lists;
  };
  return {
    add(list) {
      if (lists === LISTS) throw new RangeError(`more than ${LISTS} lists`);
      let hash = BASIS;
      for (let at = 0; at < list.length; at++) {
        const byte = list[at]!;
        if (byte === NEW_LINE) {
          push(hash);
          hash = BASIS;
        } else if (byte === SLASH) hash = BASIS;
        else hash = Math.imul(hash ^ byte, PRIME);
      }
      if (list.length > 0 && list.at(-1) !== NEW_LINE) push(hash);
      lists++;
    },
    finish() {
      const sorted = entries.slice(0, paths).sort();
      return { paths, listsWith: (name) => find(sorted, hashOf(encoder.encode(name)) * LISTS) };
    },
  };
}

/** FNV-1a in 32 bits. */
function hashOf(name: Uint8Array): number {
  return name.reduce((hash, byte) => Math.imul(hash ^ byte, PRIME), BASIS) >>> 0;
}

function find(sorted: Float64Array, from: number): number[] {
  let low = 0;
  for (let high = sorted.length; low < high;) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < from) low = middle + 1;
    else high = middle;
  }
  const lists = new Set<number>();
  for (let at = low; at < sorted.length && sorted[at]! < from + LISTS; at++) {
    lists.add(sorted[at]! - from);
  }
  return [...lists];
}
