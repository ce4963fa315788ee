import { fieldsOf, hex } from "./fields.ts";
import { LC, librariesOf, type MachO } from "./macho.ts";
import { exportTrie } from "./macho_trie.ts";
import { type Binding, boundNames, chainedNames } from "./macho_bindings.ts";
import { Exhausted, namesOf } from "./source.ts";
import { MAX_SYMBOLS, MAX_TABLE, type ProgramSymbol } from "./types.ts";

/** Bits of `n_type`, and the flag of the header that symbols name their library. */
const STAB = 0xe0, TYPE = 0x0e, EXTERNAL = 0x01, UNDEFINED = 0x00, PRIVATE = 0x10;
const TWO_LEVELS = 0x80;
/** Symbols that are read at once. */
const PART = 4096;

/**
 * What the images of a file take and give, each once. Taken is what the loader is told to bind, in either of its two
 * ways, and what the table of symbols lacks; given is what the loader finds, or without that the table of symbols.
 */
export function* machoSymbols(images: readonly MachO[]): Iterable<ProgramSymbol> {
  const told = new Set<string>();
  const isNew = (...parts: readonly (string | undefined)[]) => {
    const key = parts.join("\0");
    if (told.has(key)) return false;
    if (told.size === MAX_SYMBOLS) throw new Exhausted("budget");
    told.add(key);
    return true;
  };
  for (const image of images) {
    const libraries = librariesOf(image);
    const silent = new Set(libraries);
    const bound = new Set<string>();
    for (const { name, library: number } of bindings(image)) {
      const library = libraries[number - 1] || undefined;
      if (library !== undefined) silent.delete(library);
      // The table of symbols knows the library of a name less well than who binds it.
      if (library === undefined && bound.has(name)) continue;
      bound.add(name);
      if (isNew("import", library, name)) {
        yield { type: "import", name: plain(name), ...(library !== undefined && { library }) };
      }
    }
    for (const library of silent) {
      if (library && isNew("library", library)) yield { type: "import", library };
    }
    for (const { name, address, library: number } of given(image)) {
      const library = number && libraries[number - 1] || undefined;
      if (!isNew("export", name)) continue;
      yield {
        type: "export",
        name: plain(name),
        ...(address !== undefined && { address: hex(address) }),
        ...(library !== undefined && { library }),
      };
    }
  }
}

/** How many entries the table of symbols has. */
export function machoSymbolCount({ commands, source, is64 }: MachO): number {
  const table = commands.find(({ type }) => type === LC.SYMTAB);
  return table ? Math.min(table.fields.u32(12), Math.floor(source.size / (is64 ? 16 : 12))) : 0;
}

/** The name as C has it: compilers put a line before it. */
function plain(name: string): string {
  return name.length > 1 && name.startsWith("_") ? name.slice(1) : name;
}

function* bindings(image: MachO): Iterable<Binding> {
  for (const { type, fields } of image.commands) {
    if (type === LC.CHAINED_FIXUPS) yield* chainedNames(image, fields.u32(8), fields.u32(12));
    if (type !== LC.DYLD_INFO) continue;
    for (const at of [16, 24, 32]) {
      yield* boundNames(image.source, fields.u32(at), fields.u32(at + 4), at === 32);
    }
  }
  for (const symbol of tableOf(image)) {
    if (symbol.undefined && symbol.address === 0) yield symbol;
  }
}

interface Given {
  readonly name: string;
  readonly address?: number;
  readonly library?: number;
}

function* given(image: MachO): Iterable<Given> {
  const found = image.commands.find(({ type }) => type === LC.EXPORTS_TRIE);
  const info = image.commands.find(({ type }) => type === LC.DYLD_INFO);
  if (found) yield* exportTrie(image.source, found.fields.u32(8), found.fields.u32(12));
  else if (info) yield* exportTrie(image.source, info.fields.u32(40), info.fields.u32(44));
  else {
    for (const symbol of tableOf(image)) {
      if (!symbol.undefined) yield { name: symbol.name, address: symbol.address - image.base };
    }
  }
}

interface TableSymbol extends Binding {
  readonly undefined: boolean;
  readonly address: number;
}

/** The symbols that other files can see (mach-o/nlist.h). */
function* tableOf(image: MachO): Iterable<TableSymbol> {
  const table = image.commands.find(({ type }) => type === LC.SYMTAB);
  if (!table) return;
  const { source, is64, littleEndian, flags } = image;
  const [offset, count, strings, length] = [8, 12, 16, 20].map((at) => table.fields.u32(at)) as [
    number,
    number,
    number,
    number,
  ];
  const nameAt = namesOf(source, strings, length);
  const size = is64 ? 16 : 12;
  for (let start = 0; start < count; start += PART) {
    if (start > MAX_TABLE) throw new Exhausted("budget");
    const bytes = source.read(offset + start * size, Math.min(PART, count - start) * size);
    const fields = fieldsOf(bytes, littleEndian);
    for (let at = 0; at + size <= bytes.length; at += size) {
      const type = fields.u8(at + 4);
      if (type & (STAB | PRIVATE) || !(type & EXTERNAL)) continue;
      const name = nameAt(fields.u32(at));
      if (!name) continue;
      yield {
        name,
        undefined: (type & TYPE) === UNDEFINED,
        library: flags & TWO_LEVELS ? fields.u16(at + 6) >> 8 : 0,
        address: is64 ? fields.u64(at + 8) : fields.u32(at + 8),
      };
    }
    if (bytes.length < size) return;
  }
}
