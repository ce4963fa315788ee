import { type Fields, fieldsOf } from "./fields.ts";
import { decodeText, type Source } from "./source.ts";

/** A part of an image that is mapped. */
export interface MachSection {
  /** Names of section and segment. */
  readonly name: string;
  /** The segment. */
  readonly segment: string;
  /** Where it stands in memory. */
  readonly address: number;
  /** Where it stands in the image. */
  readonly offset: number;
  /** Its length. */
  readonly size: number;
}

/** A load command. */
export interface Command {
  /** `LC_*`, without the bit that says that the loader has to know it. */
  readonly type: number;
  /** Its fields, from the beginning of the command. */
  readonly fields: Fields;
  /** Its bytes. */
  readonly bytes: Uint8Array;
}

/** An image for one processor: a file, or a part of a fat one (mach-o/loader.h). */
export interface MachO {
  /** Its bytes, from its own beginning. */
  readonly source: Source;
  /** Where it begins in the file. */
  readonly start: number;
  /** Whether it is of the 64-bit kind. */
  readonly is64: boolean;
  /** Whether its least significant bytes come first. */
  readonly littleEndian: boolean;
  /** `CPU_TYPE_*`. */
  readonly cpu: number;
  /** Flags of the header. */
  readonly flags: number;
  /** Its load commands. */
  readonly commands: readonly Command[];
  /** Its sections. */
  readonly sections: readonly MachSection[];
  /** Where its first segment with the header stands in memory. */
  readonly base: number;
}

/** `LC_*`: types of load commands. */
export const LC = {
  SEGMENT: 0x1,
  SYMTAB: 0x2,
  LOAD_DYLIB: 0xc,
  LOAD_WEAK_DYLIB: 0x18,
  SEGMENT_64: 0x19,
  CODE_SIGNATURE: 0x1d,
  REEXPORT_DYLIB: 0x1f,
  LAZY_LOAD_DYLIB: 0x20,
  DYLD_INFO: 0x22,
  LOAD_UPWARD_DYLIB: 0x23,
  VERSION_MIN_MACOSX: 0x24,
  BUILD_VERSION: 0x32,
  EXPORTS_TRIE: 0x33,
  CHAINED_FIXUPS: 0x34,
} as const;

/** Images of a fat file that are looked at. */
const MAX_IMAGES = 32;
/** Load commands, and bytes of them, that are looked at. */
const MAX_COMMANDS = 16_384;
const MAX_COMMAND_BYTES = 16 * 2 ** 20;

/** The images of a file: one, or those of a fat file; `undefined` where it is none. */
export function parseMachO(source: Source): readonly MachO[] | undefined {
  const head = source.read(0, 8);
  if (head.length < 8) return undefined;
  const fields = fieldsOf(head, false);
  const magic = fields.u32(0);
  if (magic === 0xcafe_babe || magic === 0xcafe_babf) {
    const count = fields.u32(4);
    // A class of Java begins with the same number, and has its version there, which is 45 or more.
    return count > 0 && count <= MAX_IMAGES
      ? readFat(source, count, magic === 0xcafe_babf)
      : undefined;
  }
  const image = parseImage(source);
  return image && [image];
}

function readFat(source: Source, count: number, wide: boolean): MachO[] {
  const size = wide ? 32 : 20;
  const bytes = source.read(8, count * size);
  const fields = fieldsOf(bytes, false);
  const images: MachO[] = [];
  for (let at = 0; at + size <= bytes.length; at += size) {
    const offset = wide ? fields.u64(at + 8) : fields.u32(at + 8);
    const length = wide ? fields.u64(at + 16) : fields.u32(at + 12);
    const image = parseImage(part(source, offset, length), offset);
    if (image) images.push(image);
  }
  return images;
}

/** A part of a file as if it were one. */
function part(source: Source, start: number, length: number): Source {
  const size = Math.max(0, Math.min(length, source.size - start));
  return {
    size,
    read: (offset, wanted) =>
      offset >= 0 && offset < size
        ? source.read(start + offset, Math.min(wanted, size - offset))
        : new Uint8Array(),
    text: (offset) => offset >= 0 && offset < size ? source.text(start + offset) : undefined,
    name: source.name,
  };
}

function parseImage(source: Source, start = 0): MachO | undefined {
  const head = source.read(0, 32);
  if (head.length < 28) return undefined;
  const magic = fieldsOf(head, true).u32(0);
  const littleEndian = magic === 0xfeed_face || magic === 0xfeed_facf;
  const is64 = magic === 0xfeed_facf || magic === 0xcffa_edfe;
  if (!littleEndian && magic !== 0xcefa_edfe && magic !== 0xcffa_edfe) return undefined;
  const header = fieldsOf(head, littleEndian);
  const commands = readCommands(source, is64 ? 32 : 28, header, littleEndian);
  const segments = commands.filter(({ type }) => type === LC.SEGMENT || type === LC.SEGMENT_64);
  const text = segments.find(({ bytes }) => nameOf(bytes, 8) === "__TEXT");
  return {
    source,
    start,
    is64,
    littleEndian,
    cpu: header.u32(4),
    flags: header.u32(24),
    commands,
    sections: segments.flatMap(readSections),
    base: !text ? 0 : text.type === LC.SEGMENT_64 ? text.fields.u64(24) : text.fields.u32(24),
  };
}

function readCommands(
  source: Source,
  start: number,
  header: Fields,
  littleEndian: boolean,
): Command[] {
  const bytes = source.read(start, Math.min(header.u32(20), MAX_COMMAND_BYTES));
  const all = fieldsOf(bytes, littleEndian);
  const count = Math.min(header.u32(16), MAX_COMMANDS);
  const commands: Command[] = [];
  for (let at = 0; commands.length < count && at + 8 <= bytes.length;) {
    const size = all.u32(at + 4);
    if (size < 8 || at + size > bytes.length) break;
    const own = bytes.subarray(at, at + size);
    const type = all.u32(at) & 0x7fff_ffff;
    if (size >= (SMALLEST[type] ?? 8)) {
      commands.push({ type, fields: fieldsOf(own, littleEndian), bytes: own });
    }
    at += size;
  }
  return commands;
}

/** Bytes that a command has at least; shorter ones are none. */
const SMALLEST: Readonly<Record<number, number>> = {
  [LC.SEGMENT]: 56,
  [LC.SYMTAB]: 24,
  [LC.LOAD_DYLIB]: 24,
  [LC.LOAD_WEAK_DYLIB]: 24,
  [LC.SEGMENT_64]: 72,
  [LC.CODE_SIGNATURE]: 16,
  [LC.REEXPORT_DYLIB]: 24,
  [LC.LAZY_LOAD_DYLIB]: 24,
  [LC.DYLD_INFO]: 48,
  [LC.LOAD_UPWARD_DYLIB]: 24,
  [LC.VERSION_MIN_MACOSX]: 16,
  [LC.BUILD_VERSION]: 24,
  [LC.EXPORTS_TRIE]: 16,
  [LC.CHAINED_FIXUPS]: 16,
};

function readSections({ type, fields, bytes }: Command): MachSection[] {
  const wide = type === LC.SEGMENT_64;
  const [start, size] = wide ? [72, 80] : [56, 68];
  const word = (at: number) => wide ? fields.u64(at) : fields.u32(at);
  const sections: MachSection[] = [];
  for (let at = start; at + size <= bytes.length; at += size) {
    sections.push({
      name: nameOf(bytes, at),
      segment: nameOf(bytes, at + 16),
      address: word(at + 32),
      size: word(at + (wide ? 40 : 36)),
      offset: fields.u32(at + (wide ? 48 : 40)),
    });
  }
  return sections;
}

/** A name of 16 bytes. */
function nameOf(bytes: Uint8Array, at: number): string {
  return decodeText(bytes.subarray(at, at + 16)).replace(/\0.*$/s, "");
}

/** The names of the libraries that an image asks for, in the order in which its symbols count them. */
export function librariesOf({ commands }: MachO): string[] {
  return commands.filter(({ type }) => LIBRARY_COMMANDS.has(type)).map(({ fields, bytes }) => {
    const name = decodeText(bytes.subarray(fields.u32(8)));
    return name.replace(/\0.*$/s, "");
  });
}

const LIBRARY_COMMANDS: ReadonlySet<number> = new Set([
  LC.LOAD_DYLIB,
  LC.LOAD_WEAK_DYLIB,
  LC.REEXPORT_DYLIB,
  LC.LAZY_LOAD_DYLIB,
  LC.LOAD_UPWARD_DYLIB,
]);
