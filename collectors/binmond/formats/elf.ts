import { type Fields, fieldsOf } from "./fields.ts";
import { Exhausted, namesOf, type Source } from "./source.ts";

/** A part of the file that the loader maps, or that tells it something. */
export interface Segment {
  /** `PT_*`. */
  readonly type: number;
  /** `PF_*`. */
  readonly flags: number;
  /** Where it stands in the file. */
  readonly offset: number;
  /** Where it stands in memory. */
  readonly address: number;
  /** Bytes that it has in the file. */
  readonly size: number;
}

/** A part of the file as linkers and debuggers see it. Loaders do not look at sections, so they may say anything. */
export interface Section {
  /** Its name. */
  readonly name: string;
  /** `SHT_*`. */
  readonly type: number;
  /** `SHF_*`. */
  readonly flags: number;
  /** Where it stands in memory. */
  readonly address: number;
  /** Where it stands in the file. */
  readonly offset: number;
  /** Its length. */
  readonly size: number;
  /** Number of another section. */
  readonly link: number;
}

/** An ELF file (https://refspecs.linuxfoundation.org/elf/gabi4+/contents.html), with its tables read when asked for. */
export interface Elf {
  /** Its bytes. */
  readonly source: Source;
  /** Whether it is of the 64-bit class. */
  readonly is64: boolean;
  /** Whether its least significant bytes come first. */
  readonly littleEndian: boolean;
  /** `ELFOSABI_*`. */
  readonly abi: number;
  /** `ET_*`; absent where the header ends before it. */
  readonly type?: number;
  /** `EM_*`; absent where the header ends before it. */
  readonly machine?: number;
  /** Its segments. */
  segments(): readonly Segment[];
  /** Its sections, but the first, which is none. */
  sections(): readonly Section[];
  /** Numbers in some of its bytes. */
  fields(bytes: Uint8Array): Fields;
}

/** `PT_*`: types of segments. */
export const PT = { LOAD: 1, DYNAMIC: 2, INTERP: 3, NOTE: 4 } as const;
/** `SHT_*`: types of sections. */
export const SHT = { SYMTAB: 2, STRTAB: 3, NOTE: 7, NOBITS: 8, DYNSYM: 11 } as const;
/** `PF_X` and `SHF_EXECINSTR`: what is run. */
export const EXECUTABLE = { segment: 1, section: 4 } as const;

/** Segments at most; Linux loads no file with more than 1,170. */
const MAX_SEGMENTS = 2048;
/** Sections at most: files that are not yet linked can have one for each function. */
const MAX_SECTIONS = 65_536;

/** Reads the header; `undefined` where it names no class and no byte order. */
export function parseElf(source: Source): Elf | undefined {
  const head = source.read(0, 64);
  const [kind, order] = [head[4], head[5]];
  if ((kind !== 1 && kind !== 2) || (order !== 1 && order !== 2)) return undefined;
  const is64 = kind === 2;
  const littleEndian = order === 1;
  const fields = (bytes: Uint8Array) => fieldsOf(bytes, littleEndian);
  const header = fields(head);
  const whole = head.length >= (is64 ? 64 : 52);
  const table = whole ? readTables(source, header, is64, fields) : undefined;
  let segments: readonly Segment[] | undefined;
  let sections: readonly Section[] | undefined;
  return {
    source,
    is64,
    littleEndian,
    abi: head[7] ?? 0,
    ...(head.length >= 20 && { type: header.u16(16), machine: header.u16(18) }),
    segments: () => segments ??= table?.segments() ?? [],
    sections: () => sections ??= table?.sections() ?? [],
    fields,
  };
}

function readTables(
  source: Source,
  header: Fields,
  is64: boolean,
  fieldsOf: (bytes: Uint8Array) => Fields,
) {
  const at = is64
    ? { phoff: 32, shoff: 40, phentsize: 54, shstrndx: 62 }
    : { phoff: 28, shoff: 32, phentsize: 42, shstrndx: 50 };
  const word = (fields: Fields, place: number) => is64 ? fields.u64(place) : fields.u32(place);
  const phoff = word(header, at.phoff);
  const shoff = word(header, at.shoff);
  const [phentsize, phnum, shentsize, shnum, shstrndx] = [0, 2, 4, 6, 8]
    .map((place) => header.u16(at.phentsize + place)) as [number, number, number, number, number];
  const sizes = is64 ? { segment: 56, section: 64 } : { segment: 32, section: 40 };

  /** Calls for each entry of a table that lies within the file. */
  const entries = <T>(
    { offset, count, stride, size, limit }: Record<
      "offset" | "count" | "stride" | "size" | "limit",
      number
    >,
    read: (fields: Fields, at: number) => T,
  ): T[] => {
    if (stride < size || offset === 0) return [];
    const fitting = Math.min(count, Math.max(0, Math.ceil((source.size - offset) / stride)));
    if (fitting > limit) throw new Exhausted("budget");
    const fields = fieldsOf(source.read(offset, fitting * stride));
    const found: T[] = [];
    for (let start = 0; start + size <= fields.length; start += stride) {
      found.push(read(fields, start));
    }
    return found;
  };
  const readSection = (fields: Fields, start: number) => ({
    name: fields.u32(start),
    type: fields.u32(start + 4),
    flags: word(fields, start + 8),
    address: word(fields, start + (is64 ? 16 : 12)),
    offset: word(fields, start + (is64 ? 24 : 16)),
    size: word(fields, start + (is64 ? 32 : 20)),
    link: fields.u32(start + (is64 ? 40 : 24)),
    info: fields.u32(start + (is64 ? 44 : 28)),
  });
  const sectionTable = {
    offset: shoff,
    stride: shentsize,
    size: sizes.section,
    limit: MAX_SECTIONS,
  };
  // Counts that do not fit into the header stand in the section that is none.
  const first = () => entries({ ...sectionTable, count: 1 }, readSection)[0];

  return {
    segments: (): Segment[] =>
      entries(
        {
          offset: phoff,
          count: phnum === 0xffff ? first()?.info ?? 0 : phnum,
          stride: phentsize,
          size: sizes.segment,
          limit: MAX_SEGMENTS,
        },
        (fields, start) => ({
          type: fields.u32(start),
          flags: fields.u32(start + (is64 ? 4 : 24)),
          offset: word(fields, start + (is64 ? 8 : 4)),
          address: word(fields, start + (is64 ? 16 : 8)),
          size: word(fields, start + (is64 ? 32 : 16)),
        }),
      ),
    sections: (): Section[] => {
      const count = shnum || (first()?.size ?? 0);
      const found = entries({ ...sectionTable, count }, readSection);
      const strings = found[shstrndx === 0xffff ? found[0]?.link ?? 0 : shstrndx];
      const names = strings && namesOf(source, strings.offset, strings.size);
      return found.slice(1).map((section) => ({
        ...section,
        name: names?.(section.name) ?? "",
      }));
    },
  };
}

/** Bytes of a page of memory: loaders map whole ones. */
const PAGE = 4096;

/**
 * Where an address of memory stands in the file, and how many bytes of its segment follow; `undefined` for none. Of
 * segments that lie over each other the last is the one that is seen.
 */
export function placeOf(
  elf: Elf,
  address: number,
): { readonly offset: number; readonly length: number } | undefined {
  const find = (page: number) => {
    const segment = elf.segments().findLast((one) => {
      const start = one.address - one.address % page;
      const end = page * Math.ceil((one.address + one.size) / page);
      return one.type === PT.LOAD && address >= start && address < end;
    });
    if (!segment) return undefined;
    const end = page * Math.ceil((segment.address + segment.size) / page);
    return { offset: segment.offset + address - segment.address, length: end - address };
  };
  return find(1) ?? find(PAGE);
}

/** The bytes of a section; none where the file has no such section, or it has none in the file. */
export function sectionBytes(elf: Elf, name: string, limit: number): Uint8Array {
  const section = elf.sections().find((one) => one.name === name && one.type !== SHT.NOBITS);
  return section
    ? elf.source.read(section.offset, Math.min(section.size, limit))
    : new Uint8Array();
}
