import { fieldsOf, hex } from "./fields.ts";
import { bytesAt, DIRECTORY, type Pe, textAt } from "./pe.ts";
import { Exhausted } from "./source.ts";
import { MAX_SYMBOLS, type ProgramSymbol } from "./types.ts";

/** Libraries that are looked at at most. */
const MAX_LIBRARIES = 16_384;
/** Entries of a table that are read at once. */
const PART = 1024;

/** What a PE file takes, also when it comes to need it, and gives. */
export function* peSymbols(pe: Pe): Iterable<ProgramSymbol> {
  let left = MAX_SYMBOLS;
  for (const read of [imports, delayedImports, exports]) {
    for (const symbol of read(pe)) {
      if (left-- === 0) throw new Exhausted("budget");
      yield symbol;
    }
  }
}

/** How many libraries it asks for. */
export function peLibraryCount(pe: Pe): number {
  let count = 0;
  for (const _ of descriptors(pe, DIRECTORY.IMPORT, 20, 12)) count++;
  for (const _ of descriptors(pe, DIRECTORY.DELAY_IMPORT, 32, 4)) count++;
  return count;
}

function* imports(pe: Pe): Iterable<ProgramSymbol> {
  for (const fields of descriptors(pe, DIRECTORY.IMPORT, 20, 12)) {
    const library = textAt(pe, fields.u32(12));
    const slots = fields.u32(16);
    // What is to be looked up stands besides the slots for it, with some old linkers only in them.
    yield* libraryOf(library, functionsOf(pe, library, fields.u32(0) || slots, slots));
  }
}

function* delayedImports(pe: Pe): Iterable<ProgramSymbol> {
  for (const fields of descriptors(pe, DIRECTORY.DELAY_IMPORT, 32, 4)) {
    // Before Visual C++ 7 these were addresses of memory.
    const base = fields.u32(0) & 1 ? 0 : pe.base;
    const library = textAt(pe, fields.u32(4) - base);
    const [names, slots] = [fields.u32(16) - base, fields.u32(12) - base];
    yield* libraryOf(library, functionsOf(pe, library, names, slots, base));
  }
}

/** Functions of a library; the library alone where there are none. */
function* libraryOf(
  library: string | undefined,
  functions: Iterable<ProgramSymbol>,
): Iterable<ProgramSymbol> {
  let silent = true;
  for (const symbol of functions) {
    silent = false;
    yield symbol;
  }
  if (silent && library) yield { type: "import", library };
}

/** The entries of a directory up to the first that names no library. */
function* descriptors(pe: Pe, number: number, size: number, nameAt: number) {
  const directory = pe.directories[number];
  if (!directory || directory.address === 0) return;
  for (let index = 0;; index++) {
    const bytes = bytesAt(pe, directory.address + index * size, size);
    if (bytes.length < size) return;
    const fields = fieldsOf(bytes, true);
    if (fields.u32(nameAt) === 0) return;
    if (index === MAX_LIBRARIES) throw new Exhausted("budget");
    yield fields;
  }
}

function* functionsOf(
  pe: Pe,
  library: string | undefined,
  names: number,
  slots: number,
  base = 0,
): Iterable<ProgramSymbol> {
  const size = pe.is64 ? 8 : 4;
  const from = { type: "import", ...(library && { library }) } as const;
  for (let index = 0;; index += PART) {
    const bytes = bytesAt(pe, names + index * size, PART * size);
    const fields = fieldsOf(bytes, true);
    for (let one = 0; one < PART; one++) {
      const at = one * size;
      if (at + size > bytes.length) return;
      const high = pe.is64 ? fields.u32(at + 4) : fields.u32(at);
      const low = fields.u32(at);
      if (high === 0 && low === 0) return;
      const address = hex(slots + (index + one) * size);
      if (high & 0x8000_0000) {
        yield { ...from, ordinal: low & 0xffff, address };
        continue;
      }
      const name = textAt(pe, low - base + 2);
      // An entry that leads nowhere could not be resolved by the loader either, which goes no further.
      if (!name) return;
      yield { ...from, name, address };
    }
  }
}

function* exports(pe: Pe): Iterable<ProgramSymbol> {
  const directory = pe.directories[DIRECTORY.EXPORT];
  if (!directory || directory.address === 0) return;
  const bytes = bytesAt(pe, directory.address, 40);
  if (bytes.length < 40) return;
  const [base, functions, named, addresses, names, numbers] = [16, 20, 24, 28, 32, 36]
    .map((at) => fieldsOf(bytes, true).u32(at)) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
  const count = Math.min(functions, MAX_SYMBOLS + 1);
  const addressTable = fieldsOf(bytesAt(pe, addresses, 4 * count), true);
  const nameTable = fieldsOf(bytesAt(pe, names, 4 * Math.min(named, MAX_SYMBOLS + 1)), true);
  const numberTable = fieldsOf(bytesAt(pe, numbers, 2 * Math.min(named, MAX_SYMBOLS + 1)), true);
  const unnamed = new Set<number>();
  for (let index = 0; 4 * index + 4 <= addressTable.length; index++) {
    if (addressTable.u32(4 * index) !== 0) unnamed.add(index);
  }
  const described = function* (index: number, name?: string): Iterable<ProgramSymbol> {
    if (4 * index + 4 > addressTable.length) return;
    const address = addressTable.u32(4 * index);
    // An address within the directory is that of a text: another library's function.
    const within = address - directory.address;
    const forwarder = within >= 0 && within < directory.size ? textAt(pe, address) : undefined;
    const library = forwarder?.replace(/\.[^.]*$/, "");
    yield {
      type: "export",
      ...(name !== undefined && { name }),
      ordinal: base + index,
      ...(library ? { library } : { address: hex(address) }),
    };
  };
  for (let at = 0; 4 * at + 4 <= nameTable.length && 2 * at + 2 <= numberTable.length; at++) {
    const index = numberTable.u16(2 * at);
    const name = textAt(pe, nameTable.u32(4 * at));
    if (!name) continue;
    unnamed.delete(index);
    yield* described(index, name);
  }
  for (const index of unnamed) yield* described(index);
  if (Math.max(functions, named) > MAX_SYMBOLS) throw new Exhausted("budget");
}
