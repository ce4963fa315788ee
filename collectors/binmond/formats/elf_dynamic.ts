import { type Elf, placeOf, PT } from "./elf.ts";
import { namesOf } from "./source.ts";
import { MAX_TABLE } from "./types.ts";

/** `DT_*`: tags of what the loader is told. */
const DT = {
  NEEDED: 1,
  PLTRELSZ: 2,
  HASH: 4,
  STRTAB: 5,
  SYMTAB: 6,
  RELA: 7,
  RELASZ: 8,
  STRSZ: 10,
  REL: 17,
  RELSZ: 18,
  PLTREL: 20,
  JMPREL: 23,
  MIPS_SYMTABNO: 0x7000_0011,
  GNU_HASH: 0x6fff_fef5,
  VERSYM: 0x6fff_fff0,
  VERNEED: 0x6fff_fffe,
} as const;

/** What a file tells the loader. */
export interface Dynamic {
  /** The libraries that it asks for. */
  readonly needed: readonly string[];
  /** Its names, by their place in the table of names. */
  readonly name: (at: number) => string | undefined;
  /** Where its symbols stand in the file. */
  readonly symbols: number;
  /** How many symbols there are, as far as anything in the file uses one. */
  readonly count: number;
  /** The bytes of the version of each symbol, two each. */
  readonly versions: Uint8Array;
  /** The library of each version that is needed. */
  readonly libraries: ReadonlyMap<number, string>;
}

/** Libraries, and versions of them, that are looked at at most. */
const MAX_LIBRARIES = 65_536;
/** Relocations that are read at once. */
const RELOCATIONS = 16_384;

/**
 * Reads what the loader reads: the dynamic segment, not the sections, which a file can do without. The segment does not
 * say how many symbols there are; that is told by the hash tables, by the relocations, and by the section where it is
 * at the place that the loader looks at.
 */
export function readDynamic(elf: Elf): Dynamic | undefined {
  const { source, is64 } = elf;
  const segment = elf.segments().findLast(({ type }) => type === PT.DYNAMIC);
  if (!segment) return undefined;
  // Loaders look at its address, and for its end.
  const { offset, length } = placeOf(elf, segment.address) ??
    { offset: segment.offset, length: segment.size };
  const word = is64 ? 8 : 4;
  const entries = elf.fields(
    source.read(offset, Math.min(length, MAX_LIBRARIES * 2 * word)),
  );
  const read = (at: number) => is64 ? entries.u64(at) : entries.u32(at);
  const tags = new Map<number, number>();
  const neededAt: number[] = [];
  for (let at = 0; at + 2 * word <= entries.length; at += 2 * word) {
    const tag = read(at);
    if (tag === 0) break;
    if (tag === DT.NEEDED) neededAt.push(read(at + word));
    else tags.set(tag, read(at + word));
  }

  const place = (tag: number) => {
    const address = tags.get(tag);
    return address === undefined ? undefined : placeOf(elf, address);
  };
  const bytes = (tag: number, length: number) => {
    const found = place(tag);
    return found ? source.read(found.offset, Math.min(length, found.length)) : new Uint8Array();
  };
  const strings = place(DT.STRTAB);
  const size = Math.min(tags.get(DT.STRSZ) ?? 0, strings?.length ?? 0);
  const name = strings ? namesOf(source, strings.offset, size) : () => undefined;
  const symbols = place(DT.SYMTAB);
  const entry = is64 ? 24 : 16;
  const fitting = symbols ? Math.floor((source.size - symbols.offset) / entry) : 0;
  const count = Math.min(
    fitting,
    Math.max(
      hashedCount(elf, bytes(DT.HASH, 8)),
      gnuHashedCount(elf, place(DT.GNU_HASH)),
      tags.get(DT.MIPS_SYMTABNO) ?? 0,
      relocatedCount(elf, place(DT.RELA), tags.get(DT.RELASZ) ?? 0, true),
      relocatedCount(elf, place(DT.REL), tags.get(DT.RELSZ) ?? 0, false),
      relocatedCount(
        elf,
        place(DT.JMPREL),
        tags.get(DT.PLTRELSZ) ?? 0,
        tags.get(DT.PLTREL) === DT.RELA,
      ),
      sectionCount(elf, tags.get(DT.SYMTAB), entry),
    ),
  );
  return {
    needed: neededAt.map((at) => name(at) ?? "").filter(Boolean),
    name,
    symbols: symbols?.offset ?? 0,
    count,
    versions: bytes(DT.VERSYM, 2 * Math.min(count, MAX_TABLE)),
    libraries: readVersions(elf, place(DT.VERNEED), name),
  };
}

/** `nchain` of a hash table of the System V ABI is the number of symbols. */
function hashedCount(elf: Elf, head: Uint8Array): number {
  return head.length === 8 ? elf.fields(head).u32(4) : 0;
}

/**
 * A GNU hash table (https://flapenguin.me/elf-dt-gnu-hash) holds the symbols from some number on, in chains that end with
 * a set lowest bit: the last chain's end is the last symbol.
 */
function gnuHashedCount(elf: Elf, place: ReturnType<typeof placeOf>): number {
  if (!place) return 0;
  const { source, is64 } = elf;
  const head = source.read(place.offset, 16);
  if (head.length < 16) return 0;
  const [buckets, first, blooms] = [0, 4, 8].map((at) => elf.fields(head).u32(at)) as [
    number,
    number,
    number,
  ];
  const start = place.offset + 16 + blooms * (is64 ? 8 : 4);
  const table = elf.fields(source.read(start, 4 * Math.min(buckets, MAX_TABLE)));
  let last = 0;
  for (let at = 0; at + 4 <= table.length; at += 4) last = Math.max(last, table.u32(at));
  if (last < first) return 0;
  const chains = start + 4 * buckets;
  for (let end = last; end - last < MAX_TABLE;) {
    const part = elf.fields(source.read(chains + 4 * (end - first), 4096));
    if (part.length < 4) return end;
    for (let at = 0; at + 4 <= part.length; at += 4) {
      end++;
      if (part.u32(at) & 1) return end;
    }
  }
  return last + MAX_TABLE;
}

/** The highest symbol that a table of relocations speaks of, and one. */
function relocatedCount(
  elf: Elf,
  place: ReturnType<typeof placeOf>,
  size: number,
  addends: boolean,
): number {
  if (!place) return 0;
  const word = elf.is64 ? 8 : 4;
  const entry = (addends ? 3 : 2) * word;
  // MIPS has its own order of these 8 bytes, and tells the number of symbols besides.
  const high = elf.littleEndian ? 4 : 0;
  const end = place.offset + Math.min(size, place.length);
  const part = entry * RELOCATIONS;
  let count = 0;
  for (let start = place.offset; start < end; start += part) {
    const fields = elf.fields(elf.source.read(start, Math.min(part, end - start)));
    for (let at = 0; at + entry <= fields.length; at += entry) {
      const symbol = elf.is64 ? fields.u32(at + word + high) : fields.u32(at + word) >>> 8;
      if (symbol >= count) count = symbol + 1;
    }
  }
  return count;
}

/** How many symbols there are by the section that lies where the loader finds them. */
function sectionCount(elf: Elf, address: number | undefined, entry: number): number {
  const section = elf.sections().find((one) => one.address === address && one.address !== 0);
  return section ? Math.floor(section.size / entry) : 0;
}

/**
 * The library of each version by its number: `Elfxx_Verneed`, each with its chain of `Elfxx_Vernaux`. Loaders follow the
 * chains and do not look at the numbers of their links.
 */
function readVersions(
  elf: Elf,
  place: ReturnType<typeof placeOf>,
  name: Dynamic["name"],
): ReadonlyMap<number, string> {
  const { source } = elf;
  const libraries = new Map<number, string>();
  let left = MAX_LIBRARIES;
  for (let offset = place?.offset; offset !== undefined && left-- > 0;) {
    const bytes = source.read(offset, 16);
    if (bytes.length < 16) break;
    const need = elf.fields(bytes);
    const library = name(need.u32(4));
    for (let at = offset + need.u32(8); left-- > 0;) {
      const entry = source.read(at, 16);
      if (entry.length < 16) break;
      const version = elf.fields(entry);
      if (library) libraries.set(version.u16(6) & 0x7fff, library);
      if (version.u32(12) === 0) break;
      at += version.u32(12);
    }
    offset = need.u32(12) === 0 ? undefined : offset + need.u32(12);
  }
  return libraries;
}
