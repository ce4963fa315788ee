import { type Elf, EXECUTABLE, PT, SHT } from "./elf.ts";
import { type Dynamic, readDynamic } from "./elf_dynamic.ts";
import { Exhausted, namesOf } from "./source.ts";
import { MAX_SYMBOLS, MAX_TABLE, type ProgramSymbol } from "./types.ts";

/** `STT_*`, `STB_*`, `STV_*` and `SHN_*` that matter here. */
const FUNCTION = 2, SECTION = 3, FILE = 4, INDIRECT = 10;
const LOCAL = 0;
const INTERNAL = 1, HIDDEN = 2;
const UNDEFINED = 0;
/** The kind of file that is not yet linked, as kernel modules are. */
const RELOCATABLE = 1;
/** In the version of a symbol: another version of it is meant where none is named. */
const OLD_VERSION = 0x8000;
/** Symbols that are read at once. */
const PART = 4096;

interface RawSymbol {
  readonly index: number;
  readonly name: string;
  readonly type: number;
  readonly section: number;
  readonly value: string;
  readonly address: number;
}

/**
 * What a file takes and gives, as the loader sees it; of what is not yet linked, as the linker does. Taken is every
 * undefined symbol: a loader does not ask whether it is a function. Given are functions, and whatever else is called so
 * but lies where code lies.
 */
export function* elfSymbols(elf: Elf): Iterable<ProgramSymbol> {
  const dynamic = readDynamic(elf);
  if (dynamic) yield* linkedSymbols(elf, dynamic);
  else if (elf.type === RELOCATABLE) yield* unlinkedSymbols(elf);
}

function* linkedSymbols(elf: Elf, dynamic: Dynamic): Iterable<ProgramSymbol> {
  const versions = elf.fields(dynamic.versions);
  const silent = new Set(dynamic.needed);
  const [only] = dynamic.needed.length === 1 ? dynamic.needed : [];
  const exported = new Map<string, ProgramSymbol>();
  const imported = new Set<string>();
  const isCode = codeOf(elf);
  for (const symbol of readSymbols(elf, dynamic.symbols, dynamic.count, dynamic.name)) {
    const { index, name, section, value } = symbol;
    const version = 2 * index + 2 <= versions.length ? versions.u16(2 * index) : 1;
    if (section === UNDEFINED) {
      const library = dynamic.libraries.get(version & ~OLD_VERSION) ?? only;
      const key = `${library}\0${name}`;
      if (imported.has(key)) continue;
      imported.add(key);
      if (library !== undefined) silent.delete(library);
      yield {
        type: "import",
        name,
        ...(library !== undefined && { library }),
        ...(symbol.address !== 0 && { address: value }),
      };
    } else if (isFunction(symbol) || isCode(symbol.address)) {
      if (version & OLD_VERSION && exported.has(name)) continue;
      exported.set(name, { type: "export", name, address: value });
    }
    if (imported.size + exported.size > MAX_SYMBOLS) throw new Exhausted("budget");
  }
  for (const library of silent) yield { type: "import", library };
  yield* exported.values();
}

function* unlinkedSymbols(elf: Elf): Iterable<ProgramSymbol> {
  const sections = elf.sections();
  const table = sections.find(({ type }) => type === SHT.SYMTAB);
  if (!table) return;
  // Sections count from 1: the first one, which is none, is not among them.
  const names = sections[table.link - 1];
  const nameAt = names ? namesOf(elf.source, names.offset, names.size) : () => undefined;
  const count = Math.floor(table.size / (elf.is64 ? 24 : 16));
  const told = new Set<string>();
  for (const symbol of readSymbols(elf, table.offset, count, nameAt)) {
    const { name, section, value } = symbol;
    const code = isFunction(symbol) ||
      ((sections[section - 1]?.flags ?? 0) & EXECUTABLE.section) !== 0;
    if (told.has(name) || section !== UNDEFINED && !code) continue;
    told.add(name);
    if (told.size > MAX_SYMBOLS) throw new Exhausted("budget");
    yield section === UNDEFINED
      ? { type: "import", name }
      : { type: "export", name, address: value };
  }
}

/** The symbols that other files can see, with the names that they have. */
function* readSymbols(
  elf: Elf,
  offset: number,
  count: number,
  nameAt: Dynamic["name"],
): Iterable<RawSymbol> {
  const size = elf.is64 ? 24 : 16;
  const at = elf.is64
    ? { info: 4, other: 5, section: 6, value: 8 }
    : { info: 12, other: 13, section: 14, value: 4 };
  for (let start = 1; start < count; start += PART) {
    if (start > MAX_TABLE) throw new Exhausted("budget");
    const fields = elf.fields(
      elf.source.read(offset + start * size, Math.min(PART, count - start) * size),
    );
    for (let one = 0; (one + 1) * size <= fields.length; one++) {
      const base = one * size;
      const info = fields.u8(base + at.info);
      const type = info & 0xf;
      const visibility = fields.u8(base + at.other) & 3;
      const section = fields.u16(base + at.section);
      if (info >> 4 === LOCAL || type === SECTION || type === FILE) continue;
      if (section !== UNDEFINED && (visibility === INTERNAL || visibility === HIDDEN)) continue;
      const name = nameAt(fields.u32(base));
      if (!name) continue;
      yield {
        index: start + one,
        name,
        type,
        section,
        address: elf.is64 ? fields.u64(base + at.value) : fields.u32(base + at.value),
        value: elf.is64
          ? fields.hex64(base + at.value)
          : `0x${fields.u32(base + at.value).toString(16)}`,
      };
    }
    if (fields.length < size) return;
  }
}

function isFunction({ type }: RawSymbol): boolean {
  return type === FUNCTION || type === INDIRECT;
}

/** Tells whether code lies at an address. */
function codeOf(elf: Elf): (address: number) => boolean {
  const code = elf.segments().filter(({ type, flags }) =>
    type === PT.LOAD && (flags & EXECUTABLE.segment) !== 0
  );
  return (at) => code.some(({ address, size }) => at >= address && at - address < size);
}

/** How many entries the file's tables of symbols have. */
export function elfSymbolCount(elf: Elf, dynamic: Dynamic | undefined): number {
  const entry = elf.is64 ? 24 : 16;
  return elf.sections().filter(({ type }) => type === SHT.SYMTAB)
    .reduce((sum, { size }) => sum + Math.floor(Math.min(size, elf.source.size) / entry), 0) +
    (dynamic?.count ?? 0);
}
