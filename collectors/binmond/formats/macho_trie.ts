import { readLeb128 } from "./leb128.ts";
import { Exhausted, MAX_NAME, MAX_TEXT, type Source } from "./source.ts";

/** A name that an image gives. */
export interface Exported {
  /** The name. */
  readonly name: string;
  /** Where it stands, from the header of the image. */
  readonly address?: number;
  /** For one that is passed on: the number of the library that has it. */
  readonly library?: number;
}

/** `EXPORT_SYMBOL_FLAGS_REEXPORT`. */
const REEXPORT = 8;
/** Bytes of the tree at most. */
const MAX_TREE = 32 * 2 ** 20;
/** Nodes of the tree at most; there are fewer than two for each name. */
const MAX_NODES = 500_000;

/**
 * Walks the tree of names that the loader looks names up in. Each node is looked at once: a tree that leads back into
 * itself ends.
 */
export function* exportTrie(
  source: Source,
  offset: number,
  length: number,
): Iterable<Exported> {
  if (offset === 0) return;
  const tree = source.read(offset, Math.min(length, MAX_TREE));
  const seen = new Set([0]);
  const open = [{ at: 0, name: "" }];
  let text = MAX_TEXT;
  for (let node = open.pop(); node; node = open.pop()) {
    const { at, name } = node;
    const size = readLeb128(tree, at);
    if (!size) continue;
    if (size.value > 0) {
      const flags = readLeb128(tree, size.next);
      const number = flags && readLeb128(tree, flags.next);
      if (number && name) {
        text -= name.length;
        if (text < 0) throw new Exhausted("budget");
        yield flags.value & REEXPORT
          ? { name, library: number.value }
          : { name, address: number.value };
      }
    }
    let child = size.next + size.value;
    for (let left = tree[child++] ?? 0; left > 0; left--) {
      const edge = source.name(tree, child);
      const end = tree.indexOf(0, child);
      const next = end < 0 ? undefined : readLeb128(tree, end + 1);
      if (edge === undefined || !next) break;
      child = next.next;
      if (seen.has(next.value) || name.length + edge.length > MAX_NAME) continue;
      if (seen.size === MAX_NODES) throw new Exhausted("budget");
      seen.add(next.value);
      open.push({ at: next.value, name: name + edge });
    }
  }
}
