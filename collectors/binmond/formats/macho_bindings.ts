import { fieldsOf } from "./fields.ts";
import { readLeb128 } from "./leb128.ts";
import type { MachO } from "./macho.ts";
import { MAX_TABLE } from "./types.ts";
import { Exhausted, type Source } from "./source.ts";

/** A name that the loader is to find. */
export interface Binding {
  /** The name. */
  readonly name: string;
  /** The number of its library, from 1; others mean no certain one. */
  readonly library: number;
}

/** Bytes of instructions at most. */
const MAX_CODE = 16 * 2 ** 20;

/** Instructions of the loader that matter here (`BIND_OPCODE_*` of mach-o/loader.h), and those with numbers behind them. */
const DONE = 0x00, LIBRARY = 0x10, LIBRARY_LONG = 0x20, LIBRARY_SPECIAL = 0x30, SYMBOL = 0x40;
const THREADED = 0xd0;
const NUMBERS: Readonly<Record<number, number>> = {
  0x60: 1,
  0x70: 1,
  0x80: 1,
  0xa0: 1,
  0xc0: 2,
};
/** Instructions that bind. */
const BINDS: ReadonlySet<number> = new Set([0x90, 0xa0, 0xb0, 0xc0]);

/** Runs the instructions that bind names; of lazy ones each ends with `DONE`, of others all. */
export function* boundNames(
  source: Source,
  offset: number,
  length: number,
  lazy: boolean,
): Iterable<Binding> {
  if (offset === 0) return;
  const code = source.read(offset, Math.min(length, MAX_CODE));
  let library = 0;
  let name: string | undefined;
  let bound: string | undefined;
  for (let at = 0; at < code.length;) {
    const byte = code[at++]!;
    const operation = byte & 0xf0;
    const value = byte & 0x0f;
    if (operation === DONE && !lazy) return;
    if (operation === LIBRARY) library = value;
    if (operation === LIBRARY_SPECIAL) library = 0;
    if (operation === LIBRARY_LONG) {
      const number = readLeb128(code, at);
      if (!number) return;
      library = number.value;
      at = number.next;
    }
    if (operation === SYMBOL) {
      name = source.name(code, at);
      bound = undefined;
      const end = code.indexOf(0, at);
      if (end < 0) return;
      at = end + 1;
    }
    const numbers = operation === THREADED && value === 0 ? 1 : NUMBERS[operation] ?? 0;
    for (let index = 0; index < numbers; index++) {
      const number = readLeb128(code, at);
      if (!number) return;
      at = number.next;
    }
    if (!BINDS.has(operation) || !name) continue;
    // The same name is bound wherever it is used.
    const key = `${library}:${name}`;
    if (key !== bound) yield { name, library };
    bound = key;
  }
}

/** Bytes of an entry by `DYLD_CHAINED_IMPORT*` (mach-o/fixup-chains.h). */
const ENTRY_SIZES: Readonly<Record<number, number>> = { 1: 4, 2: 8, 3: 16 };

/** The names in the table of an image whose pointers are chained. */
export function* chainedNames(
  { source, littleEndian }: MachO,
  offset: number,
  length: number,
): Iterable<Binding> {
  const head = source.read(offset, Math.min(length, 28));
  if (head.length < 28) return;
  const header = fieldsOf(head, littleEndian);
  const [imports, names, count, format] = [8, 12, 16, 20].map((at) => header.u32(at)) as [
    number,
    number,
    number,
    number,
  ];
  const size = ENTRY_SIZES[format];
  if (size === undefined) return;
  if (count > MAX_TABLE) throw new Exhausted("budget");
  const bytes = source.read(offset + imports, count * size);
  const strings = source.read(offset + names, Math.max(0, Math.min(length - names, MAX_CODE)));
  const fields = fieldsOf(bytes, littleEndian);
  for (let at = 0; at + size <= bytes.length; at += size) {
    const low = fields.u32(at);
    const [library, place] = format === 3
      ? [low & 0xffff, fields.u32(at + 4)]
      : [low & 0xff, low >>> 9];
    const name = source.name(strings, place);
    if (name) yield { name, library };
  }
}
